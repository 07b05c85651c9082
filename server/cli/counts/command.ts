// The names, options and help of `evenstock counts`.
import { Command, Option } from 'commander';
import { LINE_STATUSES } from '../../../domain/count/machine.ts';
import { onServer } from '../on-server.ts';

export function countsCommand(): Command {
  const counts = new Command('counts').description('Stocktakes of a running server (see docs/counts.md)');
  onServer(counts.command('show'))
    .description('How far a stocktake has come')
    .argument('<stocktake>')
    .action(async (id, options) => (await import('./show.ts')).showStocktake(id, options));
  onServer(counts.command('upload'))
    .description('Send counted lines from CSV or NDJSON: sku, quantity, countedAt, and if known device and reason')
    .argument('<stocktake>')
    .argument('<file>')
    .action(async (id, file, options) => (await import('./upload.ts')).uploadCounts(id, file, options));
  onServer(counts.command('report'))
    .description('Print every line with its variance as of today')
    .argument('<stocktake>')
    .addOption(new Option('--status <status>', 'only those').choices(LINE_STATUSES))
    .addOption(new Option('--format <format>').choices(['csv', 'json']).default('csv'))
    .action(async (id, options) => (await import('./show.ts')).reportStocktake(id, options));
  return counts;
}

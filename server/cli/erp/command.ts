// The names, options and help of `evenstock erp`.
import { Command } from 'commander';
import { showsFromServer } from '../on-server.ts';

export function erpCommand(): Command {
  const erp = new Command('erp')
    .description('Show how posting to ERPs goes, and post again what waits apart (see docs/erp.md)')
    .exitOverride();
  showsFromServer(erp.command('status'))
    .description('Every ERP: its state, what waits, how fast it is posted; or one, with what waits apart')
    .argument('[erp]')
    .action(async (id, options) => (await import('./erps.ts')).showErps(id, options));
  showsFromServer(erp.command('retry'))
    .description('Post again what the ERP refused, in order, and do not wait for the next try')
    .argument('<erp>')
    .option('--sku <sku>', 'only movements of this SKU')
    .action(async (id, options) => (await import('./erps.ts')).retryErp(id, options));
  showsFromServer(erp.command('dismiss'))
    .description('Give up movements that wait apart: they are never posted, and what waits behind them is')
    .argument('<erp>')
    .argument('<references...>', 'as `status --json` shows them')
    .requiredOption('--reason <reason>', 'kept in the log')
    .action(async (id, references, options) => (await import('./erps.ts')).dismissInErp(id, references, options));
  return erp;
}

// The names, options and help of `evenstock erp`.
import { Command } from 'commander';

export function erpCommand(): Command {
  const erp = new Command('erp')
    .description('Show how posting to ERPs goes, and post again what waits apart (see docs/erp.md)')
    .exitOverride();
  onServer(erp.command('status'))
    .description('Every ERP: its state, what waits, how fast it is posted; or one, with what waits apart')
    .argument('[erp]')
    .action(async (id, options) => (await import('./erps.ts')).showErps(id, options));
  onServer(erp.command('retry'))
    .description('Post again what the ERP refused, in order, and do not wait for the next try')
    .argument('<erp>')
    .option('--sku <sku>', 'only movements of this SKU')
    .action(async (id, options) => (await import('./erps.ts')).retryErp(id, options));
  return erp;
}

function onServer(command: Command): Command {
  return command
    .option('--url <url>', 'of the server', 'http://127.0.0.1:8080')
    .option('--key <key>', 'API key (default: EVENSTOCK_KEY)')
    .option('--json', 'print JSON')
    .exitOverride();
}

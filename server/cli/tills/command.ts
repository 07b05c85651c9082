// The names, options and help of `evenstock till`.
import { Command } from 'commander';
import { showsFromServer } from '../on-server.ts';

export function tillCommand(): Command {
  const till = new Command('till')
    .description(
      'Upload what a till kept while it was offline; lend it units to sell meanwhile (see docs/till-upload.md)',
    )
    .exitOverride();
  showsFromServer(till.command('upload'))
    .description('Send a CSV or NDJSON file; what was sent before is not taken twice')
    .argument('<file>')
    .requiredOption('--device <id>', 'the till; a till that counts from 1 again is another')
    .option('--location <location>', 'of lines that name none')
    .option('--channel <channel>', 'of sales and returns that name none')
    .option('--from-counter <n>', 'go on there, as an upload that was cut off said', Number, 0)
    .option('--errors <file>', 'where lines that were not taken are written, with the reason')
    .action(async (file, options) => (await import('./upload.ts')).uploadFile(file, options));
  showsFromServer(till.command('show'))
    .description('What has arrived of a till, what is missing, and what is lent to it')
    .argument('<device>')
    .action(async (device, options) => (await import('./show.ts')).showTill(device, options));
  showsFromServer(till.command('lend'))
    .description('Lend units to a till that only it may sell while it is offline')
    .argument('<device>')
    .argument('<lines...>', 'SKU=units, such as TEE=5')
    .requiredOption('--location <location>', 'where the till is')
    .requiredOption('--channel <channel>', 'as which it sells')
    .requiredOption('--until <time>', 'when what was not sold goes back, RFC 3339')
    .option('--id <id>', 'of the command; the same again lends nothing twice (default: a new one)')
    .action(async (device, lines: string[], options) => (await import('./escrow.ts')).lend(device, lines, options));
  showsFromServer(till.command('return'))
    .description('Take back what is lent to a till and was not sold: when its sales are uploaded')
    .argument('<device>')
    .argument('[skus...]', 'only these; default: all')
    .requiredOption('--location <location>', 'where the till is')
    .option('--id <id>', 'of the command (default: a new one)')
    .action(async (device, skus: string[], options) => (await import('./escrow.ts')).giveBack(device, skus, options));
  showsFromServer(till.command('renew'))
    .description('Let a till keep what is lent to it for longer')
    .argument('<device>')
    .argument('[skus...]', 'only these; default: all')
    .requiredOption('--location <location>', 'where the till is')
    .requiredOption('--until <time>', 'RFC 3339')
    .option('--id <id>', 'of the command (default: a new one)')
    .action(async (device, skus: string[], options) => (await import('./escrow.ts')).renew(device, skus, options));
  return till;
}

// The names, options and help of `evenstock till`.
import { Command } from 'commander';

export function tillCommand(): Command {
  const till = new Command('till')
    .description('Send what a till kept while it was offline; show what is missing of it (see docs/till-upload.md)')
    .exitOverride();
  onServer(till.command('upload'))
    .description('Send a CSV or NDJSON file; what was sent before is not taken twice')
    .argument('<file>')
    .requiredOption('--device <id>', 'the till; a till that counts from 1 again is another')
    .option('--location <location>', 'of lines that name none')
    .option('--channel <channel>', 'of sales and returns that name none')
    .option('--from-counter <n>', 'go on there, as an upload that was cut off said', Number, 0)
    .option('--errors <file>', 'where lines that were not taken are written, with the reason')
    .action(async (file, options) => (await import('./upload.ts')).uploadFile(file, options));
  onServer(till.command('show'))
    .description('The highest counter that arrived of a till, and what is missing below it')
    .argument('<device>')
    .action(async (device, options) => (await import('./show.ts')).showTill(device, options));
  return till;
}

function onServer(command: Command): Command {
  return command
    .option('--url <url>', 'of the server', 'http://127.0.0.1:8080')
    .option('--key <key>', 'API key (default: EVENSTOCK_KEY)')
    .option('--json', 'print JSON')
    .exitOverride();
}

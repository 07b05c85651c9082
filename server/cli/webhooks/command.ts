// The names, options and help of `evenstock webhooks`.
import { Command } from 'commander';
import { showsFromServer } from '../on-server.ts';

export function webhooksCommand(): Command {
  const webhooks = new Command('webhooks')
    .description('Show how telling webhooks of events goes, and tell one once more (see docs/webhooks.md)')
    .exitOverride();
  showsFromServer(webhooks.command('status'))
    .description('Every webhook: its state, what waits, what it took and refused; or one')
    .argument('[webhook]')
    .action(async (id, options) => (await import('./webhooks.ts')).showWebhooks(id, options));
  showsFromServer(webhooks.command('replay'))
    .description('Send events once more, from a place or a time on; without either from the beginning')
    .argument('<webhook>')
    .option('--after <position>', 'events after this position of the log')
    .option('--from <time>', 'events recorded from then on')
    .requiredOption('--reason <reason>', 'kept in the log')
    .action(async (id, options) => (await import('./webhooks.ts')).replayWebhook(id, options));
  return webhooks;
}

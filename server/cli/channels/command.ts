// The names, options and help of `evenstock channels`.
import { Command } from 'commander';
import { showsFromServer } from '../on-server.ts';

export function channelsCommand(): Command {
  const channels = new Command('channels')
    .description('Show how publishing to channels goes; pause it, resume it, tell again (see docs/publishing.md)')
    .exitOverride();
  showsFromServer(channels.command('list'))
    .description('Every channel: its state, what waits to be told, how long it lags')
    .action(async (options) => (await import('./show.ts')).listChannels(options));
  showsFromServer(channels.command('show'))
    .description('One channel: its policy, and how publishing to it goes')
    .argument('<channel>')
    .action(async (channel, options) => (await import('./show.ts')).showChannel(channel, options));
  showsFromServer(channels.command('pause'))
    .description('Tell a channel nothing more until somebody resumes; survives a restart')
    .argument('<channel>')
    .requiredOption('--reason <text>', 'why; kept, and shown until it is resumed')
    .action(async (channel, { reason, ...options }) =>
      (await import('./steer.ts')).steerChannel(channel, { action: 'pause', reason }, options),
    );
  showsFromServer(channels.command('resume'))
    .description('Tell a paused channel what has changed meanwhile, and go on')
    .argument('<channel>')
    .option('--reason <text>', 'why; kept')
    .action(async (channel, { reason, ...options }) =>
      (await import('./steer.ts')).steerChannel(channel, { action: 'resume', reason }, options),
    );
  showsFromServer(channels.command('republish'))
    .description('Tell a channel the present figures again, of some SKUs or of all, refused values too')
    .argument('<channel>')
    .argument('[skus...]', 'only these; default: all it was ever told')
    .option('--reason <text>', 'why; kept')
    .action(async (channel, skus: string[], { reason, ...options }) => {
      const named = skus.length === 0 ? undefined : skus;
      await (await import('./steer.ts')).steerChannel(channel, { action: 'republish', reason, skus: named }, options);
    });
  return channels;
}

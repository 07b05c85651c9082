// The options of every command that asks a running server.
import type { Command } from 'commander';

export function onServer(command: Command): Command {
  return command
    .option('--url <url>', 'of the server', 'http://127.0.0.1:8080')
    .option('--key <key>', 'API key (default: EVENSTOCK_KEY)')
    .exitOverride();
}

/** Of one that shows something to people, or to programs. */
export function showsFromServer(command: Command): Command {
  return onServer(command).option('--json', 'print JSON');
}

#!/usr/bin/env node
// The command line of Evenstock. Each command is a file beside this one; here are their names, options and help.
// Exit codes: 0 done · 1 could not be done, or the check failed · 2 done, but some lines were refused · 64 wrong usage.
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { ConfigError, ENVIRONMENT_VARIABLES } from '../config.ts';
import { casesCommand } from './cases/command.ts';
import { channelsCommand } from './channels/command.ts';
import { countsCommand } from './counts/command.ts';
import { erpCommand } from './erp/command.ts';
import { identifiersCommand } from './identifiers/command.ts';
import { policyCommand } from './policy/command.ts';
import { sealCommand } from './seal/command.ts';
import { tillCommand } from './tills/command.ts';
import { withTimes } from './times.ts';
import { webhooksCommand } from './webhooks/command.ts';

const USAGE_ERROR = 64;

const program = new Command('evenstock')
  .description('Keeps stock even across ERP, marketplaces, web shop and POS.')
  .addHelpText(
    'after',
    `\nConfiguration comes from the environment: ${ENVIRONMENT_VARIABLES.join(', ')}.\nSee docs/operations.md.`,
  )
  .showHelpAfterError('(evenstock --help lists the commands)')
  .exitOverride();

program
  .command('serve')
  .description('Run the server until SIGTERM or Ctrl-C')
  .action(async () => (await import('./serve.ts')).serve());

program
  .command('demo')
  .description('Run Evenstock with a demo retailer trading against it and a marketplace that shows what it publishes')
  .addOption(
    new Option('--seconds <n>', 'stop after this long, and compare the marketplace with Evenstock').argParser(
      whole(1, 86_400),
    ),
  )
  .addOption(new Option('--rate <n>', 'commands a second').argParser(whole(1, 5_000)).default(100))
  .option('--directory <path>', 'where the demo keeps its log', '.evenstock/demo')
  .option('--fresh', 'forget what an earlier demo left there')
  .action(async (options) => (await import('../demo/demo.ts')).runDemo(options));

program
  .command('import')
  .description('Send a CSV or NDJSON file of movements to a running server; stops and resumes, repeats are harmless')
  .argument('<file>', 'also .gz')
  .option('--mapping <file>', 'how columns become commands (see docs/import.md); none: the lines are commands')
  .addOption(new Option('--format <format>', 'of the file').choices(['auto', 'csv', 'ndjson']))
  .option('--url <url>', 'of the server', 'http://127.0.0.1:8080')
  .option('--key <key>', 'API key (default: EVENSTOCK_KEY)')
  .option('--errors <file>', 'where lines that were not taken are written, with the reason')
  .option('--journal <file>', 'where the import notes how far it is')
  .option('--restart', 'begin at the first line although a journal says otherwise')
  .option('--dry-run', 'check every line and send nothing')
  .addOption(new Option('--batch <n>', 'lines a call').argParser(whole(1, 10_000)))
  .addOption(new Option('--concurrency <n>', 'calls at once').argParser(whole(1, 32)))
  .option('--json', 'print JSON')
  .action(async (file, options) => (await import('./import.ts')).importCommand(file, options));

withTimes(program.command('history'))
  .description('Show the history of one SKU at one location, or its levels at a time')
  .argument('<sku>')
  .argument('<location>')
  .option('--url <url>', 'ask a running server instead of opening the log')
  .option('--key <key>', 'API key for --url (default: EVENSTOCK_KEY)')
  .addOption(new Option('--limit <n>', 'events, newest first').argParser(whole(1, 100_000)).default(50))
  .option('--json', 'print JSON')
  .action(async (sku, location, options) => (await import('./history.ts')).history(sku, location, options));

withTimes(program.command('explain'))
  .description('Show what an available-to-sell figure was made from, now or at a time')
  .argument('<channel>')
  .argument('<sku>')
  .option('--url <url>', 'ask a running server instead of opening the log')
  .option('--key <key>', 'API key for --url (default: EVENSTOCK_KEY)')
  .option('--json', 'print JSON')
  .action(async (channel, sku, options) => (await import('./explain.ts')).explain(channel, sku, options));

program
  .command('audit')
  .description('Print who did what, when it happened, when it was known and why, as CSV or NDJSON (docs/audit.md)')
  .option('--sku <sku>', 'its stocks, and whatever else names it')
  .option('--location <id>', 'of this location')
  .option('--channel <id>', 'of this channel')
  .option('--stream <name>', 'only of this stream, such as channel-webshop')
  .option('--type <type>', 'only this type of event')
  .option('--from <time>', 'recorded from this time on')
  .option('--to <time>', 'recorded up to this time')
  .addOption(new Option('--format <format>', 'of what is printed').choices(['csv', 'ndjson']).default('ndjson'))
  .option('--url <url>', 'ask a running server instead of opening the log')
  .option('--key <key>', 'API key for --url (default: EVENSTOCK_KEY)')
  .action(async (options) => (await import('./audit.ts')).audit(options));

const orders = program.command('orders').description('Show orders of a running server');
orders
  .command('list')
  .description('Open orders, the oldest first')
  .option('--status <status>', 'reserving, held, confirming, confirmed or partlyFulfilled')
  .option('--channel <channel>', 'only of this channel')
  .option('--url <url>', 'of the server', 'http://127.0.0.1:8080')
  .option('--key <key>', 'API key (default: EVENSTOCK_KEY)')
  .addOption(new Option('--limit <n>', 'orders at most').argParser(whole(1, 1_000_000)).default(100))
  .option('--json', 'print JSON')
  .action(async (options) => (await import('./orders.ts')).listOrders(options));
orders
  .command('show')
  .description('One order: its lines, what is reserved where, what is short')
  .argument('<order>')
  .option('--url <url>', 'of the server', 'http://127.0.0.1:8080')
  .option('--key <key>', 'API key (default: EVENSTOCK_KEY)')
  .option('--json', 'print JSON')
  .action(async (order, options) => (await import('./orders.ts')).showOrder(order, options));

program.addCommand(casesCommand());
program.addCommand(policyCommand());
program.addCommand(countsCommand());
program.addCommand(identifiersCommand());
program.addCommand(channelsCommand());
program.addCommand(tillCommand());
program.addCommand(erpCommand());
program.addCommand(webhooksCommand());
program.addCommand(sealCommand());

program
  .command('reconcile')
  .description('Compare a channel with what it shows, or a location with the books of a system; correct by policy')
  .argument('[channel]')
  .option('--statement <file>', 'CSV or NDJSON (.ndjson) to compare with; default: the channel is asked')
  .option('--system <system>', 'instead of a channel: whose books the statement is')
  .option('--location <location>', 'with --system')
  .option('--as-of <time>', 'when the statement was true; default: now')
  .option('--complete', 'an SKU that is not in the statement is not there')
  .option('--no-correct', 'report only')
  .addOption(new Option('--format <format>').choices(['text', 'json', 'csv', 'html']).default('text'))
  .option('--url <url>', 'of the server', 'http://127.0.0.1:8080')
  .option('--key <key>', 'API key (default: EVENSTOCK_KEY)')
  .action(async (channel, options) => (await import('./reconcile.ts')).reconcile(channel, options));

program
  .command('go-live')
  .description('May a channel leave shadow mode? Compares it and prints a checklist; exit code 0: yes')
  .argument('<channel>')
  .option('--statement <file>', 'complete CSV or NDJSON; default: the channel is asked')
  .option('--as-of <time>', 'when the statement was true; default: now')
  .option('--mismatch-percent <n>', 'SKUs that may differ without an explanation', '0.5')
  .option('--no-compare', 'look at the last comparison')
  .option('--url <url>', 'of the server', 'http://127.0.0.1:8080')
  .option('--key <key>', 'API key (default: EVENSTOCK_KEY)')
  .option('--json', 'print JSON')
  .action(async (channel, options) => (await import('./go-live.ts')).goLive(channel, options));

program
  .command('rebuild')
  .description('Fold every projection again from the first event (the server must be stopped)')
  .option('--index', "also write the embedded log's stream index again")
  .option('--json', 'print JSON')
  .action(async (options) => (await import('./rebuild.ts')).rebuild(options));

program
  .command('verify')
  .description(
    'Prove the log and the projections: integrity, hash chains, seals, levels, projections equal to a rebuild',
  )
  .option('--seals <file>', 'also compare the log with what was sealed (evenstock seal)')
  .option('--public-key <files...>', 'who may have signed the seals')
  .option('--url <url>', 'hash chains and seals only, from the event feed of a running server')
  .option('--key <key>', 'API key for --url, with events:read and no limits (default: EVENSTOCK_KEY)')
  .option('--json', 'print JSON')
  .action(async (options) => (await import('./verify.ts')).verify(options));

program
  .command('signals')
  .description('Print velocity, days of cover and reorder points of stocks, or suggested transfers (docs/signals.md)')
  .option('--url <url>', 'of the server', 'http://127.0.0.1:8080')
  .option('--key <key>', 'API key (default: EVENSTOCK_KEY)')
  .option('--location <id>', 'only of this location')
  .option('--sku <sku>', 'only of this SKU')
  .option('--reorder', 'only stocks of which it is time to order more')
  .option('--transfers', 'suggested transfers instead')
  .addOption(new Option('--format <format>', 'of what is printed').choices(['csv', 'ndjson']).default('csv'))
  .action(async (options) => (await import('./signals.ts')).signals(options));

program
  .command('what-if')
  .description(
    'Replay the log under another policy: oversells, refused requests, lost sales, side by side (docs/what-if.md)',
  )
  .requiredOption('--policy <file>', 'the other policy')
  .option('--in-force <file>', 'instead of the policy history in the log')
  .option('--from <time>', 'when the other policy takes over (default: at the first event)')
  .option('--to <time>', 'the end (default: the last event)')
  .addOption(new Option('--format <format>', 'of the report').choices(['text', 'json', 'csv']).default('text'))
  .option('--url <url>', "read a running server's event feed instead of opening the log")
  .option('--key <key>', 'API key for --url (default: EVENSTOCK_KEY)')
  .addOption(
    new Option('--lag <seconds>', 'publish lag of channels of which the log measured none')
      .argParser(whole(0, 86_400))
      .default(60),
  )
  .option('--as-happened <channels...>', 'channels whose sales are taken as they happened, whatever is shown', [])
  .addOption(new Option('--samples <n>', 'of each curve').argParser(whole(1, 1_000)).default(60))
  .action(async (options) => (await import('./what-if/what-if.ts')).whatIf(options));

program
  .command('openapi')
  .description('Print the OpenAPI document of the HTTP API')
  .action(async () => (await import('./openapi.ts')).printOpenApi());

program
  .command('key')
  .description('Make an API key: the key for the client, its hash for KEYS_FILE')
  .action(async () => (await import('./key.ts')).printKey());

program
  .command('replay-retail', { hidden: true })
  .description('Replay a month of real retail transactions and compare to the unit (for developers)')
  .option('--file <path>', 'the data set (default: the one beside the project)')
  .addOption(new Option('--seed <n>', 'order of delivery').argParser(whole(0, 2 ** 31)))
  .option('--json', 'print JSON')
  .action(async (options) => {
    const { replayRetail } = await import('./replay-retail/replay-retail.ts');
    process.exitCode = await replayRetail({ ...options, stdout: process.stdout, stderr: process.stderr });
  });

function whole(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < min || value > max)
      throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
    return value;
  };
}

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : USAGE_ERROR;
  else {
    process.stderr.write(`${error instanceof ConfigError ? error.message : messageOf(error)}\n`);
    process.exitCode = 1;
  }
}

/** Errors made for people say it themselves; anything else shows where it came from. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const forPeople = error.constructor !== Error && error.constructor !== TypeError && error.constructor !== RangeError;
  return forPeople ? `${error.name}: ${error.message}` : (error.stack ?? error.message);
}

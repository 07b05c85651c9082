// The names, options and help of `evenstock cases`.
import { Command, InvalidArgumentError, Option } from 'commander';
import { showsFromServer } from '../on-server.ts';
import type { CaseCommandJson } from './work.ts';

const LIMIT_MAX = 100_000;

export function casesCommand(): Command {
  const cases = new Command('cases')
    .description('Show exception cases of a running server and work on them (see docs/cases.md)')
    .exitOverride();
  showsFromServer(cases.command('list'))
    .description('What needs somebody: the most severe first, then the oldest')
    .option('--status <status>', 'open (assigned ones too), assigned, resolved, dismissed, cleared or all', 'open')
    .option('--kind <kind>', 'such as shortfall, sequence-gap or refused-publish')
    .option('--owner <owner>', 'of this team or person')
    .option('--severity <severity>', 'low, medium, high or critical')
    .option('--channel <channel>', 'about this channel')
    .option('--location <location>', 'about this location')
    .option('--sku <sku>', 'about this SKU')
    .option('--older-than <minutes>', 'at least this old')
    .option('--overdue', 'only those that are late')
    .addOption(new Option('--limit <n>', 'cases at most').argParser(limit).default(100))
    .action(async (options) => (await import('./show.ts')).listCases(options));
  showsFromServer(cases.command('show'))
    .description('One case: what it is about, what could be done, and its history')
    .argument('<case>')
    .action(async (id, options) => (await import('./show.ts')).showCase(id, options));
  work(cases.command('assign').argument('<owner>', 'a team or a person'), 'Give cases to somebody', (owner) => {
    return { type: 'assign', owner: owner! };
  });
  work(cases.command('comment').argument('<text>'), 'Say something about cases', (text) => {
    return { type: 'comment', text: text! };
  });
  work(cases.command('retry'), 'Do again what failed, or look again', () => ({ type: 'retry' }));
  work(cases.command('resolve').argument('<what>', 'what was done'), 'Close cases: it is done', (resolution) => {
    return { type: 'resolve', resolution: resolution! };
  });
  work(
    cases.command('dismiss').argument('<why>', 'why nothing has to be done'),
    'Close cases: nothing to do',
    (reason) => {
      return { type: 'dismiss', reason: reason! };
    },
  );
  return cases;
}

function work(command: Command, description: string, made: (argument: string | undefined) => CaseCommandJson): void {
  showsFromServer(command)
    .description(`${description}; with ids, one or many`)
    .argument('<cases...>', 'ids of cases')
    .option('--id <id>', 'of the command: the same id again has no second effect (default: a new one)')
    .action(async (...given: unknown[]) => {
      const [first, second] = given;
      const [argument, ids] = Array.isArray(first) ? [undefined, first] : [first as string, second as string[]];
      const options = command.opts<{ url: string; key?: string; json?: boolean; id?: string }>();
      await (await import('./work.ts')).workOn(ids as string[], made(argument), options);
    });
}

function limit(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > LIMIT_MAX)
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${LIMIT_MAX}.`);
  return value;
}

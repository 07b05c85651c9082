// The names, options and help of `evenstock identifiers`.
import { Command, InvalidArgumentError, Option } from 'commander';
import { NAMED } from '../../../domain/identifiers/lines.ts';
import { onServer } from '../on-server.ts';

const LIMIT_MAX = 1_000_000;

export function identifiersCommand(): Command {
  const identifiers = new Command('identifiers')
    .description('What channels and ERPs call our SKUs and locations, on a running server (see docs/identifiers.md)')
    .exitOverride();
  ofSystem(identifiers.command('import'))
    .description('Map names from CSV (ours,theirs) or NDJSON; the same file again changes nothing')
    .argument('<file>', 'also .gz')
    .action(async (file, options) => (await import('./import.ts')).importIdentifiers(file, options));
  ofSystem(identifiers.command('list'))
    .description('Names, and what they are called')
    .addOption(new Option('--what <what>').choices(NAMED))
    .option('--ours <name>', 'only the one that we call so')
    .option('--theirs <id>', 'only the one that has this id')
    .addOption(new Option('--limit <n>', 'names at most').argParser(limit).default(100))
    .option('--json', 'print JSON')
    .action(async (options) => (await import('./show.ts')).listIdentifiers(options));
  ofSystem(identifiers.command('export'))
    .description('Everything, as `import` takes it')
    .addOption(new Option('--what <what>').choices(NAMED))
    .addOption(new Option('--format <format>').choices(['csv', 'ndjson']).default('csv'))
    .action(async (options) => (await import('./show.ts')).exportIdentifiers(options));
  return identifiers;
}

function ofSystem(command: Command): Command {
  return onServer(command.requiredOption('--system <system>', 'a channel or an ERP'));
}

function limit(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= LIMIT_MAX) return value;
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${LIMIT_MAX}.`);
}

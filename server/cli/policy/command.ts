// The names, options and help of `evenstock policy`.
import { Command } from 'commander';
import { showsFromServer } from '../on-server.ts';

export function policyCommand(): Command {
  const policy = new Command('policy').description(
    'Show and change the policy of a running server (see docs/policy.md)',
  );
  showsFromServer(policy.command('plan'))
    .description('Show what a policy would change, and change nothing')
    .argument('<file>', 'the policy document')
    .option('--effective-from <time>', 'as it would be from then on (default: now)')
    .action(async (file, options) => (await import('./change.ts')).plan(file, options));
  showsFromServer(policy.command('apply'))
    .description('Take a policy, now or from a time on; refused if another came first')
    .argument('<file>', 'the policy document')
    .requiredOption('--reason <text>', 'why; kept with the version')
    .option('--effective-from <time>', 'in force from then on (default: now)')
    .option('--based-on <version>', 'the version it was made from (default: the one that holds by then)')
    .action(async (file, options) => (await import('./change.ts')).apply(file, options));
  showsFromServer(policy.command('cancel'))
    .description('Take back a version that is not in force yet')
    .argument('<version>')
    .requiredOption('--reason <text>', 'why; kept with the version')
    .action(async (version, options) => (await import('./change.ts')).cancel(version, options));
  showsFromServer(policy.command('history'))
    .description('Every version, newest first: who took it, why, and from when')
    .action(async (options) => (await import('./show.ts')).history(options));
  showsFromServer(policy.command('show'))
    .description('Print the document in force')
    .argument('[version]', 'instead: this version')
    .option('--at <time>', 'instead: what held, or will hold, at this time')
    .action(async (version, options) => (await import('./show.ts')).show(version, options));
  return policy;
}

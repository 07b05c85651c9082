// The names, options and help of `evenstock seal`.
import { Command } from 'commander';

export function sealCommand(): Command {
  const seal = new Command('seal').description(
    'Sign what is in the log, so that nobody can alter it unseen (docs/audit.md)',
  );
  seal
    .command('log', { isDefault: true })
    .description('Seal what has come in since the last seal')
    .requiredOption('--seals <file>', 'the file of seals, outside the log; made by the first seal')
    .requiredOption('--sign-with <file>', 'the private key')
    .option('--url <url>', 'read the event feed of a running server instead of opening the log')
    .option('--key <key>', 'API key for --url, with events:read and no limits (default: EVENSTOCK_KEY)')
    .option('--despite-faults', 'seal hash chains that are broken too: somebody has looked, and they are to stay')
    .option('--json', 'print JSON')
    .exitOverride()
    .action(async (options) => (await import('./seal.ts')).seal(options));
  seal
    .command('keygen')
    .description('Make an Ed25519 key: <file> and beside it <file>.pub.pem')
    .argument('<file>', 'such as seal-key.pem')
    .exitOverride()
    .action(async (file) => (await import('./seal.ts')).keygen(file));
  seal
    .command('rotate')
    .description('Hand over to another key: the one until now signs that')
    .requiredOption('--seals <file>', 'the file of seals')
    .requiredOption('--sign-with <file>', 'the private key until now')
    .requiredOption('--to <file>', 'the private key from now on')
    .exitOverride()
    .action(async (options) => (await import('./seal.ts')).rotate(options));
  return seal;
}

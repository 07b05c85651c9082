// `evenstock seal`: signs what has come into the log since the last seal, of a log that no server has open or, while it runs,
// of a server's event feed. Also makes keys, and hands over from one to the next.
import { systemClock, systemHashes } from '../../../adapters/platform.ts';
import { SealFileUnusable } from '../../../adapters/seals/seal-file.ts';
import { rotateKey, type Sealed, type SealRoom, sealLog } from '../../../adapters/seals/seal-log.ts';
import { NotAsSealed } from '../../../domain/seal/not-as-sealed.ts';
import { logPages } from '../../../projections/log-pages.ts';
import { ConfigError } from '../../config.ts';
import { feedPages } from '../event-pages.ts';
import { withLog } from '../stores.ts';
import { makeKeyFiles, readSigningKey } from './key-files.ts';

export interface SealOptions {
  readonly seals: string;
  readonly signWith: string;
  readonly url?: string;
  readonly key?: string;
  readonly despiteFaults?: boolean;
  readonly json?: boolean;
}

export async function seal(options: SealOptions): Promise<void> {
  const { seals: file, signWith, url, key = process.env['EVENSTOCK_KEY'], despiteFaults, json } = options;
  const progress = (events: number) => void (json || process.stderr.write(`${events} events\n`));
  const own = { file, key: readSigningKey(signWith), despiteFaults };
  const room = { ...own, clock: systemClock, hashes: systemHashes, progress };
  const run = (from: Pick<SealRoom, 'pages' | 'read'>) => said(sealLog({ ...room, ...from }));
  const sealed =
    url === undefined
      ? await withLog((log) => run({ pages: (after) => logPages(log, after), read: log.read }))
      : await run({ pages: (after) => feedPages(url, key, after) });
  print(sealed, options);
}

export async function rotate(
  options: Pick<SealOptions, 'seals' | 'signWith'> & { readonly to: string },
): Promise<void> {
  const [key, next] = [readSigningKey(options.signWith), readSigningKey(options.to)];
  await said(rotateKey({ file: options.seals, key, clock: systemClock }, next));
  process.stdout.write(`from the next seal on ${next.public.id} signs; ${key.public.id} handed over to it\n`);
}

export function keygen(path: string): void {
  const { id, publicPath } = makeKeyFiles(path);
  process.stdout.write(
    `${path}: the private key, for whoever seals\n${publicPath}: the public key, for whoever verifies\nid ${id}\n`,
  );
}

/** Why nothing is sealed is said to a person. */
async function said<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof SealFileUnusable || error instanceof NotAsSealed ? new ConfigError(error.message) : error;
  }
}

function print({ seal: made, newEvents }: Sealed, { json, seals }: SealOptions): void {
  if (json) return void process.stdout.write(`${JSON.stringify({ seal: made ?? null, newEvents })}\n`);
  if (made === undefined) return void process.stdout.write('nothing has come into the log since the last seal\n');
  const { number, count, position, root, at, key } = made;
  process.stdout.write(
    `seal ${number} in ${seals}: ${newEvents} new events, ${count} in all, up to position ${position}\nroot ${root}\nat ${at}, signed with ${key}\n`,
  );
}

// A real Vendure as a process of its own (test/vendure), fresh and in memory. It is GPL and large, so it is installed apart
// from everything else; where it is not, tests that need it are skipped and say how to install it.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../../vendure', import.meta.url));

export const vendureIsThere = existsSync(join(FOLDER, 'node_modules/@vendure/core'));
export const HOW_TO_INSTALL_VENDURE = 'Vendure is not installed: npm ci --ignore-scripts in test/vendure';

/** Five seconds on an idle machine. */
export const STARTS_MS = 120_000;

export const VENDURE_USER = 'superadmin';
export const VENDURE_PASSWORD = 'the password of the shop';

export interface Vendure {
  readonly url: string;
  /** SKU → id of its variant. */
  readonly variants: Readonly<Record<string, string>>;
  /** Where its webhooks go from now on, and what signs them. */
  sendWebhooksTo(target: { readonly url: string; readonly secret: string } | undefined): void;
  close(): Promise<void>;
}

export interface VendureOptions {
  readonly variants: readonly { readonly sku: string; readonly onHand?: number }[];
}

/** @throws Error with what it wrote to standard error, if it ended instead of listening */
export async function startVendure({ variants }: VendureOptions): Promise<Vendure> {
  const directory = mkdtempSync(join(tmpdir(), 'evenstock-vendure-'));
  const file = join(directory, 'variants.json');
  writeFileSync(file, JSON.stringify(variants));
  const child = fork(join(FOLDER, 'server.mjs'), {
    cwd: directory,
    execArgv: [],
    env: { PATH: process.env['PATH'], PORT: '0', PASSWORD: VENDURE_PASSWORD, VARIANTS: file },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const stderr = text(child.stderr!);
  const ended = once(child, 'exit').then(() => rmSync(directory, { recursive: true, force: true }));
  const started = await Promise.race([
    listening(child),
    ended.then(async () => Promise.reject(new Error(await stderr))),
  ]);
  return {
    ...started,
    sendWebhooksTo: (webhooks) => void child.send({ webhooks }),
    async close() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function listening(child: ChildProcess): Promise<Pick<Vendure, 'url' | 'variants'>> {
  const [message] = await once(child, 'message');
  return message as Pick<Vendure, 'url' | 'variants'>;
}

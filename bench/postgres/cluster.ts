// A PostgreSQL of our own for the length of a benchmark: found, initialised, started on a Unix socket in a temporary
// folder, stopped and removed. Durable as it is by default (fsync, synchronous_commit); the rest tuned in its favour.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { atExit } from '../servers/at-exit.ts';

const SEARCHED = '/usr/lib/postgresql';
const START_MS_MAX = 30_000;

export const POSTGRES_SETTINGS: Readonly<Record<string, string>> = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  shared_buffers: '512MB',
  wal_buffers: '64MB',
  // No checkpoint falls into a run: its full-page images would cost PostgreSQL a good part of its rate.
  max_wal_size: '16GB',
  checkpoint_timeout: '1h',
  max_connections: '100',
  listen_addresses: '',
};

export const HOW_TO_INSTALL =
  'PostgreSQL is not installed: apt-get install -y postgresql-15 (Debian), or set POSTGRES_BIN to a folder with initdb and postgres';

export interface Cluster {
  /** For `pg`: the folder of the socket. */
  readonly connection: { readonly host: string; readonly user: string; readonly database: string };
  readonly version: string;
  /** The postmaster; the backends are its children. */
  readonly pid: number;
  stop(): Promise<void>;
}

/** The folder with the newest version's programs (15 when there), or undefined. */
export function findPostgres(): string | undefined {
  const given = process.env['POSTGRES_BIN'];
  const folders = existsSync(SEARCHED)
    ? readdirSync(SEARCHED)
        .sort((a, b) => (a === '15' ? -1 : b === '15' ? 1 : Number(b) - Number(a)))
        .map((version) => join(SEARCHED, version, 'bin'))
    : [];
  const all = given === undefined ? [...folders, '/usr/local/pgsql/bin', '/usr/bin'] : [given];
  return all.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')));
}

/** @param parent a folder that may be entered by any user: PostgreSQL refuses to run as root */
export async function startCluster(binaries: string, parent: string): Promise<Cluster> {
  const directory = mkdtempSync(join(parent, 'postgres-'));
  const owner = unprivileged();
  if (owner !== undefined) chownSync(directory, owner.uid, owner.gid);
  const data = join(directory, 'data');
  mkdirSync(data);
  if (owner !== undefined) chownSync(data, owner.uid, owner.gid);
  chmodSync(data, 0o700);
  const run = { ...owner, cwd: directory, env: { ...process.env, HOME: directory, LC_ALL: 'C' } };
  const initdb = ['-D', data, '-U', 'bench', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
  execFileSync(join(binaries, 'initdb'), initdb, { ...run, stdio: 'pipe' });
  const settings = Object.entries(POSTGRES_SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = spawn(join(binaries, 'postgres'), ['-D', data, '-k', directory, ...settings], {
    ...run,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [server.stdout, server.stderr]) {
    stream.on('data', (bytes: Buffer) => {
      output = (output + bytes.toString()).slice(-4_000);
    });
  }
  const exited = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  const forget = atExit(() => server.kill('SIGQUIT'));
  const connection = { host: directory, user: 'bench', database: 'postgres' };
  const stop = async () => {
    forget();
    if (server.exitCode === null) server.kill('SIGINT');
    await exited;
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const version = await answering(connection, () => server.exitCode !== null);
    return { connection, version, pid: server.pid!, stop };
  } catch (error) {
    await stop();
    throw new Error(`PostgreSQL did not start: ${output}`, { cause: error });
  }
}

async function answering(connection: Cluster['connection'], hasEnded: () => boolean): Promise<string> {
  const endAt = Date.now() + START_MS_MAX;
  for (;;) {
    const client = new pg.Client(connection);
    try {
      await client.connect();
      const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
      await client.end();
      return rows[0]!.server_version;
    } catch (error) {
      await client.end().catch(() => {});
      if (hasEnded() || Date.now() > endAt) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** Root may not run PostgreSQL: then the user that Debian's package makes for it. */
function unprivileged(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}

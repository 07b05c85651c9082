// A real Tryton from Debian's packages: its database is prepared once (company, user, warehouses, products) and copied for
// each server, which runs on a port of its own. Where the packages are missing, tests say so and skip.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Admin, adminOf, setUpTryton } from './admin.ts';

const MODULES = ['stock', 'product', 'sale', 'purchase'];
/** Raise it when what is prepared changes. */
const PREPARED = 'evenstock-test-tryton-1';
/** Tryton wants many different characters. */
export const PASSWORD = 'Kw7-mzq4xTpV9rJd2';
export const DATABASE = 'erp';
export const USER = 'evenstock';

function found(): boolean {
  const isThere = (command: string) => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;
  const modules = MODULES.map((name) => `/usr/lib/python3/dist-packages/trytond/modules/${name}`);
  return isThere('trytond') && isThere('trytond-admin') && modules.every((path) => existsSync(path));
}
export const hasTryton = found();
if (!hasTryton)
  console.warn(
    `Tryton is not installed: its tests are skipped (apt-get install tryton-server tryton-modules-${MODULES.join(' tryton-modules-')})`,
  );

export interface TrytonServer {
  readonly host: string;
  readonly port: number;
  readonly url: string;
  /** As whoever works at Tryton's own screen. */
  readonly admin: Admin;
  stop(): Promise<void>;
  /** Again, on the same database and port. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** More that its books hold from the start. Prepared once for each name. */
export interface Stocked {
  readonly name: string;
  setUp(admin: Admin): Promise<void>;
}

export async function startTryton(stocked?: Stocked): Promise<TrytonServer> {
  const base = join(tmpdir(), PREPARED);
  if (!existsSync(base)) await prepare(base);
  const prepared = stocked === undefined ? base : `${base}-${stocked.name}`;
  if (stocked !== undefined && !existsSync(prepared)) await stock(base, prepared, stocked);
  const directory = mkdtempSync(join(tmpdir(), 'evenstock-tryton-'));
  cpSync(prepared, directory, { recursive: true });
  return run(directory, await freePort());
}

async function run(directory: string, port: number): Promise<TrytonServer> {
  const configuration = join(directory, 'trytond.conf');
  writeFileSync(
    configuration,
    `[database]\nuri = sqlite://\npath = ${directory}\n[web]\nlisten = 127.0.0.1:${port}\n[session]\nauthentications = password\n`,
  );
  const url = `http://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;
  const start = async () => {
    child = spawn('trytond', ['-c', configuration], { stdio: 'ignore' });
    for (let n = 0; n < 300; n += 1) {
      const isUp = await fetch(`${url}/`).then(
        () => true,
        () => false,
      );
      if (isUp) return;
      await delay(100);
    }
    throw new Error('Tryton did not start in 30 s');
  };
  const stop = () =>
    new Promise<void>((resolve) => {
      if (child === undefined || child.exitCode !== null) return resolve();
      child.once('exit', () => resolve());
      child.kill('SIGKILL');
    });
  await start();
  const admin = await adminOf(`${url}/${DATABASE}/`, PASSWORD);
  return {
    ...{ host: '127.0.0.1', port, url, admin, start, stop },
    async close() {
      await stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function prepare(target: string): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'evenstock-tryton-prepared-'));
  const passwordFile = join(directory, 'password');
  writeFileSync(passwordFile, PASSWORD);
  writeFileSync(join(directory, `${DATABASE}.sqlite`), '');
  writeFileSync(join(directory, 'trytond.conf'), `[database]\nuri = sqlite://\npath = ${directory}\n`);
  const modules = ['-u', ...MODULES, '--activate-dependencies', '--email', 'admin@shop.example'];
  execFileSync('trytond-admin', ['-c', join(directory, 'trytond.conf'), '-d', DATABASE, ...modules], {
    env: { ...process.env, TRYTONPASSFILE: passwordFile },
    stdio: 'ignore',
  });
  const { admin, stop } = await run(directory, await freePort());
  await setUpTryton(admin, USER, PASSWORD).finally(stop);
  become(directory, target);
}

async function stock(base: string, target: string, { setUp }: Stocked): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'evenstock-tryton-prepared-'));
  cpSync(base, directory, { recursive: true });
  const { admin, stop } = await run(directory, await freePort());
  await setUp(admin).finally(stop);
  become(directory, target);
}

function become(directory: string, target: string): void {
  mkdirSync(join(target, '..'), { recursive: true });
  try {
    renameSync(directory, target);
  } catch {
    // Another test was first.
    rmSync(directory, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

// The steps of the Dockerfile without an engine: its files in a folder of their own, its packages by npm, then the server as
// another user, asked by the image's own health check. Skips where it may not become another user.
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DOCKERFILE = readFileSync(join(ROOT, 'Dockerfile'), 'utf8');
/** `nobody`. */
const USER = 65_534;
const isRoot = process.getuid?.() === 0;
if (!isRoot) console.warn('SKIPPED: only root may run the server as another user');

const opened: (() => void)[] = [];
afterEach(() => {
  for (const close of opened.splice(0).reverse()) close();
}, 180_000);

it.skipIf(!isRoot)('gives a server that runs as another user and is healthy', { timeout: 280_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'evenstock-image-'));
  opened.push(() => rmSync(folder, { recursive: true, force: true }));
  chmodSync(folder, 0o755);
  for (const [, sources] of DOCKERFILE.matchAll(/^COPY (?!--from)(.+) \S+$/gm)) {
    for (const source of sources!.split(' ')) cpSync(join(ROOT, source), join(folder, source), { recursive: true });
  }
  const [, install] = /^RUN (npm ci .*)$/m.exec(DOCKERFILE)!;
  const installed = spawnSync('sh', ['-c', install!], { cwd: folder, encoding: 'utf8' });
  expect([installed.status, installed.stderr]).toEqual([0, expect.any(String)]);
  for (const name of ['vitest', 'typescript', 'node'])
    expect(existsSync(join(folder, 'node_modules', name))).toBe(false);

  // The image's Node; here the one that runs the tests, where the other user may execute it.
  const node = join(folder, 'node');
  cpSync(process.execPath, node, { dereference: true });
  chmodSync(node, 0o755);
  const data = join(folder, 'data');
  mkdirSync(data);
  spawnSync('chown', [String(USER), data]);
  const command = JSON.parse(/^CMD (\[.*\])$/m.exec(DOCKERFILE)![1]!) as string[];
  const [, check] = /^HEALTHCHECK [^[]*CMD (\[[^\n]*\])$/m.exec(DOCKERFILE)!;
  const env = {
    DATA_DIR: data,
    HOST: '127.0.0.1',
    PORT: '18231',
    POLICY_FILE: join(ROOT, 'docs/examples/policy.json'),
  };
  // The policy is mounted into the container; the other user may not look into the tests' own folders.
  cpSync(env.POLICY_FILE, join(folder, 'policy.json'));
  const server = spawn(node, command.slice(1), {
    cwd: folder,
    uid: USER,
    gid: USER,
    env: { ...env, POLICY_FILE: join(folder, 'policy.json') },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  opened.push(() => server.kill('SIGKILL'));
  let said = '';
  server.stderr.on('data', (chunk: Buffer) => {
    said += chunk;
  });
  const isHealthy = () =>
    spawnSync(node, (JSON.parse(check!) as string[]).slice(1), { uid: USER, gid: USER, env }).status === 0;
  await expect.poll(() => (isHealthy() ? 'healthy' : said), { timeout: 60_000, interval: 500 }).toBe('healthy');
  const ended = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGTERM');
  expect(await ended).toBe(0);
  expect(isHealthy()).toBe(false);
});

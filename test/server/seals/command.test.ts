// `evenstock seal` and `evenstock verify` as commands: of a server that is trading meanwhile, and of its log once it stopped.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openSqliteLog } from '../../../adapters/event-log/sqlite/log.ts';
import { systemClock } from '../../../adapters/platform.ts';
import { START } from '../../../domain/event-log.ts';
import { type ServedProduct, serveProduct } from '../../support/served-product.ts';
import { rewriteFrames, withChainsRedone } from '../../support/tampering.ts';

const MAIN = new URL('../../../server/cli/evenstock.ts', import.meta.url).pathname;
const directory = mkdtempSync(join(tmpdir(), 'evenstock-sealing-'));
const at = (name: string) => join(directory, name);
const data = at('data');
let product: ServedProduct;

beforeAll(async () => {
  product = await serveProduct({ env: { DATA_DIR: data } });
});
afterAll(async () => {
  await product.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function evenstock(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = { PATH: process.env['PATH'], DATA_DIR: data, LOG_LEVEL: 'error' };
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [MAIN, ...args], { env });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
}
const seal = (...more: string[]) =>
  evenstock('seal', '--seals', at('seals.ndjson'), '--sign-with', at('key.pem'), ...more);
const verify = (...more: string[]) =>
  evenstock('verify', '--seals', at('seals.ndjson'), '--public-key', at('key.pub.pem'), ...more);
const receive = (id: string) =>
  product.post('/v1/commands', {
    ...{ type: 'receipt', id, sku: 'A', location: 'warehouse', quantity: 1 },
    occurredAt: new Date().toISOString(),
  });

it('seals and verifies over HTTP while the server trades, then the log itself, and finds what was altered', async () => {
  expect(await evenstock('seal', 'keygen', at('key.pem'))).toMatchObject({ code: 0 });
  let trading = true;
  const traded = (async () => {
    for (let n = 0; trading; n++) expect((await receive(`r-${n}`)).status).toBe(200);
  })();
  await expect.poll(async () => (await seal('--url', product.url)).stdout, { timeout: 60_000 }).toMatch(/^seal 1 in /);
  expect(await seal('--url', product.url)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^seal 2 in /) });
  trading = false;
  await traded;
  const online = await verify('--url', product.url);
  expect(online).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/proven: nothing sealed was lost or altered\n$/),
  });
  expect(await seal('--json', '--url', product.url)).toMatchObject({ code: 0 });
  expect(await verify()).toMatchObject({ code: 1, stderr: expect.stringMatching(/LogInUse.*stop it first/) });
  await product.stop();

  const whole = await verify();
  expect(whole).toMatchObject({ code: 0, stdout: expect.stringMatching(/every figure follows from the log\n$/) });
  const log = await openSqliteLog({
    directory: data,
    clock: systemClock,
    onFatal: (error) => expect.unreachable(error.message),
  });
  const events = await log.readAll(START, 100_000);
  await log.close();
  const place = events.findIndex(({ stream, revision }) => stream === 'stock-A~warehouse' && revision === 1);
  rewriteFrames(join(data, 'log.sqlite'), withChainsRedone(events.toSpliced(place, 1)));
  const altered = await verify();
  expect(altered).toMatchObject({ code: 1, stdout: expect.stringMatching(/NOT PROVEN: see above\n$/) });
  expect(altered.stdout).toMatch(/hash chain faults: 0\n/);
  expect(altered.stdout).toMatch(/ {2}stock-A~warehouse@1: 1 event removed, there or later/);
}, 120_000);

it.each([
  [['verify', '--seals', at('none.ndjson')], /needs --public-key/],
  [['verify', '--seals', at('none.ndjson'), '--public-key', at('none.pem')], /none.pem cannot be used/],
  [['verify', '--seals', at('none.ndjson'), '--public-key', at('key.pub.pem')], /there is no such file of seals/],
  [['seal', '--seals', at('x'), '--sign-with', at('key.pub.pem')], /key.pub.pem cannot be used: no private key/],
  [['seal', '--seals', at('x')], /required option '--sign-with/],
  [['seal', 'keygen', at('key.pem')], /is there already/],
])('%j fails and says why', async (args, told) => {
  const { code, stderr } = await evenstock(...args);
  expect(code).toBeGreaterThan(0);
  expect(stderr).toMatch(told);
});

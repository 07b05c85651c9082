// Fault row 14 over real HTTP: a till comes back after a day with 10,000 lines, shuffled, 5 % twice, 1 % damaged. They are
// in within seconds, bad lines apart, a second upload gives no new event, and sales made meanwhile do not wait for it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { UploadSummary } from '../../../server/routes/openapi/tills.ts';
import { type ServedProduct, serveProduct } from '../../support/served-product.ts';
import { tillFile } from '../../support/till-file.ts';

const CLI = new URL('../../../server/cli/evenstock.ts', import.meta.url).pathname;
const directory = mkdtempSync(join(tmpdir(), 'evenstock-till-'));
let product: ServedProduct;
beforeAll(async () => {
  product = await serveProduct({ env: { RATE_PER_SECOND: 'off' } });
}, 30_000);
afterAll(async () => {
  await product.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function upload(device: string, csv: string) {
  const response = await fetch(`${product.url}/v1/tills/${device}/upload?location=warehouse`, {
    method: 'POST',
    headers: { 'content-type': 'text/csv' },
    body: csv,
  });
  expect(response.status).toBe(200);
  const lines = (await response.text()).trimEnd().split('\n');
  return { verdicts: lines.length - 1, ...UploadSummary.parse(JSON.parse(lines.at(-1)!)) };
}

/** A sale each few milliseconds, until it is told to stop: how long each took, ms. */
function liveTraffic() {
  const took: number[] = [];
  let isOver = false;
  let n = 0;
  const selling = (async () => {
    while (!isOver) {
      n += 1;
      const from = performance.now();
      const sale = { type: 'sale', id: `live-${from}-${n}`, sku: `LIVE-${n % 50}`, location: 'warehouse', quantity: 1 };
      const { status } = await product.post('/v1/commands', { ...sale, occurredAt: new Date().toISOString() });
      expect(status).toBe(200);
      took.push(performance.now() - from);
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
  })();
  return async () => {
    isOver = true;
    await selling;
    took.sort((a, b) => a - b);
    const at = (share: number) => took[Math.min(took.length - 1, Math.floor(took.length * share))]!;
    return { sales: took.length, p50: at(0.5), p99: at(0.99), most: took.at(-1)! };
  };
}

test('10,000 lines of an offline day', { timeout: 120_000 }, async () => {
  const file = tillFile({ lines: 10_000, seed: 14, skus: 400 });
  const alone = liveTraffic();
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const before = await alone();

  const beside = liveTraffic();
  const from = performance.now();
  const first = await upload('till-7', file.csv);
  const seconds = (performance.now() - from) / 1_000;
  const during = await beside();
  const words = ({ sales, p50, p99, most }: typeof during) =>
    `${sales} sales, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, most ${most.toFixed(1)} ms`;
  process.stdout.write(`upload: ${seconds.toFixed(1)} s; alone: ${words(before)}; beside it: ${words(during)}\n`);

  expect(first.verdicts).toBe(10_000);
  expect(first.summary).toMatchObject({
    ...{ lines: 10_000, accepted: file.distinct, duplicates: file.duplicates, invalid: file.malformed, failed: 0 },
    arrived: { missing: file.missing },
  });
  expect(seconds).toBeLessThan(20);
  // A piece of the upload at most stands in the way of a sale; a whole upload would take a second and more.
  expect(during.p50).toBeLessThan(Math.max(50, 5 * before.p50));
  expect(during.most).toBeLessThan(Math.max(1_000, 5 * before.most));

  const again = await upload('till-7', file.csv);
  expect(again.summary).toMatchObject({
    accepted: 0,
    duplicates: file.distinct + file.duplicates,
    invalid: file.malformed,
  });
  for (const [sku, units] of [...file.onHand].slice(0, 40)) {
    expect((await product.get(`/v1/stock/${sku}/warehouse`)).body['onHand'], sku).toBe(units);
  }
  const { body } = await product.get('/v1/tills/till-7');
  expect(body).toMatchObject({ device: 'till-7', arrived: { missing: file.missing } });
});

test('the command line: parts, bad lines in a file, on from a counter, and what is missing', {
  timeout: 60_000,
}, async () => {
  const file = tillFile({ lines: 4_500, seed: 5, skus: 50 });
  const path = join(directory, 'till-9.csv');
  const errors = join(directory, 'errors.ndjson');
  writeFileSync(path, file.csv);
  const run = async (...args: string[]) => {
    const child = spawn(process.execPath, [CLI, 'till', ...args, '--url', product.url], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    return { stdout, stderr, code };
  };
  const send = ['upload', path, '--device', 'till-9', '--location', 'warehouse', '--errors', errors];
  const partly = await run(...send, '--from-counter', '4001');
  expect(partly.stdout).toMatch(/^\d{3} lines: \d+ new/);
  const whole = await run(...send, '--json');
  expect(whole.code).toBe(2);
  const sum = JSON.parse(whole.stdout);
  expect(sum).toMatchObject({ lines: 4_500, invalid: file.malformed, arrived: { missing: file.missing } });
  expect(sum.accepted + sum.duplicates).toBe(file.distinct + file.duplicates);
  const bad = readFileSync(errors, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const lines = file.csv.split('\n');
  expect(bad).toHaveLength(file.malformed);
  for (const { line } of bad.slice(0, 5)) expect(lines[line - 1]).toMatch(/"1,|,1$|zero|\?|24:61|not,a,line/);
  const shown = await run('show', 'till-9');
  expect(shown.stdout).toContain(`${file.missing} missing`);
  const wrong = await run('upload', join(directory, 'none.csv'), '--device', 'till-9');
  expect([wrong.code, wrong.stderr]).toEqual([expect.any(Number), expect.stringContaining('cannot be read')]);
  expect(wrong.code).not.toBe(0);
});

// `evenstock counts` against a running server: files of counted lines go in, progress and report come out.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { reportStocktake, showStocktake } from '../../../server/cli/counts/show.ts';
import { uploadCounts } from '../../../server/cli/counts/upload.ts';
import { type CountStore, countStore } from '../../support/count-store.ts';

const MINUTE = 60_000;
const t = Date.now() - 60 * MINUTE;
const SKUS = 1_300;
let store: CountStore;
let directory: string;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'evenstock-counts-'));
  store = await countStore({ env: { RATE_PER_SECOND: 'off' } });
  const receipts = Array.from({ length: SKUS }, (_, n) => ({
    ...{ type: 'receipt', id: `r-${n}`, sku: `SKU-${n}`, location: 'store-1', quantity: 10 },
    occurredAt: new Date(t).toISOString(),
  }));
  // A batch is answered line by line, which is no JSON document.
  await store.product.post('/v1/commands/batch', receipts).catch(() => undefined);
  await store.open('s');
});
afterEach(async () => {
  process.exitCode = undefined;
  await store.close();
  rmSync(directory, { recursive: true });
});

async function printed(run: () => Promise<void>): Promise<{ readonly out: string; readonly err: string }> {
  const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const err = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const textOf = (spy: typeof out) => spy.mock.calls.map(([text]) => String(text)).join('');
  try {
    await run();
    return { out: textOf(out), err: textOf(err) };
  } finally {
    out.mockRestore();
    err.mockRestore();
  }
}
const as = (who: 'anna' | 'mia') => ({ url: store.product.evenstock.url, key: store.key(who) });
const at = (minutes: number) => new Date(t + minutes * MINUTE).toISOString();
const upload = (text: string, name = 'counted.csv') => {
  const file = join(directory, name);
  writeFileSync(file, text);
  return printed(() => uploadCounts('s', file, as('anna')));
};

it('uploads a file of many lines in commands of 1,000, and again without an effect', async () => {
  const lines = Array.from({ length: SKUS }, (_, n) => `SKU-${n},${n === 7 ? 0 : 10},${at(10)},handheld-3,`);
  const csv = ['sku,quantity,countedAt,device,reason', ...lines].join('\n');
  expect(await upload(csv)).toEqual({ out: `${SKUS - 1} applied, 1 waiting\n`, err: '' });
  expect(process.exitCode).toBeUndefined();
  const head = await store.product.evenstock.log.head();
  expect((await upload(csv)).out).toBe(`${SKUS - 1} applied, 1 waiting\n`);
  expect(await store.product.evenstock.log.head()).toBe(head);
  expect((await printed(() => showStocktake('s', as('mia')))).out).toMatch(
    /counted +1300 of 1300 SKUs, 0 more found\nlines +1299 applied, 1 waiting\nunits +0 over, 0 short\n/,
  );
});

it('names the lines that are not taken, and takes the others', async () => {
  const csv = [
    'sku,quantity,countedAt',
    `SKU-1,10,${at(10)}`,
    `SKU-2,-1,${at(10)}`,
    `SKU-3,10,yesterday`,
    `SKU-1,9,${at(11)}`,
    'SKU-4,10',
  ];
  const { out, err } = await upload(csv.join('\r\n'));
  expect(out).toBe('3 bad, 1 applied, 1 refused\n');
  expect(err.split('\n').map((line) => line.slice(0, 40))).toEqual(
    [
      'line 3: /quantity must be a whole number of units',
      'line 4: /countedAt must be an RFC 3339 da',
      'line 6: has 2 columns instead of 3',
      'line 5: SKU-1: already-counted, SKU-1 ha',
      '',
    ].map((line) => line.slice(0, 40)),
  );
  expect(process.exitCode).toBe(2);
  const ndjson = `{"sku":"SKU-5","quantity":10,"countedAt":"${at(10)}","device":"h-1"}\n`;
  expect((await upload(ndjson, 'counted.ndjson')).out).toBe('1 applied\n');
});

it('reports every line over its pages, once', async () => {
  await store.count('s', { 'SKU-0': 9 }, { at: t + MINUTE });
  const { out } = await printed(() => reportStocktake('s', { ...as('mia'), format: 'csv' }));
  const rows = out.trimEnd().split('\r\n');
  expect(rows[0]).toMatch(/^sku,status,/);
  expect(new Set(rows).size).toBe(SKUS + 1);
  const json = await printed(() => reportStocktake('s', { ...as('mia'), format: 'json', status: 'applied' }));
  expect(JSON.parse(json.out)).toMatchObject({ sku: 'SKU-0', variance: -1, reason: 'unknown' });
});

it('says what is wrong', async () => {
  await expect(uploadCounts('a/b', 'x.csv', as('anna'))).rejects.toThrow('a/b is no id of a stocktake');
  await expect(showStocktake('nowhere', as('mia'))).rejects.toThrow('404: There is no stocktake nowhere');
  await expect(
    upload(`sku,quantity,countedAt\nSKU-1,1,${at(1)}`).then(() =>
      uploadCounts('none', join(directory, 'counted.csv'), as('anna')),
    ),
  ).rejects.toThrow('404: There is no stocktake none');
  await expect(reportStocktake('s', { ...as('anna'), format: 'csv' })).rejects.toThrow('403');
});

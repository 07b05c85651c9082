// Stock take-on as docs/shadow-mode.md says: opening stock by counts from a CSV file, then each location checked against it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { httpTarget } from '../../../server/cli/import/http-target.ts';
import { runImport } from '../../../server/cli/import/run-import.ts';
import { type Product, startProduct } from '../../support/product.ts';
import { reconciling } from '../../support/reconciling.ts';

const KEY = `evs_${'t'.repeat(43)}`;
let product: Product;
let directory: string;
const { upload } = reconciling(() => product);
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'evenstock-take-on-'));
  product = await startProduct({
    clients: [{ id: 'take-on', key: KEY, scopes: ['commands:write'], locations: 'all', channels: 'all' }],
  });
});
afterAll(async () => {
  await product.close();
  rmSync(directory, { recursive: true, force: true });
});

const COUNTED = new Date(Date.now() - 3_600_000).toISOString();
const MAPPING = {
  version: 1,
  fields: {
    ...{ type: 'count', id: { template: 'take-on-1:{location}:{sku}' }, sku: { column: 'sku' } },
    ...{ location: { column: 'location' }, counted: { column: 'counted', number: 'as-is' } },
    ...{ occurredAt: COUNTED, reason: 'take-on' },
  },
};
const ROWS = [
  ['85123A', 'warehouse', 12],
  ['71053', 'warehouse', 0],
  ['85123A', 'store-1', 4],
] as const;

const take = async () => {
  const file = join(directory, 'opening.csv');
  const mapping = join(directory, 'opening.mapping.json');
  writeFileSync(file, `sku,location,counted\n${ROWS.map((row) => row.join(',')).join('\n')}\n`);
  writeFileSync(mapping, JSON.stringify(MAPPING));
  const stdout = { write: () => true } as unknown as NodeJS.WritableStream;
  return runImport(
    { file, mapping, json: true },
    {
      openTarget: () => httpTarget({ url: product.evenstock.url, apiKey: KEY }),
      ...{ stdout, stderr: process.stderr, clock: { now: Date.now } },
    },
  );
};
const check = async (location: string, rows: string) => {
  const query = `system=take-on&location=${location}&complete=true&correct=false&asOf=${COUNTED}`;
  return (await (await upload(query, `sku,units\n${rows}\n`)).json()) as Record<string, unknown>;
};

it('counts become opening stock, and each location agrees with the list in units and SKUs', async () => {
  // What happened before the count moves nothing; what happens after it does.
  await product.command({
    type: 'receipt',
    sku: '85123A',
    quantity: 99,
    occurredAt: new Date(Date.now() - 7_200_000).toISOString(),
  });
  expect(await take()).toBe(0);
  await product.command({ type: 'sale', sku: '85123A', quantity: 2 });
  expect((await product.get('/v1/stock/85123A/warehouse')).body).toMatchObject({ onHand: 10 });
  expect(await check('warehouse', '85123A,12\n71053,0')).toMatchObject({
    comparison: { skus: 2, reportedUnits: 12, classes: { explained: { skus: 1 } } },
    corrected: { count: 0, case: 0 },
  });
  expect(await check('store-1', '85123A,4')).toMatchObject({
    comparison: { skus: 1, equal: 1, reportedUnits: 4, ourUnits: 4, classes: {} },
  });
});

it('the same file again changes nothing, and a line that was left out is found', async () => {
  expect(await take()).toBe(0);
  expect((await product.get('/v1/stock/85123A/warehouse')).body).toMatchObject({ onHand: 10 });
  expect(await check('store-1', '85123A,4\n71053,6')).toMatchObject({
    comparison: { skus: 2, equal: 1, classes: { 'unknown-sku': { skus: 1, units: 6 } } },
  });
});

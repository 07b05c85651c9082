// `evenstock reconcile` and `evenstock go-live` as processes of their own against a running server: what they print, in each
// format, and their exit codes.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Product, startProduct } from '../../support/product.ts';
import { longAgo } from '../../support/reconciling.ts';

const KEY = `evs_${'c'.repeat(43)}`;
const CLI = fileURLToPath(new URL('../../../server/cli/evenstock.ts', import.meta.url));

let product: Product;
let directory: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'evenstock-reconcile-'));
  const scopes = ['reconciliation:read' as const, 'reconciliation:write' as const];
  product = await startProduct({
    marketplace: { mode: 'shadow' },
    clients: [{ id: 'cli', key: KEY, scopes, locations: 'all', channels: 'all' }],
  });
  for (const [sku, quantity] of [
    ['A', 10],
    ['B', 7],
  ] as const)
    await product.command({ type: 'receipt', sku, quantity });
  product.marketplace.listings.apply('A', 8, 1n, longAgo());
  product.marketplace.listings.apply('B', 5, 1n, longAgo());
});
afterAll(async () => {
  await product.close();
  rmSync(directory, { recursive: true, force: true });
});

const cli = (...args: string[]) =>
  new Promise<{ code: number; out: string; err: string }>((resolve) => {
    const all = [CLI, ...args, '--url', product.evenstock.url, '--key', KEY];
    execFile(process.execPath, all, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    );
  });
const file = (name: string, text: string) => {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
};

it('compares a channel and says that nothing is left', async () => {
  const { code, out } = await cli('reconcile', 'marketplace');
  expect(out).toMatch(/compared {3}2 SKUs, 2 equal; 13 units reported, 13 ours\ncorrection none: it only reports/);
  expect(code).toBe(0);
});

it('lets a channel in shadow mode go live when all holds, and says what to change', async () => {
  const { code, out } = await cli('go-live', 'marketplace');
  expect(out).toMatch(
    /ok {2}policy {6}policy test-1 has it in shadow mode\n\s+→ when all else holds, set "mode": "live"/,
  );
  expect(out).toMatch(/ok {2}compared .*with a complete statement/);
  expect(out).toMatch(/marketplace can go live\.\n$/);
  expect(code).toBe(0);
});

it('compares a file: differences and bad lines are exit code 2; as JSON, CSV and page', async () => {
  const statement = file('shown.csv', 'sku,units\nA,8\nB,9\nX,1\nC\n');
  const json = await cli('reconcile', 'marketplace', '--statement', statement, '--format', 'json');
  expect(json.code).toBe(2);
  expect(JSON.parse(json.out)).toMatchObject({
    badLines: [{ line: 5, rule: 'columns' }],
    differences: [
      { sku: 'B', units: 4 },
      { sku: 'X', class: 'unknown-sku' },
    ],
  });
  const csv = await cli('reconcile', 'marketplace', '--statement', statement, '--format', 'csv');
  expect([csv.code, csv.out.split('\r\n').length]).toEqual([2, 4]);
  const lines = file('shown.ndjson', '{"sku":"A","units":8}\n');
  const page = await cli('reconcile', 'marketplace', '--statement', lines, '--format', 'html', '--no-correct');
  expect([page.code, page.out.slice(0, 15)]).toEqual([0, '<!doctype html>']);
});

it('keeps a channel from going live that differs, shows unknown SKUs or was not compared whole', async () => {
  const statement = file('wrong.csv', 'sku,units\nA,80\nB,5\nX,1\n');
  const { code, out } = await cli('go-live', 'marketplace', '--statement', statement);
  expect(out).toMatch(/NO {2}mismatches {2}2 of 3 SKUs \(73 units\), 0.5 % may be/);
  expect(out).toMatch(/NO {2}mapped {6}1 SKU that it shows is not known here: X/);
  expect(out).toMatch(/marketplace should not go live yet\.\n$/);
  expect(code).toBe(1);
  const again = await cli('go-live', 'marketplace', '--no-compare', '--json', '--mismatch-percent', '100');
  const { ready, checks } = JSON.parse(again.out) as { ready: boolean; checks: { name: string; ok: boolean }[] };
  expect([again.code, ready, checks.filter(({ ok }) => !ok).map(({ name }) => name)]).toEqual([1, false, ['mapped']]);
});

it('says what is wrong with how it is called', async () => {
  const calls = await Promise.all([
    cli('reconcile'),
    cli('reconcile', 'marketplace', '--system', 'erp', '--location', 'warehouse'),
    cli('reconcile', '--system', 'erp', '--location', 'warehouse'),
    cli('reconcile', 'marketplace', '--statement', join(directory, 'none.csv')),
    cli('reconcile', 'webshop'),
  ]);
  expect(calls.map(({ code }) => code)).toEqual([1, 1, 1, 1, 1]);
  expect(calls.map(({ err }) => err.trim())).toEqual([
    expect.stringMatching(/^Name a channel/),
    expect.stringMatching(/^Name a channel/),
    expect.stringMatching(/answered 422: erp is no ERP of the policy that keeps the books of warehouse: upload/),
    expect.stringMatching(/none.csv cannot be read/),
    expect.stringMatching(/answered 422: webshop has no connector/),
  ]);
});

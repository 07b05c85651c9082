// `evenstock policy` against a running server: what it prints, what it sends, and that it says what is wrong.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { PolicyDocument } from '../../../domain/channel/policy.ts';
import { generateKey } from '../../../server/auth/keys.ts';
import { apply, cancel, plan } from '../../../server/cli/policy/change.ts';
import { history, show } from '../../../server/cli/policy/show.ts';
import { type Product, startProduct } from '../../support/product.ts';

const planner = {
  id: 'anna',
  scopes: ['policy:read' as const, 'policy:write' as const],
  locations: 'all' as const,
  channels: 'all' as const,
  key: generateKey(),
};
let product: Product;
let directory: string;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'evenstock-policy-'));
  product = await startProduct({ clients: [planner] });
  const { body } = await product.command({ type: 'receipt', quantity: 10 });
  await product.get(`/v1/availability/marketplace/A?after=${body['position']}`);
});
afterEach(async () => {
  await product.close();
  rmSync(directory, { recursive: true, force: true });
});

async function printed(run: () => Promise<void>): Promise<string> {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    await run();
    return write.mock.calls.map(([text]) => String(text)).join('');
  } finally {
    write.mockRestore();
  }
}
const server = () => ({ url: product.evenstock.url, key: planner.key });
/** What `show` prints, with another version and buffer, as a file. */
async function edited(version: string, buffer: number): Promise<string> {
  const document = JSON.parse(await printed(() => show(undefined, server()))) as PolicyDocument;
  const channels = document.channels.map((one) => (one.id === 'marketplace' ? { ...one, buffer } : one));
  const file = join(directory, `${version}.json`);
  writeFileSync(file, JSON.stringify({ ...document, version, channels }));
  return file;
}

it('plans what was shown and edited, applies it, and shows it in the history', async () => {
  const file = await edited('test-2', 4);
  const planned = [
    'test-2 after test-1: 1 changes',
    '  ~ channels[marketplace].buffer 2 → 4',
    '1 available-to-sell figures change',
    '  marketplace: 1 (1 lower, 0 higher), such as A 8 → 6',
    '',
  ].join('\n');
  expect(await printed(() => plan(file, server()))).toBe(planned);
  const applied = await printed(() => apply(file, { ...server(), reason: 'season' }));
  expect(applied.startsWith(`${planned}test-2 is in force since `)).toBe(true);
  expect(await printed(() => apply(file, { ...server(), reason: 'again' }))).toMatch(
    /^nothing to do: test-2 is in force/,
  );
  const later = await edited('test-3', 9);
  const scheduled = { ...server(), reason: 'sale', effectiveFrom: '2099-01-01T00:00:00Z' };
  expect(await printed(() => apply(later, scheduled))).toMatch(
    /test-3 will be in force from 2099-01-01T00:00:00.000Z\n$/,
  );
  expect(await printed(() => cancel('test-3', { ...server(), reason: 'no' }))).toBe('test-3 is cancelled\n');
  const rows = (await printed(() => history(server()))).trimEnd().split('\n');
  expect(rows.map((row) => row.replaceAll(/ +\d{4}-\S+ +/g, ' | '))).toEqual([
    expect.stringMatching(/^version +state +from +author +reason$/),
    expect.stringMatching(/^test-3 +cancelled \| anna +sale; cancelled by anna: no$/),
    expect.stringMatching(/^test-2 +in-force \| anna +season$/),
    expect.stringMatching(/^test-1 +past \| policy-file +adopted from the policy file at a start$/),
  ]);
  const old = JSON.parse(await printed(() => show('test-1', { ...server(), json: true }))) as object;
  expect(old).toMatchObject({ version: 'test-1', state: 'past', document: { version: 'test-1' } });
});

it('does not apply over what somebody else applied since', async () => {
  const file = await edited('test-2', 4);
  const other = await edited('test-other', 5);
  await printed(() => apply(other, { ...server(), reason: 'mine' }));
  const refused = apply(file, { ...server(), reason: 'season', basedOn: 'test-1' });
  await expect(refused).rejects.toThrow('answered 409: it was made from policy version test-1, and test-other holds');
});

it('says every place of a document that contradicts itself, and what is wrong with a file', async () => {
  const file = join(directory, 'bad.json');
  const channels = [{ id: 'web', locations: ['x', 'y'] }];
  writeFileSync(file, JSON.stringify({ version: 'bad', locations: [{ id: 'dc' }], channels }));
  await expect(plan(file, server())).rejects.toThrow(
    /answered 422: The policy is not valid\n {2}\/document\/channels\/0\/locations\/0 unknown location x\n.*\/1 unknown location y$/,
  );
  writeFileSync(file, '{');
  await expect(plan(file, server())).rejects.toThrow(/bad.json cannot be read/);
  await expect(history({ ...server(), key: generateKey() })).rejects.toThrow('answered 401');
});

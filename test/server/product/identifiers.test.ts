// What another system calls our names, over HTTP and on the command line; and what hangs on it: a listing that was refused
// is told as soon as its SKU is mapped, and an order that waited for a name is taken.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { generateKey } from '../../../server/auth/keys.ts';
import { IdentifierAnswer, IdentifiersPage } from '../../../server/routes/openapi/identifiers.ts';
import { canarySecret } from '../../support/canary.ts';
import { type Product, startProduct } from '../../support/product.ts';
import { signedNow, startToyChannel, type ToyChannel } from '../../support/toy-channel.ts';

const MAIN = new URL('../../../server/cli/evenstock.ts', import.meta.url).pathname;
const SECRET = canarySecret('toy');
const KEYS = { cli: generateKey(), other: generateKey(), reader: generateKey() };

let toy: ToyChannel;
let product: Product;
let directory: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'evenstock-identifiers-'));
  toy = await startToyChannel();
  const connector = { type: 'toy', url: toy.url, secretEnv: 'TOY', ratePerSecond: 100, burst: 100 };
  const key = (
    id: string,
    scope: 'identifiers:read' | 'identifiers:write',
    channels: 'all' | string[],
    own: string,
  ) => {
    const scopes = scope === 'identifiers:write' ? (['identifiers:read', scope] as const) : ([scope] as const);
    return { id, scopes: [...scopes], locations: 'all' as const, channels, key: own };
  };
  product = await startProduct({
    vendors: [toy.vendor],
    env: { TOY_WEBHOOK: SECRET },
    clients: [
      key('cli', 'identifiers:write', 'all', KEYS.cli),
      key('other', 'identifiers:write', ['web'], KEYS.other),
      key('reader', 'identifiers:read', 'all', KEYS.reader),
    ],
    policy: {
      locations: [{ id: 'warehouse' }],
      channels: [
        { id: 'toy', locations: ['warehouse'], connector },
        { id: 'web', locations: ['warehouse'] },
      ],
      systemsOfRecord: [{ system: 'erp', location: 'warehouse' }],
    },
  });
});
afterAll(async () => {
  await product.close();
  await toy.close();
  rmSync(directory, { recursive: true, force: true });
});

const send = (body: string, type = 'application/x-ndjson', system = 'toy') =>
  product.send(`/v1/systems/${system}/identifiers`, { method: 'POST', body, headers: { 'content-type': type } });
const verdicts = async (response: Response) =>
  (await response.text())
    .trimEnd()
    .split('\n')
    .map((line) => IdentifierAnswer.parse(JSON.parse(line)));
const names = async (query = '', system = 'toy') => {
  const head = await product.evenstock.log.head();
  const { body } = await product.get(`/v1/systems/${system}/identifiers?after=${head}${query}`);
  return IdentifiersPage.parse(body).identifiers;
};
const until = async (what: string, look: () => Promise<boolean> | boolean) => {
  for (let n = 0; n < 400; n++) {
    if (await look()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`not within 10 s: ${what}`);
};
const openCases = async () => (await product.get('/v1/cases?status=open')).body['cases'] as { kind: string }[];

test('a listing that was refused, and an order that waited, follow the mapping by themselves', async () => {
  await product.command({ type: 'receipt', sku: 'RED', quantity: 10 });
  const body = JSON.stringify({ id: '1', lines: [{ item: 'gid-red', quantity: 3 }] });
  const answer = await fetch(`${product.evenstock.url}/v1/hooks/toy`, {
    method: 'POST',
    body,
    headers: signedNow(SECRET, body),
  });
  expect(answer.status).toBe(200);
  await until('both cases', async () => (await openCases()).length === 2);
  expect((await openCases()).map(({ kind }) => kind).sort()).toEqual(['refused-publish', 'unmapped-sku']);
  expect(toy.shown.size).toBe(0);

  expect(await verdicts(await send('{"ours":"RED","theirs":"gid-red"}'))).toEqual([{ line: 1, outcome: 'taken' }]);
  await until('the listing and the order', () => toy.shown.get('gid-red') === 7);
  await until('the order', async () => (await product.get('/v1/orders/toy-1')).body['status'] === 'confirmed');
  await until('the cases close', async () => (await openCases()).length === 0);
});

describe('lines', () => {
  test('in every format, each with its verdict; told again, unchanged', async () => {
    const ndjson = '{"ours":"A1","theirs":"t1"}\n\n{"ours":"A2","theirs":"t1"}\nnonsense\n{"ours":"A2"}';
    const told = await verdicts(await send(ndjson));
    expect(told.map(({ line, outcome, reason }) => [line, outcome, reason])).toEqual([
      [1, 'taken', undefined],
      [3, 'refused', 'id-means-another'],
      [4, 'refused', 'invalid-json'],
      [5, 'refused', 'invalid-line'],
    ]);
    expect(told[3]!.detail).toContain('/theirs');
    const json = JSON.stringify([
      { what: 'location', ours: 'warehouse', theirs: 'loc-9' },
      { ours: 'A1', theirs: 't1' },
    ]);
    expect((await verdicts(await send(json, 'application/json'))).map(({ outcome }) => outcome)).toEqual([
      'taken',
      'unchanged',
    ]);
    const csv = 'what,ours,theirs,action,more.offer\nsku,A3,t3,,o-3\nsku,A3,t3b,alias,\nlocation,nowhere,x,,\nsku,A3\n';
    expect(
      (await verdicts(await send(csv, 'text/csv'))).map(({ line, outcome, reason }) => [line, outcome, reason]),
    ).toEqual([
      [2, 'taken', undefined],
      [3, 'taken', undefined],
      [4, 'refused', 'unknown-location'],
      [5, 'refused', 'invalid-json'],
    ]);
    expect(await names('&ours=A3')).toEqual([
      { what: 'sku', ours: 'A3', theirs: 't3', more: { offer: 'o-3' }, aliases: ['t3b'] },
    ]);
    expect(await names('&theirs=t3b&what=sku')).toHaveLength(1);
    expect(await names('&theirs=loc-9')).toMatchObject([{ what: 'location', ours: 'warehouse' }]);
    expect(await names('&theirs=t3&ours=A1')).toEqual([]);
  });

  test.each([
    ['not CSV', 'ours,theirs\n"a', 'text/csv', 422, 'invalid-csv'],
    ['an unknown column', 'ours,theirs,colour\nA,b,c', 'text/csv', 422, 'invalid-csv'],
    ['no column theirs', 'ours\nA', 'text/csv', 422, 'invalid-csv'],
    ['a column twice', 'ours,theirs,ours\nA,b,c', 'text/csv', 422, 'invalid-csv'],
    ['nothing', '', 'text/csv', 422, 'invalid-csv'],
    ['no JSON', '[', 'application/json', 400, 'invalid-json'],
    ['no array', '{}', 'application/json', 400, 'invalid-json'],
    ['another type', 'x', 'text/plain', 415, 'unsupported-media-type'],
    ['too many lines', '{}\n'.repeat(10_001), 'application/x-ndjson', 413, 'too-many-lines'],
  ])('%s', async (_, body, type, status, reason) => {
    const response = await send(body, type);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ reason });
  });

  test('of a system that nobody knows are refused; an ERP is a system', async () => {
    expect((await send('{}', 'application/json', 'nowhere')).status).toBe(404);
    expect((await product.get('/v1/systems/nowhere/identifiers')).status).toBe(404);
    expect((await verdicts(await send('{"ours":"A1","theirs":"t1"}', undefined, 'erp')))[0]!.outcome).toBe('taken');
  });

  test('belong to who may: scopes, and channels of the key', async () => {
    const as = (key: string, method: string, system: string) =>
      fetch(`${product.evenstock.url}/v1/systems/${system}/identifiers`, {
        method,
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/x-ndjson' },
        ...(method === 'POST' ? { body: '{"ours":"A9","theirs":"t9","action":"unmap"}' } : {}),
      });
    expect((await as(KEYS.reader, 'GET', 'toy')).status).toBe(200);
    expect((await as(KEYS.reader, 'POST', 'toy')).status).toBe(403);
    expect((await as(KEYS.other, 'POST', 'toy')).status).toBe(403);
    expect((await as(KEYS.other, 'POST', 'web')).status).toBe(200);
    expect((await fetch(`${product.evenstock.url}/v1/systems/toy/identifiers`)).status).toBe(401);
  });
});

describe('the command line', () => {
  const cli = async (...words: string[]) => {
    const env = { PATH: process.env['PATH'], EVENSTOCK_KEY: KEYS.cli };
    const from = [MAIN, 'identifiers', ...words, '--url', product.evenstock.url];
    const ran = await promisify(execFile)(process.execPath, from, { env }).catch((error: unknown) => error);
    const { stdout, stderr, code = 0 } = ran as { stdout: string; stderr: string; code?: number };
    return { stdout, stderr, code };
  };

  test('imports 5,000 lines, names those that are refused, exports what it imported', async () => {
    const file = join(directory, 'web.csv');
    const lines = Array.from({ length: 5_000 }, (_, n) => `W-${n},"=gid,${n}",${n}`);
    writeFileSync(file, `ours,theirs,more.product\r\n${lines.join('\r\n')}\r\nW-1,gid-other,\r\n`);
    const first = await cli('import', file, '--system', 'web');
    expect(first).toMatchObject({ code: 2, stdout: '5000 taken, 0 unchanged, 1 refused\n' });
    expect(first.stderr).toContain('line 5002: called-otherwise: W-1 is called =gid,1');
    const again = await cli('import', file, '--system', 'web');
    expect(again.stdout).toBe('0 taken, 5000 unchanged, 1 refused\n');

    const exported = await cli('export', '--system', 'web');
    expect(exported.stdout.split('\n')).toHaveLength(5_000 + 2);
    expect(exported.stdout).toContain('what,ours,theirs,action,more.product\nsku,W-0,"=gid,0",map,0\n');
    writeFileSync(file, exported.stdout);
    expect((await cli('import', file, '--system', 'web')).stdout).toBe('0 taken, 5000 unchanged, 0 refused\n');
    const listed = await cli('list', '--system', 'web', '--theirs', '=gid,7', '--json');
    expect(JSON.parse(listed.stdout)).toEqual([{ what: 'sku', ours: 'W-7', theirs: '=gid,7', more: { product: '7' } }]);
  });

  test('says what is wrong', async () => {
    expect(await cli('list', '--system', 'nowhere')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('nowhere'),
    });
    expect((await cli('import', join(directory, 'none.csv'), '--system', 'web')).stderr).toContain('cannot be read');
    expect((await cli('list')).code).toBe(64);
  });
});

test('outlives a restart, and the projections are those of a rebuild', async () => {
  await product.evenstock.readModel.waitFor(await product.evenstock.log.head(), 5_000);
  const before = await names('&limit=2000');
  product = await product.restart();
  expect(await names('&limit=2000')).toEqual(before);
  const proof = await product.evenstock.readModel.verify();
  expect(proof.equal).toBe(true);
  expect(proof.projections.map(({ name }) => name)).toEqual(expect.arrayContaining(['identifiers', 'inbound']));
});

// What the border of /v1/stocktakes takes and refuses, over real HTTP: keys, bodies, repeats, pages, CSV.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CountStore, countStore, type Who } from '../../support/count-store.ts';

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
let store: CountStore;
const now = Date.now();

beforeAll(async () => {
  const skus = ['A', 'B', 'C', 'SET', ...Array.from({ length: 40 }, (_, n) => `S-${n}`)];
  const bundles = [{ sku: 'SET', components: [{ sku: 'B', quantity: 2 }] }];
  store = await countStore({ policy: { skus, bundles } });
  for (let n = 0; n < 40; n++) await store.receipt(`S-${n}`, 10, now - DAY);
  await store.receipt('A', 10, now - DAY);
  await store.open('full');
  await store.open('some', { type: 'skus', skus: ['A', 'B'] });
  await store.open('other', { type: 'skus', skus: ['A'] }, 'warehouse');
});
afterAll(() => store.close());

const text = (at: number) => new Date(at).toISOString();
const line = (fields: Record<string, unknown> = {}) => ({ sku: 'A', quantity: 1, countedAt: text(now), ...fields });

describe('opening', () => {
  it.each([
    ['another of the same id', { stocktakeId: 'full', id: 'again' }, 409, 'stocktake-exists', '/stocktakeId'],
    ['an unknown location', { location: 'mars' }, 422, 'unknown-location', '/location'],
    ['an unknown SKU', { scope: { type: 'skus', skus: ['A', 'Z'] } }, 422, 'unknown-sku', '/scope/skus/1'],
    ['a bundle', { scope: { type: 'skus', skus: ['SET'] } }, 422, 'bundle-has-no-stock', '/scope/skus/0'],
    ['no scope', { scope: undefined }, 422, 'invalid-command', '/scope'],
    ['an SKU twice', { scope: { type: 'skus', skus: ['A', 'A'] } }, 422, 'invalid-command', '/scope/skus/1'],
    ['an id with a slash', { stocktakeId: 'a/b' }, 422, 'invalid-command', '/stocktakeId'],
  ])('%s is refused', async (_, wrong, status, reason, path) => {
    const body = { id: 'o-1', stocktakeId: 'new', location: 'store-1', scope: { type: 'full' }, ...wrong };
    const reply = await store.send('anna', 'POST', '/v1/stocktakes', body);
    expect(reply).toMatchObject({ status, body: { reason, errors: [{ path }] } });
    expect(reply.headers.get('content-type')).toBe('application/problem+json');
  });
});

describe('a counted line', () => {
  const refused: readonly (readonly [string, string, Record<string, unknown>, number, string])[] = [
    ['from the future', 'full', line({ countedAt: text(now + DAY) }), 422, 'fence-in-future'],
    ['from long ago', 'full', line({ countedAt: text(now - 60 * DAY) }), 422, 'fence-too-old'],
    ['of an SKU the policy does not know', 'full', line({ sku: 'Z' }), 422, 'unknown-sku'],
    ['of an SKU that is not counted', 'some', line({ sku: 'C' }), 422, 'sku-not-in-stocktake'],
    ['of a bundle', 'full', line({ sku: 'SET' }), 422, 'bundle-has-no-stock'],
    ['of −1 units', 'full', line({ quantity: -1 }), 422, 'invalid-command'],
    ['of 1.5 units', 'full', line({ quantity: 1.5 }), 422, 'invalid-command'],
    ['without a time', 'full', line({ countedAt: undefined }), 422, 'invalid-command'],
    ['with a field nobody knows', 'full', line({ shelf: 3 }), 422, 'invalid-command'],
    ['of no stocktake', 'nowhere', line(), 404, 'unknown-stocktake'],
  ];
  it.each(refused)('%s is refused, and nothing happens', async (_, id, of, status, reason) => {
    const head = await store.product.evenstock.log.head();
    const reply = await store.command(id, 'anna', { type: 'count', lines: [of] });
    expect(reply).toMatchObject({ status, body: { reason } });
    expect(await store.product.evenstock.log.head()).toBe(head);
  });

  it('costs no other line, and is named when none is taken', async () => {
    const lines = [line({ sku: 'S-0', quantity: 10 }), line({ sku: 'Z' })];
    expect(await store.command('full', 'anna', { type: 'count', lines })).toMatchObject({
      status: 200,
      body: {
        lines: [
          { sku: 'S-0', status: 'applied' },
          { sku: 'Z', outcome: 'refused', reason: 'unknown-sku' },
        ],
      },
    });
    expect(await store.command('full', 'anna', { type: 'count', lines })).toMatchObject({
      status: 409,
      body: { reason: 'already-counted', errors: [{ path: '/lines/0/sku' }, { path: '/lines/1/sku' }] },
    });
  });

  it('with an Idempotency-Key is answered from memory, and another body under it is refused', async () => {
    const path = '/v1/stocktakes/full/commands';
    const body = { type: 'count', id: 'keyed', lines: [line({ sku: 'S-1', quantity: 10 })] };
    const key = { 'idempotency-key': 'k-1' };
    const first = await store.send('anna', 'POST', path, body, key);
    const second = await store.send('anna', 'POST', path, body, key);
    expect([first.status, second.body]).toEqual([200, first.body]);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    const other = await store.send('anna', 'POST', path, { ...body, id: 'keyed-2' }, key);
    expect(other).toMatchObject({ status: 422, body: { reason: 'idempotency-key-reused' } });
  });
});

describe('keys', () => {
  const count = { type: 'count', lines: [line({ sku: 'B' })] };
  const approve = { type: 'approve', skus: ['B'] };
  const matrix: readonly (readonly [Who, string, string, unknown, number])[] = [
    ['guest', 'GET', '/v1/stocktakes', undefined, 403],
    ['guest', 'GET', '/v1/stocktakes/full', undefined, 403],
    ['guest', 'GET', '/v1/stocktakes/full/lines', undefined, 403],
    ['guest', 'POST', '/v1/stocktakes/full/commands', { id: 'g', ...count }, 403],
    ['anna', 'GET', '/v1/stocktakes/full', undefined, 403],
    ['anna', 'POST', '/v1/stocktakes/full/commands', { id: 'a', ...approve }, 403],
    ['mia', 'POST', '/v1/stocktakes/full/commands', { id: 'm', ...count }, 403],
    ['mia', 'GET', '/v1/stocktakes/full', undefined, 200],
    ['north', 'GET', '/v1/stocktakes/full', undefined, 200],
    ['north', 'GET', '/v1/stocktakes/other', undefined, 403],
    ['north', 'GET', '/v1/stocktakes/other/lines', undefined, 403],
    ['north', 'GET', '/v1/stocktakes?location=warehouse', undefined, 403],
    ['north', 'POST', '/v1/stocktakes/other/commands', { id: 'n', ...count }, 403],
  ];
  it.each(matrix)('%s may %s %s: %# ', async (who, method, path, body, status) => {
    expect((await store.send(who, method, path, body)).status).toBe(status);
  });

  it('limited to locations list only those', async () => {
    const listed = async (who: Who) => {
      const { body } = await store.send(who, 'GET', '/v1/stocktakes');
      return (body['stocktakes'] as { stocktakeId: string }[]).map(({ stocktakeId }) => stocktakeId);
    };
    expect(await listed('mia')).toEqual(['other', 'some', 'full']);
    expect(await listed('north')).toEqual(['some', 'full']);
  });
});

describe('reading', () => {
  it('pages the list', async () => {
    const first = (await store.send('mia', 'GET', '/v1/stocktakes?limit=2')).body;
    expect(first).toMatchObject({ stocktakes: [{ stocktakeId: 'other' }, { stocktakeId: 'some' }] });
    const second = (await store.send('mia', 'GET', `/v1/stocktakes?limit=2&cursor=${first['next']}`)).body;
    expect(second['stocktakes']).toMatchObject([{ stocktakeId: 'full' }]);
    expect(second['next']).toBeUndefined();
    const filtered = (await store.send('mia', 'GET', '/v1/stocktakes?location=warehouse&status=counting')).body;
    expect(filtered['stocktakes']).toMatchObject([{ stocktakeId: 'other', progress: { expected: 1, counted: 0 } }]);
  });

  it('pages the lines, each once', async () => {
    const seen: string[] = [];
    for (let cursor = ''; ; ) {
      const path = `/v1/stocktakes/full/lines?limit=7${cursor && `&cursor=${encodeURIComponent(cursor)}`}`;
      const { body } = await store.send('mia', 'GET', path);
      seen.push(...(body['lines'] as { sku: string }[]).map(({ sku }) => sku));
      if (body['next'] === undefined) break;
      cursor = body['next'] as string;
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.sort()).toEqual(['A', ...Array.from({ length: 40 }, (_, n) => `S-${n}`)].sort());
  });

  it('gives CSV with its next page in Link, and nothing that a spreadsheet would run', async () => {
    const device = '=HYPERLINK("x")';
    await store.command('full', 'anna', { type: 'count', lines: [line({ sku: 'S-2', quantity: 9, device })] });
    const accept = { accept: 'text/csv' };
    const after = (await store.product.evenstock.log.head()).toString();
    const reply = await store.send(
      'mia',
      'GET',
      `/v1/stocktakes/full/lines?status=applied&after=${after}`,
      undefined,
      accept,
    );
    expect(reply.headers.get('content-type')).toContain('text/csv');
    const rows = (reply.body['text'] as string).split('\r\n');
    expect(rows[0]).toMatch(/^sku,status,known,counted,countedAt,expected,variance,reason,/);
    expect(rows.find((row) => row.startsWith('S-2,'))).toBe(
      `S-2,applied,true,9,${text(now)},10,-1,unknown,10,-1,0,anna,"'=HYPERLINK(""x"")",`,
    );
    const first = await store.send('mia', 'GET', '/v1/stocktakes/full/lines?limit=5', undefined, accept);
    const [, path] = /^<([^>]+)>; rel="next"$/.exec(first.headers.get('link') ?? '') ?? [];
    const second = await store.send('mia', 'GET', path!, undefined, accept);
    expect(second.body['text']).not.toBe(first.body['text']);
    expect((second.body['text'] as string).split('\r\n')).toHaveLength(7);
  });

  it.each([
    '/v1/stocktakes/full/lines?cursor=x',
    '/v1/stocktakes/full/lines?cursor=0~%20bad',
    '/v1/stocktakes/full/lines?limit=0',
    '/v1/stocktakes/full/lines?status=lost',
    '/v1/stocktakes?status=new',
    '/v1/stocktakes?colour=red',
    '/v1/stocktakes/a~0',
  ])('refuses %s', async (path) => {
    expect(await store.send('mia', 'GET', path)).toMatchObject({ status: 400, body: { reason: 'invalid-parameter' } });
  });

  it('of what is not there is a 404', async () => {
    for (const path of ['/v1/stocktakes/nowhere', '/v1/stocktakes/nowhere/lines']) {
      expect(await store.send('mia', 'GET', path)).toMatchObject({
        status: 404,
        body: { reason: 'unknown-stocktake' },
      });
    }
  });
});

describe('who owns counts by policy', () => {
  it('alone may send lines, and the history names them', async () => {
    const ownership = [{ id: 'handhelds', commands: ['count'], locations: ['store-1'], owners: [{ client: 'anna' }] }];
    const owned = await countStore({ policy: { ownership } });
    try {
      await owned.receipt('A', 10, now - DAY);
      await owned.open('s');
      const counted = { type: 'count', lines: [line({ quantity: 9 })] };
      const refused = await owned.command('s', 'ben', counted);
      expect(refused).toMatchObject({ status: 403, body: { reason: 'not-owner', errors: [{ path: '/type' }] } });
      expect(await owned.command('s', 'anna', { ...counted, id: 'c-1' })).toMatchObject({ status: 200 });
      const { body } = await owned.product.get('/v1/stock/A/store-1/history');
      const entry = (body['entries'] as Record<string, unknown>[]).at(-1);
      expect(entry).toMatchObject({ event: 'StockCounted', source: 'anna', reason: 'stocktake s', counted: 9 });
    } finally {
      await owned.close();
    }
  });
});

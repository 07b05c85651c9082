// Transfers through the real HTTP API, from the request to the last unit, with the figures of the stocks at both ends.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StockFigures } from '../../../server/routes/openapi/schemas.ts';
import { TransferAnswerDocument, TransferDocument, TransferList } from '../../../server/routes/openapi/transfers.ts';
import { type TransferStore, transferStore } from '../../support/transfer-store.ts';

let store: TransferStore;
beforeEach(async () => {
  store = await transferStore();
  await store.receive('dc', { A: 10, B: 10 });
});
afterEach(() => store.close());

/** What both ends show: on-hand, reserved, in-transit in, in-transit out. */
const ends = async (sku = 'A') => [await store.levels('dc', sku), await store.levels('store-1', sku)];
const is = (status: string, more: object = {}) => ({
  status: 200,
  body: { settled: true, transfer: { status, ...more } },
});

describe('a transfer over HTTP', () => {
  it('moves units whole, and shows them in-transit on both sides meanwhile', async () => {
    expect(await store.open({ A: 4, B: 2 })).toMatchObject(is('requested', { owed: 0 }));
    expect(await ends()).toEqual([
      [10, 4, 0, 0],
      [0, 0, 0, 0],
    ]);
    expect(await store.send('dispatch', { A: 4, B: 2 })).toMatchObject(is('underway'));
    expect(await ends()).toEqual([
      [6, 0, 0, 4],
      [0, 0, 4, 0],
    ]);
    expect(await store.send('receive', { A: 4, B: 2 })).toMatchObject(is('completed', { discrepancies: [] }));
    expect(await ends()).toEqual([
      [6, 0, 0, 0],
      [4, 0, 0, 0],
    ]);
    expect(await store.transfer()).toMatchObject({
      ...{ id: 't-1', status: 'completed', from: 'dc', to: 'store-1', owed: 0, stuck: false },
      lines: [
        { sku: 'A', requested: 4, dispatched: 4, received: 4, underWay: 0 },
        { sku: 'B', requested: 2, dispatched: 2, received: 2, underWay: 0 },
      ],
    });
  });

  it('takes parts, what is short and why, and what is over when it is said to be', async () => {
    await store.open({ A: 6 });
    await store.send('dispatch', { A: 6 });
    expect(await store.send('receive', { A: 2 })).toMatchObject(is('underway'));
    expect(await store.send('receive', { A: 5 })).toMatchObject({
      status: 409,
      body: { reason: 'exceeds-in-transit', errors: [{ path: '/lines/0/quantity' }] },
    });
    expect(await store.send('over', { B: 1 }, { reason: 'not on the note' })).toMatchObject(is('underway'));
    await store.send('receive', { A: 3 });
    expect(await store.send('short', { A: 1 }, { reason: 'broken in the lorry' })).toMatchObject(is('completed'));
    expect([await ends('A'), await ends('B')]).toEqual([
      [
        [4, 0, 0, 0],
        [5, 0, 0, 0],
      ],
      [
        [9, 0, 0, 0],
        [1, 0, 0, 0],
      ],
    ]);
    expect(await store.transfer()).toMatchObject({
      discrepancies: [
        { type: 'over', reason: 'not on the note', lines: [{ sku: 'B', quantity: 1 }] },
        { type: 'short', leg: 'out', reason: 'broken in the lorry', lines: [{ sku: 'A', quantity: 1 }] },
      ],
    });
  });

  it('takes back what the destination refuses', async () => {
    await store.open({ A: 6 });
    await store.send('dispatch', { A: 6 });
    await store.send('receive', { A: 4 });
    expect(await store.send('reject', { A: 2 }, { reason: 'wet' })).toMatchObject(is('underway'));
    expect(await ends()).toEqual([
      [4, 0, 2, 0],
      [4, 0, 0, 0],
    ]);
    expect(await store.send('return', { A: 2 })).toMatchObject(is('completed'));
    expect(await ends()).toEqual([
      [6, 0, 0, 0],
      [4, 0, 0, 0],
    ]);
  });

  it('is called off before it left, and the rest of it after', async () => {
    await store.open({ A: 6 });
    expect(await store.send('cancel')).toMatchObject(is('cancelled'));
    expect(await store.levels('dc')).toEqual([10, 0, 0, 0]);
    await store.open({ A: 6 });
    await store.send('dispatch', { A: 4 });
    expect(await store.send('cancel')).toMatchObject(is('underway'));
    expect(await store.levels('dc')).toEqual([6, 0, 0, 4]);
    expect(await store.send('cancel')).toMatchObject({ status: 409, body: { reason: 'nothing-to-cancel' } });
    expect(await store.send('receive', { A: 4 })).toMatchObject(is('completed'));
  });

  it('is refused whole when one line cannot be set aside, with the reason of each such line', async () => {
    const refused = {
      status: 409,
      body: { reason: 'insufficient-available', errors: [{ path: '/lines/1/quantity' }] },
    };
    expect(await store.open({ A: 4, B: 11 })).toMatchObject(refused);
    expect([await store.levels('dc', 'A'), await store.levels('dc', 'B')]).toEqual([
      [10, 0, 0, 0],
      [10, 0, 0, 0],
    ]);
    expect(await store.transfer()).toMatchObject({ status: 'refused', owed: 0 });
    expect(await store.open({ A: 4, B: 11 }, { id: 'open-1', transferId: 't-1' })).toMatchObject(refused);
  });

  it('has each command once, however often it is sent', async () => {
    await store.open({ A: 6 });
    await store.send('dispatch', { A: 3 }, { id: 'd-1' });
    expect(await store.send('dispatch', { A: 3 }, { id: 'd-1' })).toMatchObject({ body: { duplicate: true } });
    expect(await store.open({ A: 6 }, { id: 'open-1', transferId: 't-1' })).toMatchObject({
      body: { duplicate: true },
    });
    expect(await store.levels('dc')).toEqual([7, 3, 0, 3]);
    expect(await store.open({ A: 1 }, { transferId: 't-1' })).toMatchObject({ body: { reason: 'transfer-exists' } });
  });

  it('is told once under one Idempotency-Key, and another body is refused', async () => {
    await store.open({ A: 6 });
    const dispatch = (id: string, quantity: number) =>
      store.product.send('/v1/transfers/t-1/commands', {
        method: 'POST',
        headers: { 'idempotency-key': 'key-1' },
        body: JSON.stringify({ type: 'dispatch', id, lines: [{ sku: 'A', quantity }] }),
      });
    const first = await dispatch('d-1', 2);
    const again = await dispatch('d-1', 2);
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([200, 'true']);
    expect(await again.text()).toBe(await first.text());
    expect((await dispatch('d-2', 3)).status).toBe(422);
    expect(await store.levels('dc')).toEqual([8, 4, 0, 2]);
  });

  it('is answered as the API document says', async () => {
    const refused = await store.open({ A: 1, B: 99 });
    expect(refused.status).toBe(409);
    TransferDocument.parse(await store.transfer());
    TransferAnswerDocument.parse((await store.open({ A: 6 })).body);
    for (const [type, units, fields] of [
      ['dispatch', { A: 6 }, {}],
      ['over', { B: 1 }, {}],
      ['short', { A: 1 }, { reason: 'x' }],
      ['reject', { A: 2 }, { reason: 'x' }],
    ] as const) {
      TransferAnswerDocument.parse((await store.send(type, units, fields)).body);
    }
    TransferDocument.parse(await store.transfer());
    const after = await store.product.evenstock.log.head();
    TransferList.parse((await store.product.get(`/v1/transfers?after=${after}`)).body);
    StockFigures.parse((await store.product.get(`/v1/stock/A/dc?after=${after}`)).body);
  });

  it('goes on where it was after a restart', async () => {
    await store.open({ A: 6 });
    await store.send('dispatch', { A: 6 });
    await store.restart();
    expect(await store.transfer()).toMatchObject({ status: 'underway', lines: [{ underWay: 6 }] });
    expect(await store.send('receive', { A: 6 })).toMatchObject(is('completed'));
    expect(await ends()).toEqual([
      [4, 0, 0, 0],
      [6, 0, 0, 0],
    ]);
  });
});

describe('a stock', () => {
  const transfers = async (location: string) => {
    const after = await store.product.evenstock.log.head();
    return (await store.product.get(`/v1/stock/A/${location}?after=${after}`)).body['transfers'];
  };

  it('says which transfers bring units and which take them', async () => {
    await store.receive('store-1', { A: 1 });
    await store.open({ A: 4 });
    await store.send('dispatch', { A: 3 });
    const first = { transfer: 't-1', from: 'dc', to: 'store-1' };
    expect(await transfers('dc')).toEqual([{ ...first, in: 0, out: 3, setAside: 1 }]);
    expect(await transfers('store-1')).toEqual([{ ...first, in: 3, out: 0, setAside: 0 }]);
    await store.open({ A: 1 }, { from: 'store-1', to: 'dc' });
    await store.send('dispatch', { A: 1 });
    const second = { transfer: 't-2', from: 'store-1', to: 'dc' };
    expect(await transfers('dc')).toEqual([
      { ...first, in: 0, out: 3, setAside: 1 },
      { ...second, in: 1, out: 0, setAside: 0 },
    ]);
    await store.send('receive', { A: 1 });
    expect(await transfers('store-1')).toEqual([{ ...first, in: 3, out: 0, setAside: 0 }]);
  });

  it('has another tag when a transfer is another, though no stock has heard of it', async () => {
    const tag = async () => (await store.product.send('/v1/stock/A/dc')).headers.get('etag')!;
    const plain = await tag();
    await store.open({ A: 4 });
    await transfers('dc');
    const other = await tag();
    expect(other).not.toBe(plain);
    const again = await store.product.send('/v1/stock/A/dc', { headers: { 'if-none-match': other } });
    expect(again.status).toBe(304);
  });
});

describe('the open transfers', () => {
  const list = async (query = '') => {
    const after = await store.product.evenstock.log.head();
    const { status, body } = await store.product.get(`/v1/transfers?after=${after}${query}`);
    if (status !== 200) return body['reason'];
    return { ids: (body['transfers'] as { id: string }[]).map(({ id }) => id), next: body['next'] };
  };

  it('are listed, the oldest first, by status and location, until they end', async () => {
    await store.open({ A: 1 });
    await store.open({ A: 1 }, { to: 'store-2' });
    await store.send('dispatch', { A: 1 });
    await store.open({ A: 1 });
    expect(await list()).toEqual({ ids: ['t-1', 't-2', 't-3'], next: undefined });
    expect(await list('&status=underway')).toMatchObject({ ids: ['t-2'] });
    expect(await list('&location=store-1')).toMatchObject({ ids: ['t-1', 't-3'] });
    expect(await list('&stuck=true')).toMatchObject({ ids: [] });
    const first = (await list('&limit=2')) as { ids: string[]; next: string };
    expect(first.ids).toEqual(['t-1', 't-2']);
    expect(await list(`&limit=2&cursor=${first.next}`)).toEqual({ ids: ['t-3'], next: undefined });
    await store.send('cancel');
    expect(await list()).toMatchObject({ ids: ['t-1', 't-2'] });
    for (const bad of ['&status=new', '&location=', '&limit=0', '&cursor=x', '&stuck=perhaps', '&state=underway'])
      expect(await list(bad), bad).toBe('invalid-parameter');
  });
});

describe('bad input', () => {
  it.each<readonly [string, object, number, string, string | undefined]>([
    ['the same location', { to: 'dc' }, 409, 'same-location', '/to'],
    ['an unknown location', { to: 'moon' }, 422, 'unknown-location', '/to'],
    ['no lines', { lines: [] }, 422, 'invalid-command', '/lines'],
    [
      'a SKU twice',
      { lines: [1, 2].map((quantity) => ({ sku: 'A', quantity })) },
      422,
      'invalid-command',
      '/lines/1/sku',
    ],
    ['no units', { lines: [{ sku: 'A', quantity: 0 }] }, 422, 'invalid-command', '/lines/0/quantity'],
    ['an id with a space', { transferId: 't 1' }, 422, 'invalid-command', '/transferId'],
    ['a field nobody knows', { note: 'x' }, 422, 'invalid-command', '/note'],
  ])('%s is refused', async (_, fields, status, reason, path) => {
    const head = await store.product.evenstock.log.head();
    expect(await store.open({ A: 1 }, { ...fields })).toMatchObject({ status, body: { reason, errors: [{ path }] } });
    expect(await store.product.evenstock.log.head()).toBe(head);
  });

  it('of commands is refused with the reason, and nothing is half applied', async () => {
    expect(await store.send('dispatch', { A: 1 })).toMatchObject({ status: 404, body: { reason: 'no-such-transfer' } });
    expect((await store.product.get('/v1/transfers/t-9')).body).toMatchObject({ reason: 'no-such-transfer' });
    await store.open({ A: 2 });
    await store.send('dispatch', { A: 2, B: 1 });
    const head = await store.product.evenstock.log.head();
    const reason = { reason: 'x' };
    for (const [type, units, fields, said] of [
      ['receive', { A: 2, B: 2 }, {}, 'exceeds-in-transit'],
      ['short', { A: 2, B: 2 }, reason, 'exceeds-in-transit'],
      ['reject', { A: 3 }, reason, 'exceeds-in-transit'],
      ['return', { A: 1 }, {}, 'exceeds-in-transit'],
      ['short', { A: 1 }, {}, 'invalid-command'],
      ['short', { A: 1 }, { ...reason, leg: 'up' }, 'invalid-command'],
      ['receive', { A: 1 }, { occurredAt: '2020-01-01T00:00:00Z' }, 'outside-window'],
      ['lose', { A: 1 }, {}, 'invalid-command'],
      ['cancel', undefined, { lines: [] }, 'invalid-command'],
    ] as const) {
      expect((await store.send(type, units, fields)).body, `${type} ${said}`).toMatchObject({ reason: said });
    }
    expect(await store.product.evenstock.log.head()).toBe(head);
  });
});

// Who may say what of a transfer: the origin what left, the destination what came; and only who owns such commands there.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { generateKey } from '../../../server/auth/keys.ts';
import { type TransferStore, transferStore } from '../../support/transfer-store.ts';

const scopes = ['transfers:read' as const, 'transfers:write' as const, 'events:read' as const];
const limited = (id: string, locations: string[]) => ({
  id,
  scopes,
  locations,
  channels: 'all' as const,
  key: generateKey(),
});

let store: TransferStore;
beforeAll(async () => {
  store = await transferStore({
    clients: [
      limited('dc', ['dc']),
      limited('store-1', ['store-1']),
      limited('store-2', ['store-2']),
      { ...limited('reader', ['dc']), scopes: ['transfers:read'] },
      { ...limited('wms', ['dc', 'store-1']), locations: 'all' },
    ],
    policy: {
      ownership: [
        {
          id: 'wms-sends',
          commands: ['transfer.dispatch'],
          locations: ['dc'],
          owners: [{ client: 'wms' }, { client: 'dc' }],
        },
      ],
    },
  });
  await store.receive('dc', { A: 1_000 });
  await store.open({ A: 500 });
  await store.send('dispatch', { A: 100 }, {}, 'wms');
  await store.send('reject', { A: 50 }, { reason: 'wet' });
});
afterAll(() => store.close());

const REASON = { reason: 'x' };
/** What is sent, and what each key gets: dc, store-1, store-2, reader. */
const MATRIX: readonly (readonly [string, object, readonly number[]])[] = [
  ['dispatch', {}, [200, 403, 403, 403]],
  ['receive', {}, [403, 200, 403, 403]],
  ['over', {}, [403, 200, 403, 403]],
  ['reject', REASON, [403, 200, 403, 403]],
  ['return', {}, [200, 403, 403, 403]],
  ['short', REASON, [200, 200, 403, 403]],
];

it.each(MATRIX)('%s is for its end', async (type, fields, expected) => {
  for (const [n, by] of ['dc', 'store-1', 'store-2', 'reader'].entries()) {
    const { status, body } = await store.send(type, { A: 1 }, { ...fields }, by);
    expect([by, status, body['reason']]).toEqual([by, expected[n], expected[n] === 403 ? 'forbidden' : undefined]);
  }
});

it('is asked for by who may take units from the origin', async () => {
  const open = (transferId: string, by: string) =>
    store.as(by).post('/v1/transfers', {
      ...{ id: 'open', transferId, from: 'dc', to: 'store-1', lines: [{ sku: 'A', quantity: 1 }] },
    });
  expect((await open('x-1', 'dc')).status).toBe(200);
  expect((await open('x-2', 'store-1')).status).toBe(403);
});

it('is sent by its owner alone, as at the stock itself', async () => {
  expect(await store.send('dispatch', { A: 1 })).toMatchObject({ status: 403, body: { reason: 'not-owner' } });
  expect(await store.send('receive', { A: 1 })).toMatchObject({ status: 200 });
});

it('is seen from both ends, and by nobody else', async () => {
  for (const [by, status, listed] of [
    ['dc', 200, true],
    ['store-1', 200, true],
    ['reader', 200, true],
    ['store-2', 403, false],
  ] as const) {
    const { get } = store.as(by);
    expect((await get('/v1/transfers/t-1')).status, by).toBe(status);
    const ids = ((await get('/v1/transfers')).body['transfers'] as { id: string }[]).map(({ id }) => id);
    expect(ids.includes('t-1'), by).toBe(listed);
    expect((await get('/v1/transfers?location=store-2')).status, by).toBe(by === 'store-2' ? 200 : 403);
  }
});

it('shows its events in the feed to both ends', async () => {
  for (const [by, seen] of [
    ['dc', true],
    ['store-1', true],
    ['store-2', false],
  ] as const) {
    const { body } = await store.as(by).get('/v1/events?limit=1000');
    const streams = (body['events'] as { stream: string }[]).map(({ stream }) => stream);
    expect(streams.includes('transfer-t-1'), by).toBe(seen);
  }
});

it('is called off by either end', async () => {
  expect((await store.send('cancel', undefined, {}, 'store-2')).status).toBe(403);
  expect((await store.send('cancel', undefined, {}, 'store-1')).status).toBe(200);
});

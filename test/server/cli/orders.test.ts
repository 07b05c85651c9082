// `evenstock orders` against a running server: what it prints, and that it says what is wrong.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { generateKey } from '../../../server/auth/keys.ts';
import { listOrders, showOrder } from '../../../server/cli/orders.ts';
import { type OrderStore, orderStore } from '../../support/order-store.ts';

const reader = {
  id: 'reader',
  scopes: ['orders:read' as const],
  locations: 'all' as const,
  channels: 'all' as const,
  key: generateKey(),
};
let store: OrderStore;
beforeEach(async () => {
  store = await orderStore({ clients: [reader] });
  await store.receive({ warehouse: { A: 20 } });
  for (let n = 0; n < 3; n++) await store.place({ lines: { A: 2 } });
  await store.place({ channel: 'marketplace', kind: 'commitment', lines: { A: 1, B: 4 } });
  await store.get(`/v1/orders?after=${await store.product.evenstock.log.head()}`);
});
afterEach(() => store.close());

async function printed(run: () => Promise<void>): Promise<string> {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    await run();
    return write.mock.calls.map(([text]) => String(text)).join('');
  } finally {
    write.mockRestore();
  }
}
const server = () => ({ url: store.product.evenstock.url, key: reader.key });

it('lists open orders, by status and channel, up to a limit', async () => {
  const rows = (await printed(() => listOrders({ ...server(), limit: 100 }))).trimEnd().split('\n');
  expect(rows.map((row) => row.split(/\s+/)[0])).toEqual(['order', 'o-1', 'o-2', 'o-3', 'o-4']);
  expect(rows[4]).toMatch(/^o-4 +confirmed +commitment +marketplace +\S+ +4 +0$/);
  const some = await printed(() => listOrders({ ...server(), limit: 2, status: 'held', json: true }));
  expect((JSON.parse(some) as { id: string }[]).map(({ id }) => id)).toEqual(['o-1', 'o-2']);
  expect(await printed(() => listOrders({ ...server(), limit: 1, status: 'reserving' }))).toBe('no open orders\n');
});

it('shows an order with its reservations and what is short', async () => {
  const text = await printed(() => showOrder('o-4', server()));
  expect(text).toMatch(/status +confirmed\n/);
  expect(text).toMatch(/short +4 × B\n/);
  expect(text).toMatch(/order:o-4:1 +A +warehouse +1 +0 +committed/);
});

it('says what the server answered, or that it does not', async () => {
  await expect(showOrder('none', server())).rejects.toThrow('404: There is no order none');
  await expect(showOrder('o-1', { url: server().url, key: 'wrong' })).rejects.toThrow('401');
  await expect(listOrders({ ...server(), status: 'lost', limit: 1 })).rejects.toThrow(/400: status/);
  await expect(showOrder('o-1', { url: 'http://127.0.0.1:1' })).rejects.toThrow('does not answer');
});

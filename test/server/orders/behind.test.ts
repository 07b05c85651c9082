// Figures that are behind: a buyer's request waits and is then asked to come again, a commitment is taken all the same.
import { expect, it } from 'vitest';
import type { ApiDependencies } from '../../../server/routes/api.ts';
import { problemOf, receipt, shop } from '../support/shop.ts';

it.each([
  ['request', 503],
  ['commitment', 409],
])('a %s placed while the figures are behind: %i', async (kind, status) => {
  const room = shop();
  await room.command(receipt());
  const asked: string[] = [];
  const orders = {
    submit: async (id: string) => {
      asked.push(id);
      return { outcome: 'refused', reason: 'order-exists', detail: 'it got as far as the order' };
    },
  };
  const late = shop({
    log: room.log,
    dependencies: {
      availability: { ...room.availability, position: () => -1n, waitFor: async () => false },
      processes: { orders } as unknown as ApiDependencies['processes'],
    },
  });
  const response = await late.send('POST', '/v1/orders', {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ id: 'p', orderId: 'o-1', channel: 'web', kind, lines: [{ sku: 'A', quantity: 1 }] }),
  });
  expect(response.status).toBe(status);
  const { reason } = await problemOf(response);
  expect([reason, asked]).toEqual(kind === 'request' ? ['read-behind', []] : ['order-exists', ['o-1']]);
});

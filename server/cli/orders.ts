// `evenstock orders list` and `evenstock orders show`: what a running server knows of orders.
import { plural } from '../../domain/plural.ts';
import type { orderSummary, orderView } from '../routes/order-view.ts';
import { askServer, type ServerOptions } from './ask-server.ts';
import { printJson, printTable } from './print-table.ts';

export interface OrdersListOptions extends ServerOptions {
  readonly status?: string;
  readonly channel?: string;
  readonly limit: number;
  readonly json?: boolean;
}

interface Page {
  readonly orders: readonly ReturnType<typeof orderSummary>[];
  readonly next?: string;
}

/** Open orders, the oldest first, over as many pages as it takes. */
export async function listOrders(options: OrdersListOptions): Promise<void> {
  const { status, channel, limit } = options;
  const orders: Page['orders'][number][] = [];
  let cursor: string | undefined;
  do {
    const asked = { status, channel, cursor, limit: String(Math.min(limit - orders.length, 1_000)) };
    const known = Object.entries(asked).filter((entry): entry is [string, string] => entry[1] !== undefined);
    const page = (await askServer(`/v1/orders?${new URLSearchParams(known)}`, options)) as Page;
    orders.push(...page.orders);
    cursor = page.next;
  } while (cursor !== undefined && orders.length < limit);
  if (options.json) return printJson(orders);
  const rows = orders.map(({ id, status, kind, channel, placedAt, short, owed }) =>
    [id, status, kind, channel, placedAt, short, owed].map(String),
  );
  printTable(['order', 'status', 'kind', 'channel', 'placed', 'short', 'owed'], rows, 'no open orders');
}

export async function showOrder(id: string, options: ServerOptions & { readonly json?: boolean }): Promise<void> {
  const order = (await askServer(`/v1/orders/${encodeURIComponent(id)}`, options)) as ReturnType<typeof orderView>;
  if (options.json) return printJson(order);
  const { status, kind, channel, flow, placedAt, lines, short, cancelled, returned, owed } = order;
  const units = (list: typeof lines) => list.map(({ sku, quantity }) => `${quantity} × ${sku}`).join(', ') || 'none';
  const facts = [
    ['order', id],
    ['status', owed === 0 ? status : `${status}, ${plural(owed, 'command')} not answered yet`],
    ['what', `${kind} of ${channel}, ${flow.type}, placed ${placedAt}`],
    ['lines', units(lines)],
    ['short', units(short)],
    ['cancelled', units(cancelled)],
    ['returned', units(returned)],
  ] as const;
  for (const [name, value] of facts) process.stdout.write(`${name.padEnd(10)}${value}\n`);
  const rows = order.reservations.map(({ reservationId, sku, location, quantity, fulfilled, state }) =>
    [reservationId, sku, location, quantity, fulfilled, state].map(String),
  );
  printTable(['reservation', 'SKU', 'location', 'units', 'fulfilled', 'state'], rows, 'no reservations');
}

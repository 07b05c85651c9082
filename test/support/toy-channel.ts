// A small channel over real HTTP with an adapter of its own: it signs its webhooks, can be polled for its orders, and shows
// what it is told. What it calls its items is told by `items`, or by the identifiers that the adapter is given.

import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { z } from 'zod';
import { SIGNATURE_HEADER, sign, TIMESTAMP_HEADER, verify } from '../../adapters/channels/signature.ts';
import { createVendor, type Vendor, type VendorChannel } from '../../adapters/channels/vendor.ts';
import type { InboundCommand, InboundMessage } from '../../adapters/inbound/inbound.ts';
import { orderCommandId, orderIdOf } from '../../adapters/inbound/names.ts';
import { fieldsOf } from '../../adapters/inbound/read-fields.ts';
import { webhookSecrets } from '../../adapters/inbound/webhook-secrets.ts';

export interface ToyOrder {
  readonly id: string;
  readonly lines: readonly { readonly item: string; readonly quantity: number }[];
  readonly sent?: readonly { readonly id: string; readonly item: string; readonly quantity: number }[];
  readonly cancelled?: boolean;
}

export interface ToyChannel {
  readonly url: string;
  readonly vendor: Vendor;
  /** What it tells when it is polled, in the order of `orders`; the watermark is how many were told. */
  readonly orders: ToyOrder[];
  /** How its items are called here; empty: the identifiers are asked. */
  readonly items: Map<string, string>;
  /** What it was told, by its own item. */
  readonly shown: Map<string, number>;
  /** How polls are answered; `translateMs`: how long a webhook takes to be translated. */
  answers: { status: number; translateMs: number };
  readonly calls: { polls: number; translations: number };
  close(): Promise<void>;
}

const Order = z.object({
  id: z.string(),
  lines: z.array(z.object({ item: z.string(), quantity: z.number() })).min(1),
  sent: z.array(z.object({ id: z.string(), item: z.string(), quantity: z.number() })).optional(),
  cancelled: z.boolean().optional(),
});
const Page = z.object({ orders: z.array(Order), watermark: z.string(), more: z.boolean() });
const PAGE_ORDERS = 2;

export async function startToyChannel(type = 'toy', everyMs = 100): Promise<ToyChannel> {
  const orders: ToyOrder[] = [];
  const shown = new Map<string, number>();
  const toy = { orders, shown, items: new Map<string, string>(), answers: { status: 200, translateMs: 0 } };
  const calls = { polls: 0, translations: 0 };
  const app = new Hono();
  app.get('/orders', (c) => {
    calls.polls += 1;
    if (toy.answers.status !== 200) return c.json({ error: 'no' }, toy.answers.status as 503);
    const from = Number(c.req.query('since') ?? 0);
    const page = orders.slice(from, from + PAGE_ORDERS);
    const told = from + page.length;
    return c.json({ orders: page, watermark: String(told), more: told < orders.length });
  });
  app.post('/shown/:item', async (c) => {
    shown.set(c.req.param('item'), (await c.req.json<{ units: number }>()).units);
    return c.json({});
  });
  const server = createAdaptorServer({ fetch: app.fetch });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(toy, {
    url,
    calls,
    vendor: toyVendor(type, everyMs, toy, calls),
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  });
}

type Toy = Pick<ToyChannel, 'items' | 'answers'>;

function toyVendor(type: string, everyMs: number, toy: Toy, calls: ToyChannel['calls']): Vendor {
  return createVendor({
    type,
    settings: z.strictObject({}),
    identifiers: 'mapped',
    connect: ({ connector, identifiers }) => ({
      declares: {
        ...{ batchSizeMax: 10, concurrency: 1, semantics: 'set', ordering: 'arrival', idempotent: true },
        ...{ acknowledgement: 'applied', isolation: 'per-update' },
      },
      async publish({ updates }, signal) {
        const outcomes = new Map();
        for (const { sku, units } of updates) {
          const item = identifiers.ofSku(sku)?.id;
          if (item === undefined) outcomes.set(sku, { kind: 'refused', reason: 'it is not mapped' });
          else {
            const body = JSON.stringify({ units });
            await fetch(`${connector.url}/shown/${item}`, { method: 'POST', body, signal });
            outcomes.set(sku, { kind: 'confirmed' });
          }
        }
        return { kind: 'answered', outcomes };
      },
    }),
    inbound: (channel) => ({
      webhook: {
        fields: fieldsOf(Order),
        verify({ rawBody, headers }, nowMs) {
          const timestamp = headers.get(TIMESTAMP_HEADER) ?? undefined;
          const signature = headers.get(SIGNATURE_HEADER) ?? undefined;
          return verify(webhookSecrets(channel, 'WEBHOOK'), { timestamp, signature }, rawBody, nowMs);
        },
        async translate({ rawBody }, signal) {
          calls.translations += 1;
          if (toy.answers.translateMs > 0) await new Promise((resolve) => setTimeout(resolve, toy.answers.translateMs));
          if (signal.aborted) return { kind: 'later', reason: 'aborted' };
          let body: unknown;
          try {
            body = JSON.parse(Buffer.from(rawBody).toString());
          } catch {
            return { kind: 'messages', messages: [malformed('no JSON')] };
          }
          const parsed = Order.safeParse(body);
          return {
            kind: 'messages',
            messages: [parsed.success ? said(parsed.data, channel, toy) : malformed('no order')],
          };
        },
      },
      poll: {
        everyMs,
        async read(watermark, signal) {
          const response = await fetch(`${channel.connector.url}/orders?since=${watermark ?? 0}`, { signal });
          const { status } = response;
          if (status === 401) return { kind: 'denied', reason: '401 go away' };
          if (status !== 200) return { kind: 'later', reason: `${status}` };
          const { orders, ...page } = Page.parse(await response.json());
          return { kind: 'page', ...page, messages: orders.map((order) => said(order, channel, toy)) };
        },
      },
    }),
  });
}

function malformed(reason: string): InboundMessage {
  return { about: 'a webhook', meaning: { kind: 'malformed', reason } };
}

function said(order: z.output<typeof Order>, { channel, identifiers }: VendorChannel, { items }: Toy): InboundMessage {
  const about = `order ${order.id}`;
  const skuOf = (item: string) => (items.size > 0 ? items.get(item) : identifiers.skuOf(item));
  for (const { item } of [...order.lines, ...(order.sent ?? [])])
    if (skuOf(item) === undefined) return { about, meaning: { kind: 'unmapped', what: 'sku', id: item } };
  const orderId = orderIdOf(channel, order.id);
  const id = (what: string) => orderCommandId(channel, order.id, what);
  const lines = order.lines.map(({ item, quantity }) => ({ sku: skuOf(item)!, quantity }));
  const commands: InboundCommand[] = [
    {
      to: 'order',
      orderId,
      command: { type: 'place', id: id('place'), kind: 'commitment', lines, flow: { type: 'ship' } },
    },
    ...(order.sent ?? []).map(({ id: sent, item, quantity }): InboundCommand => {
      const units = [{ sku: skuOf(item)!, quantity }];
      return { to: 'order', orderId, command: { type: 'fulfil', id: id(`fulfil:${sent}`), units } };
    }),
  ];
  if (order.cancelled === true) commands.push({ to: 'order', orderId, command: { type: 'cancel', id: id('cancel') } });
  return { about, meaning: { kind: 'commands', commands } };
}

/** Headers under which a delivery passes for one of the channel's. */
export function signedNow(secret: string, body: string, atMs = Date.now()): Record<string, string> {
  const timestamp = String(Math.floor(atMs / 1_000));
  return { [TIMESTAMP_HEADER]: timestamp, [SIGNATURE_HEADER]: sign(secret, timestamp, body) };
}

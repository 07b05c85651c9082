// What the adapter makes of the orders of a real Vendure, by webhook and by poll: the same commands, each once.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Inbound, InboundMessage, WebhookRequest } from '../../../../adapters/inbound/inbound.ts';
import { variantsAs, vendureAdapter, WEBHOOK_SECRET } from '../../../support/vendure/adapter.ts';
import { buy } from '../../../support/vendure/buyer.ts';
import { type Clerk, clerkAt, moveFulfilment } from '../../../support/vendure/clerk.ts';
import {
  HOW_TO_INSTALL_VENDURE,
  STARTS_MS,
  startVendure,
  type Vendure,
  vendureIsThere,
} from '../../../support/vendure/vendure.ts';

const signal = () => AbortSignal.timeout(10_000);

describe('orders of a real Vendure', () => {
  if (!vendureIsThere) return it.skip(HOW_TO_INSTALL_VENDURE, () => undefined);

  let shop: Vendure;
  let clerk: Clerk;
  let inbound: Inbound;
  let receiver: Server;
  const received: WebhookRequest[] = [];
  const variant = (sku: string) => shop.variants[sku]!;

  beforeAll(async () => {
    const skus = ['A', 'B', 'STRANGE'];
    shop = await startVendure({ variants: skus.map((sku) => ({ sku, onHand: 90 })) });
    clerk = await clerkAt(shop.url);
    const { STRANGE: _, ...mapped } = shop.variants;
    inbound = vendureAdapter({ url: shop.url, identifiers: variantsAs(mapped) }).inbound;
    receiver = createServer(async (request, answer) => {
      const headers = new Headers(request.headers as Record<string, string>);
      received.push({ rawBody: new Uint8Array(await buffer(request)), headers, url: 'http://evenstock/hook' });
      answer.end();
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const { port } = receiver.address() as AddressInfo;
    shop.sendWebhooksTo({ url: `http://127.0.0.1:${port}/`, secret: WEBHOOK_SECRET });
  }, STARTS_MS);
  afterAll(async () => {
    await shop?.close();
    receiver?.close();
  });

  /** What the poll says of this order, as short text. */
  const polled = async (order: string): Promise<readonly string[]> =>
    saidOf(await polledMessages(), await codeOf(order));
  const polledMessages = async (): Promise<readonly InboundMessage[]> => {
    const page = await inbound.poll!.read(undefined, signal());
    return page.kind === 'page' ? page.messages : [];
  };
  const codeOf = async (order: string) => {
    const query = 'query ($order: ID!) { order(id: $order) { code } }';
    return (await clerk.ask<{ order: { code: string } }>(query, { order })).order.code;
  };

  it('are told by a signed webhook and found by the poll, with the same ids', async () => {
    received.length = 0;
    const order = await buy(shop.url, { [variant('A')]: 2, [variant('B')]: 1 });
    const code = await codeOf(order);
    await expect.poll(() => received.length, { timeout: 5_000 }).toBeGreaterThan(0);
    const said: InboundMessage[] = [];
    for (const request of received) {
      expect(inbound.webhook!.verify(request, Date.now())).toBe(true);
      const reply = await inbound.webhook!.translate(request, signal());
      if (reply.kind === 'messages') said.push(...reply.messages);
    }
    expect(saidOf(said.slice(0, 1), code)).toEqual([`shop-${code} place 2 A, 1 B`]);
    expect(new Set(idsOf(said))).toEqual(new Set(idsOf(await polledMessages())));
    expect(inbound.webhook!.verify(received[0]!, Date.now() + 301_000)).toBe(false);
  });

  it('are fulfilled when a parcel leaves, not when it is packed', async () => {
    const order = await buy(shop.url, { [variant('A')]: 3 });
    const first = await clerk.ship(order, { [variant('A')]: 1 });
    const second = await clerk.ship(order, { [variant('A')]: 2 });
    await moveFulfilment(clerk.ask, second, 'Delivered');
    const code = await codeOf(order);
    expect(await polled(order)).toEqual([
      `shop-${code} place 3 A`,
      `shop-${code} fulfil:${first} 1 A`,
      `shop-${code} fulfil:${second} 2 A`,
    ]);
  });

  it('are cancelled whole, and returned when what was sent is cancelled', async () => {
    const order = await buy(shop.url, { [variant('A')]: 2, [variant('B')]: 1 });
    const code = await codeOf(order);
    const fulfilment = await clerk.ship(order, { [variant('A')]: 2 });
    await clerk.cancel(order);
    expect(await clerk.state(order)).toBe('Cancelled');
    expect((await polled(order)).map((text) => text.replace(/return:\d+/, 'return:n'))).toEqual([
      `shop-${code} place 2 A, 1 B`,
      `shop-${code} fulfil:${fulfilment} 2 A`,
      `shop-${code} cancel 1 B`,
      `shop-${code} return:n 2 A`,
    ]);
  });

  it('go on with the rest when some units are taken out', async () => {
    const order = await buy(shop.url, { [variant('A')]: 3, [variant('B')]: 1 });
    const code = await codeOf(order);
    await clerk.cancel(order, { [variant('A')]: 1 });
    const parcel = await clerk.ship(order, { [variant('A')]: 2 });
    expect(await polled(order)).toEqual([
      `shop-${code} place 3 A, 1 B`,
      `shop-${code} cancel 1 A`,
      `shop-${code} fulfil:${parcel} 2 A`,
    ]);
  });

  it('have a second part when some units are added, to lines that are there and as new ones', async () => {
    const order = await buy(shop.url, { [variant('A')]: 3 });
    const code = await codeOf(order);
    await add(clerk, order, { [variant('A')]: 4, [variant('B')]: 1 });
    const parcel = await clerk.ship(order, { [variant('A')]: 6 });
    expect(await polled(order)).toEqual([
      `shop-${code} place 3 A`,
      `shop-${code}.2 place 4 A, 1 B`,
      `shop-${code} fulfil:${parcel} 3 A`,
      `shop-${code}.2 fulfil:${parcel} 3 A`,
    ]);
  });

  it('are ordered again when their parcel comes back', async () => {
    const order = await buy(shop.url, { [variant('B')]: 2 });
    const code = await codeOf(order);
    const lost = await clerk.ship(order, { [variant('B')]: 2 });
    await moveFulfilment(clerk.ask, lost, 'Cancelled');
    const found = await clerk.ship(order, { [variant('B')]: 2 });
    expect((await polled(order)).map((text) => text.replace(/return:\d+/, 'return:n'))).toEqual([
      `shop-${code} place 2 B`,
      `shop-${code} fulfil:${lost} 2 B`,
      `shop-${code} return:n 2 B`,
      `shop-${code}.2 place 2 B`,
      `shop-${code}.2 fulfil:${found} 2 B`,
    ]);
  });

  it('wait where a variant is not mapped, and are left alone from before', async () => {
    await buy(shop.url, { [variant('STRANGE')]: 1 });
    const messages = await polledMessages();
    expect(messages.map(({ meaning }) => meaning)).toContainEqual({
      kind: 'unmapped',
      what: 'sku',
      id: variant('STRANGE'),
    });
    const later = new Date(Date.now() + 60_000).toISOString();
    const fresh = vendureAdapter({ url: shop.url, identifiers: variantsAs({}), settings: { ordersSince: later } });
    const page = await fresh.inbound.poll!.read('0', signal());
    expect(page.kind === 'page' && new Set(page.messages.map(({ meaning }) => meaning.kind))).toEqual(
      new Set(['ignored']),
    );
  });
});

/** Adds to lines that the order has already. */
async function add(clerk: Clerk, order: string, units: Readonly<Record<string, number>>): Promise<void> {
  const move =
    'mutation ($order: ID!, $state: String!) { transitionOrderToState(id: $order, state: $state) { __typename } }';
  await clerk.ask(move, { order, state: 'Modifying' });
  const addItems = Object.entries(units).map(([productVariantId, quantity]) => ({ productVariantId, quantity }));
  const modify = `mutation ($order: ID!, $addItems: [AddItemInput!]) {
    modifyOrder(input: {dryRun: false, orderId: $order, addItems: $addItems}) { __typename }
  }`;
  await clerk.ask(modify, { order, addItems });
  await clerk.ask(move, { order, state: 'ArrangingAdditionalPayment' });
  await clerk.ask(
    'mutation ($order: ID!) { addManualPaymentToOrder(input: {orderId: $order, method: "paid", metadata: {}}) { __typename } }',
    { order },
  );
  await clerk.ask(move, { order, state: 'PaymentSettled' });
}

function saidOf(messages: readonly InboundMessage[], code: string): readonly string[] {
  return messages.flatMap(({ about, meaning }) => {
    if (about !== `order ${code}` || meaning.kind !== 'commands') return [];
    return meaning.commands.map((one) => {
      if (one.to !== 'order') return 'to a stock';
      const { command } = one;
      const what = command.id.slice(command.id.lastIndexOf(':', command.id.lastIndexOf(':') - 1) + 1);
      const named = /^(fulfil|return):/.test(what) ? what : command.type;
      const lines =
        'lines' in command
          ? command.lines
          : 'units' in command
            ? (command.units ?? [])
            : (command.type === 'cancel' && command.cancelled) || [];
      const text = lines.map(({ sku, quantity }) => `${quantity} ${sku}`).join(', ');
      return `${one.orderId} ${named}${text === '' ? '' : ` ${text}`}`;
    });
  });
}

function idsOf(messages: readonly InboundMessage[]): readonly string[] {
  return messages.flatMap(({ meaning }) =>
    meaning.kind === 'commands' ? meaning.commands.map(({ command }) => command.id) : [],
  );
}

// What WooCommerce's orders mean, status by status, and how the poll gets hold of every one of them.
import { afterEach, describe, expect, it } from 'vitest';
import { sameIdentifiers } from '../../../../adapters/channels/identifiers.ts';
import { messageOf, WooOrder, WooRefund } from '../../../../adapters/channels/woocommerce/orders.ts';
import { wooCommerceVendor } from '../../../../adapters/channels/woocommerce/woocommerce.ts';
import type { InboundMessage, PollReply } from '../../../../adapters/inbound/inbound.ts';
import { startWooRig, type WooRig } from './rig.ts';

const COMPLETED = '2026-11-23T10:00:00';
const completedAt = Date.parse(`${COMPLETED}Z`);
const LINES = [
  { product_id: 11, variation_id: 0, quantity: 2 },
  { product_id: 11, variation_id: 0, quantity: 1 },
  { product_id: 20, variation_id: 21, quantity: 1 },
];

function meaningOf(changes: object) {
  const order = WooOrder.parse({
    id: 7,
    status: 'processing',
    date_completed_gmt: null,
    line_items: LINES,
    ...changes,
  });
  return messageOf(order, 'shop', sameIdentifiers).meaning;
}
function typesOf(changes: object): string {
  const meaning = meaningOf(changes);
  return meaning.kind === 'commands' ? meaning.commands.map(({ command }) => command.type).join(' ') : meaning.kind;
}

describe('an order of WooCommerce', () => {
  it('is placed as a commitment of what it names, one line an SKU, a variation by its own id', () => {
    expect(meaningOf({})).toEqual({
      kind: 'commands',
      commands: [
        {
          to: 'order',
          orderId: 'shop-7',
          command: {
            ...{ type: 'place', id: 'shop:7:place', kind: 'commitment', flow: { type: 'ship' } },
            lines: [
              { sku: '11', quantity: 3 },
              { sku: '21', quantity: 1 },
            ],
          },
        },
      ],
    });
  });

  it.each([
    ['pending', null, 'ignored'],
    ['checkout-draft', null, 'ignored'],
    ['on-hold', null, 'place'],
    ['processing', null, 'place'],
    ['a-status-of-a-plugin', null, 'place'],
    ['completed', COMPLETED, 'place fulfil'],
    ['cancelled', null, 'place cancel'],
    ['failed', null, 'place cancel'],
    ['trash', null, 'place cancel'],
    ['refunded', null, 'place cancel'],
    ['refunded', COMPLETED, 'place fulfil'],
    ['cancelled', COMPLETED, 'place fulfil'],
    ['processing', COMPLETED, 'place fulfil'],
  ])('that is %s, completed at %s: %s', (status, date_completed_gmt, expected) => {
    expect(typesOf({ status, date_completed_gmt })).toBe(expected);
  });

  it('was sent when it was completed', () => {
    const meaning = meaningOf({ status: 'completed', date_completed_gmt: COMPLETED });
    expect(meaning.kind === 'commands' && meaning.commands[1]!.command).toMatchObject({
      ...{ type: 'fulfil', id: 'shop:7:fulfil:completed', occurredAt: completedAt },
      units: [
        { sku: '11', quantity: 3 },
        { sku: '21', quantity: 1 },
      ],
    });
  });

  it.each([
    ['half a unit', [{ product_id: 11, quantity: 1.5 }], 'malformed'],
    ['less than none', [{ product_id: 11, quantity: -1 }], 'malformed'],
    [
      'more SKUs than an order can have',
      Array.from({ length: 101 }, (_, n) => ({ product_id: n + 1, quantity: 1 })),
      'malformed',
    ],
    ['no lines', [], 'ignored'],
    ['only lines of no units', [{ product_id: 11, quantity: 0 }], 'ignored'],
  ])('with %s is %s', (_, line_items, expected) => {
    expect(typesOf({ line_items })).toBe(expected);
  });
});

describe('refunds of an order of WooCommerce', () => {
  const refund = (id: number, at: string, quantity: number) =>
    WooRefund.parse({
      ...{ id, date_created_gmt: at },
      line_items: quantity === 0 ? [] : [{ product_id: 11, variation_id: 0, quantity }],
    });
  const said = (changes: object, ...refunds: WooRefund[]) => {
    const order = WooOrder.parse({ id: 7, status: 'processing', line_items: LINES, ...changes });
    const { meaning } = messageOf(order, 'shop', sameIdentifiers, refunds);
    if (meaning.kind !== 'commands') return meaning.kind;
    return meaning.commands.slice(1).map(({ command }) => {
      const units = 'cancelled' in command ? command.cancelled : 'units' in command ? command.units : [];
      return `${command.type} ${units!.map(({ sku, quantity }) => `${quantity}x${sku}`).join()}`;
    });
  };
  const [BEFORE, AFTER] = ['2026-11-23T09:00:00', '2026-11-23T11:00:00'];

  it('before it is completed are units that are not sent, all that ever were; later ones are money', () => {
    expect(said({}, refund(1, BEFORE, 0))).toEqual([]);
    expect(said({}, refund(1, BEFORE, -1), refund(2, BEFORE, -1))).toEqual(['cancel 2x11']);
    const completed = { status: 'completed', date_completed_gmt: COMPLETED };
    expect(said(completed, refund(1, BEFORE, -1), refund(2, AFTER, -1))).toEqual(['fulfil 2x11,1x21', 'cancel 1x11']);
    expect(said(completed, refund(1, BEFORE, -3))).toEqual(['fulfil 1x21', 'cancel 3x11']);
    expect(said({ status: 'refunded' }, refund(1, BEFORE, -1))).toEqual(['cancel ']);
  });
});

describe('the webhook', () => {
  let rig: WooRig;
  afterEach(() => rig.close());
  const told = async (topic: string, body: string): Promise<InboundMessage> => {
    rig = await startWooRig();
    const headers = new Headers({ 'x-wc-webhook-topic': topic });
    const request = { rawBody: new TextEncoder().encode(body), headers, url: '' };
    const reply = await rig.inbound!.inbound.webhook!.translate(request, new AbortController().signal);
    return reply.kind === 'messages'
      ? reply.messages[0]!
      : { about: '', meaning: { kind: 'ignored', why: reply.kind } };
  };

  it.each(['{"id":12}', '{"id":"12"}'])('tells of an order that was thrown away only its id: %s', async (body) => {
    expect((await told('order.deleted', body)).meaning).toEqual({
      kind: 'commands',
      commands: [{ to: 'order', orderId: 'woo-shop-12', command: { type: 'cancel', id: 'woo-shop:12:cancel' } }],
    });
  });

  it('ignores what is not about orders, and says what is wrong with what is', async () => {
    expect((await told('product.updated', '{"id":12}')).meaning.kind).toBe('ignored');
    expect((await told('order.updated', '{"id":12,"status":"processing"}')).meaning).toMatchObject({
      kind: 'malformed',
      reason: expect.stringContaining('line_items'),
    });
  });
});

describe('the poll', () => {
  let rig: WooRig;
  afterEach(() => rig.close());
  const read = (watermark: string | undefined): Promise<PollReply> =>
    rig.inbound!.inbound.poll!.read(watermark, new AbortController().signal);
  /** Orders it is told of, page by page; `between` happens after each page. */
  async function drain(from: string | undefined, between: () => void = () => {}) {
    const seen: string[] = [];
    let watermark = from;
    for (let pages = 1; pages < 20; pages += 1) {
      const reply = await read(watermark);
      if (reply.kind !== 'page') throw new Error(reply.reason);
      seen.push(...reply.messages.map(({ about }) => about));
      watermark = reply.watermark;
      if (!reply.more) return { seen, watermark, pages };
      between();
    }
    throw new Error('no end');
  }

  // Planted: going on by page numbers alone loses the orders that slide to the page before.
  it('misses none of many, though some are changed while it reads', async () => {
    let now = Date.now() - 3_600_000;
    rig = await startWooRig({ now: () => now });
    const { shop } = rig.simulator;
    const [sku] = await rig.seed(1, 10_000);
    const start = (await drained(now)).watermark;
    const orders: number[] = [];
    for (let n = 0; n < 350; n += 1) {
      now += 500;
      orders.push(shop.order([{ product: rig.idOf(sku!), quantity: 1 }])!.id);
    }
    let next = 0;
    const { seen, pages } = await drain(start, () => {
      now += 5_000;
      for (let n = 0; n < 20; n += 1) shop.setStatus(orders[next++]!, 'completed');
    });
    expect(pages).toBeGreaterThan(3);
    expect(new Set(seen)).toEqual(new Set(orders.map((id) => `order ${id}`)));
  });

  // Planted: going on from the newest second itself loses the others of that second.
  it('gets past a second in which more orders were changed than a page holds', async () => {
    let now = Date.now() - 3_600_000;
    rig = await startWooRig({ now: () => now });
    const [sku] = await rig.seed(1, 10_000);
    const start = (await drained(now)).watermark;
    now += 60_000;
    const orders = Array.from(
      { length: 250 },
      () => rig.simulator.shop.order([{ product: rig.idOf(sku!), quantity: 1 }])!.id,
    );
    now += 60_000;
    orders.push(rig.simulator.shop.order([{ product: rig.idOf(sku!), quantity: 1 }])!.id);
    const { seen, watermark } = await drain(start);
    expect(new Set(seen)).toEqual(new Set(orders.map((id) => `order ${id}`)));
    expect((await drain(watermark)).seen).toEqual([`order ${orders.at(-1)}`]);
  });

  it('begins where its settings say', async () => {
    rig = await startWooRig();
    const [sku] = await rig.seed(1, 10);
    const order = await rig.inbound!.order([{ sku: sku!, quantity: 1 }]);
    const since = (ordersSince: string) => {
      const { vendorChannel } = rig;
      const connector = { ...vendorChannel.connector, settings: { ordersSince } };
      return wooCommerceVendor.inbound!({ ...vendorChannel, connector }).poll!.read(
        undefined,
        new AbortController().signal,
      );
    };
    expect(await since('2020-01-01T00:00:00Z')).toMatchObject({ messages: [{ about: `order ${order}` }] });
    expect(await since('2099-01-01T00:00:00+02:00')).toMatchObject({ kind: 'page', messages: [] });
  });

  it('reads on although one order is not as agreed', async () => {
    rig = await startWooRig();
    const good = { id: 9, status: 'pending', date_modified_gmt: '2026-11-23T10:00:00', line_items: [] };
    rig.setFaults({ kind: 'answer', answer: { body: JSON.stringify([{ id: 8, status: 'processing' }, good]) } });
    expect(await read(undefined)).toMatchObject({
      kind: 'page',
      messages: [{ about: 'order 8', meaning: { kind: 'malformed' } }, { about: 'order 9' }],
    });
  });

  const drained = (since: number) =>
    Promise.resolve({ watermark: JSON.stringify([Math.floor(since / 1_000) * 1_000, 1]) });
});

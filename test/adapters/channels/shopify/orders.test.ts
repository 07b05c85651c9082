// What an order of Shopify means: each snapshot whole, whatever the webhook, and what is not followed.
import { afterEach, describe, expect, it } from 'vitest';
import type { Topic } from '../../../../adapters/channels/shopify/simulator/payload.ts';
import type { InboundMessage } from '../../../../adapters/inbound/inbound.ts';
import { startShopifyRig } from '../../../support/shopify/rig.ts';

const rigs: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.close();
});

async function aShop() {
  const rig = await startShopifyRig();
  rigs.push(rig);
  const told = async (order: string, topic: Topic = 'orders/updated'): Promise<InboundMessage> => {
    const reply = await rig.inbound.webhook!.translate(rig.deliver(order, { topic }), AbortSignal.timeout(2_000));
    if (reply.kind !== 'messages') throw new Error(JSON.stringify(reply));
    return reply.messages[0]!;
  };
  return { ...rig, told };
}

/** `place TEE-1×2; fulfil TEE-1×2; cancel`. */
function story({ meaning }: InboundMessage): string {
  if (meaning.kind !== 'commands') return meaning.kind;
  const units = (some: readonly { sku: string; quantity: number }[]) =>
    some.map(({ sku, quantity }) => ` ${sku}×${quantity}`).join('');
  return meaning.commands
    .map(({ command }) => {
      if ('lines' in command) return `place${units(command.lines)}`;
      if ('cancelled' in command) return `cancelled in all${units(command.cancelled ?? [])}`;
      return 'units' in command ? `${command.type}${units(command.units ?? [])}` : command.type;
    })
    .join('; ');
}

const firstLine = (order: { lines: readonly { id: string }[] }, units: number) =>
  new Map([[order.lines[0]!.id, units]]);

describe('an order of Shopify', () => {
  it('is told whole by its own webhook and by those of its parts', async () => {
    const shop = await aShop();
    const [a, b] = shop.seed(2, 9) as [string, string];
    const order = shop.shop.buy([
      { sku: a, units: 2 },
      { sku: b, units: 1 },
    ])!;
    expect(story(await shop.told(order.id, 'orders/create'))).toBe(`place ${a}×2 ${b}×1`);
    shop.shop.fulfil(order.id, firstLine(order, 2));
    const partly = `place ${a}×2 ${b}×1; fulfil ${a}×2`;
    expect(story(await shop.told(order.id))).toBe(partly);
    expect(story(await shop.told(order.id, 'fulfillments/create'))).toBe(partly);
    shop.shop.fulfil(order.id);
    shop.shop.refund(order.id, firstLine(order, 1), 'return');
    const whole = `${partly}; fulfil ${b}×1; return ${a}×1`;
    expect(story(await shop.told(order.id))).toContain(`place ${a}×2 ${b}×1; fulfil ${a}×2; fulfil`);
    expect(
      story(await shop.told(order.id, 'refunds/create'))
        .split('; ')
        .sort(),
    ).toEqual(whole.split('; ').sort());
  });

  it('money alone moves no stock', async () => {
    const shop = await aShop();
    const [a] = shop.seed(1, 9) as [string];
    const order = shop.shop.buy([{ sku: a, units: 2 }])!;
    shop.shop.fulfil(order.id);
    shop.shop.refund(order.id, firstLine(order, 1), 'no_restock');
    expect(story(await shop.told(order.id))).toBe(`place ${a}×2; fulfil ${a}×2`);
  });

  it('units removed before they left are cancelled, all that ever were', async () => {
    const shop = await aShop();
    const [a, b] = shop.seed(2, 9) as [string, string];
    const order = shop.shop.buy([
      { sku: a, units: 2 },
      { sku: b, units: 1 },
    ])!;
    shop.shop.refund(order.id, firstLine(order, 2), 'cancel');
    const removed = `cancelled in all ${a}×2`;
    expect(story(await shop.told(order.id))).toBe(`place ${a}×2 ${b}×1; ${removed}`);
    shop.shop.fulfil(order.id);
    expect(story(await shop.told(order.id, 'fulfillments/create'))).toBe(
      `place ${a}×2 ${b}×1; fulfil ${b}×1; ${removed}`,
    );
  });

  it('a cancelled one is placed and cancelled, also if nothing was heard before', async () => {
    const shop = await aShop();
    const [a] = shop.seed(1, 9) as [string];
    const order = shop.shop.buy([{ sku: a, units: 2 }])!;
    shop.shop.cancel(order.id);
    expect(story(await shop.told(order.id, 'orders/cancelled'))).toBe(`place ${a}×2; cancel`);
  });

  it('of a test is ignored, and so are topics that move no stock', async () => {
    const shop = await aShop();
    const [a] = shop.seed(1, 9) as [string];
    const order = shop.shop.buy([{ sku: a, units: 2 }], { test: true })!;
    expect((await shop.told(order.id)).meaning).toEqual({ kind: 'ignored', why: 'a test order' });
    expect((await shop.told(order.id, 'products/update' as Topic)).meaning.kind).toBe('ignored');
  });

  it('of an item that nobody mapped names the item, which can be mapped as it is', async () => {
    const shop = await aShop();
    const { item } = shop.shop.list('NEW', { units: 3 });
    const order = shop.shop.buy([{ sku: 'NEW', units: 1 }])!;
    expect((await shop.told(order.id)).meaning).toEqual({
      kind: 'unmapped',
      what: 'sku',
      id: `gid://shopify/InventoryItem/${item}`,
    });
  });

  it('asks the shop for a variant once', async () => {
    const shop = await aShop();
    const [a] = shop.seed(1, 9) as [string];
    const order = shop.shop.buy([{ sku: a, units: 2 }])!;
    for (let n = 0; n < 5; n += 1) await shop.told(order.id);
    expect(shop.misbehaving.log.count('orders')).toBe(1);
  });

  it('is asked for again when the shop cannot be asked for what is missing', async () => {
    const shop = await aShop();
    const [a] = shop.seed(1, 9) as [string];
    const order = shop.shop.buy([{ sku: a, units: 2 }])!;
    shop.misbehaving.setFaults({ kind: 'throttle', on: ['orders'], times: 1 });
    const request = shop.deliver(order.id);
    expect(await shop.inbound.webhook!.translate(request, AbortSignal.timeout(2_000))).toMatchObject({ kind: 'later' });
    expect(story(await shop.told(order.id))).toBe(`place ${a}×2`);
  });
});

describe('the poll of Shopify', () => {
  it('keeps what it has read of a page when the shop stops answering, and goes on from there', async () => {
    const shop = await aShop();
    const [a] = shop.seed(1, 99) as [string];
    const poll = shop.inbound.poll!;
    const first = await poll.read(undefined, AbortSignal.timeout(2_000));
    if (first.kind !== 'page') throw new Error(JSON.stringify(first));
    const orders = Array.from({ length: 45 }, () => shop.shop.buy([{ sku: a, units: 1 }])!.id);
    const seen = new Set<string>();
    let watermark = first.watermark;
    let pages = 0;
    for (let more = true; more; pages += 1) {
      // Every other page breaks off after some orders.
      if (pages % 2 === 0) shop.misbehaving.setFaults({ kind: 'error', on: ['orders'], share: 0.1 });
      else shop.misbehaving.setFaults({});
      const reply = await poll.read(watermark, AbortSignal.timeout(5_000));
      if (reply.kind !== 'page') continue;
      for (const { about } of reply.messages) seen.add(about);
      ({ watermark, more } = reply);
      expect(pages).toBeLessThan(200);
    }
    expect(seen.size).toBe(orders.length);
  });

  it('takes no watermark of somebody else for its own', async () => {
    const shop = await aShop();
    for (const watermark of ['', '{}', '2026-11-23', '{"since":"yesterday"}']) {
      expect((await shop.inbound.poll!.read(watermark, AbortSignal.timeout(2_000))).kind).toBe('denied');
    }
  });

  it('goes on where it was when the shop does not know its cursor any more', async () => {
    const shop = await aShop();
    const [a] = shop.seed(1, 9) as [string];
    const order = shop.shop.buy([{ sku: a, units: 1 }])!;
    const since = new Date(order.updatedAt - 60_000).toISOString();
    const left = JSON.stringify({ since, after: 'gone', seen: new Date(order.updatedAt).toISOString(), pages: 3 });
    const page = await shop.inbound.poll!.read(left, AbortSignal.timeout(2_000));
    if (page.kind !== 'page') throw new Error(JSON.stringify(page));
    expect(page).toMatchObject({ messages: [], more: true });
    const next = await shop.inbound.poll!.read(page.watermark, AbortSignal.timeout(2_000));
    expect(next).toMatchObject({ messages: [{ about: `order ${order.id}` }], more: false });
  });
});

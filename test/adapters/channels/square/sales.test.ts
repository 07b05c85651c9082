// What an order of Square means: facts, once, whatever the way they come by; and what is none.
import { afterEach, describe, expect, it } from 'vitest';
import { messageOf, SquareOrder } from '../../../../adapters/channels/square/sale.ts';
import type { InboundMessage } from '../../../../adapters/inbound/inbound.ts';
import { CHANNEL, LOCATION, startSquareRig } from '../../../support/square/rig.ts';

const rigs: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.close();
});

async function aTill(settings: object = {}) {
  const rig = await startSquareRig({}, 300, settings);
  rigs.push(rig);
  const told = async (order: string, type?: Parameters<typeof rig.deliver>[1]): Promise<InboundMessage> => {
    const reply = await rig.inbound.webhook!.translate(rig.deliver(order, type), AbortSignal.timeout(2_000));
    if (reply.kind !== 'messages') throw new Error(JSON.stringify(reply));
    return reply.messages[0]!;
  };
  const sell = (sku: string, units: number, how: Parameters<typeof rig.pos.sell>[1] = {}) =>
    rig.pos.sell([{ variation: rig.variationOf(sku), units }], how);
  return { ...rig, told, sell };
}

/** `sale MUG×2`, in the order of the commands. */
function facts({ meaning }: InboundMessage): string {
  if (meaning.kind !== 'commands') return meaning.kind;
  return meaning.commands
    .map(({ command }) => {
      const { type, sku, quantity } = command as { type: string; sku: string; quantity: number };
      return `${type}${'disposition' in command ? ` ${command.disposition}` : ''} ${sku}×${quantity}`;
    })
    .join('; ');
}

describe('an order of Square', () => {
  it('is a sale of this channel at our location, when it was paid, under its own ids', async () => {
    const till = await aTill();
    const [sku] = till.seed(1, 9) as [string];
    const at = Date.now() - 3_600_000;
    const order = till.sell(sku, 2, { at });
    expect((await till.told(order.id)).meaning).toEqual({
      kind: 'commands',
      commands: [
        {
          to: 'stock',
          command: {
            ...{ type: 'sale', id: `${CHANNEL}:${order.id}:sale:${order.lines[0]!.uid}`, sku, quantity: 2 },
            ...{ location: LOCATION, channel: CHANNEL, occurredAt: at },
          },
        },
      ],
    });
  });

  it('is the same facts by payment, by order and by poll', async () => {
    const till = await aTill();
    const [sku] = till.seed(1, 9) as [string];
    const start = await till.inbound.poll!.read(undefined, AbortSignal.timeout(2_000));
    if (start.kind !== 'page') throw new Error(JSON.stringify(start));
    const order = till.sell(sku, 2);
    const byOrder = await till.told(order.id, { type: 'order.created' });
    expect(await till.told(order.id, { type: 'payment.updated' })).toEqual(byOrder);
    const polled = await till.inbound.poll!.read(start.watermark, AbortSignal.timeout(2_000));
    expect(polled).toMatchObject({ kind: 'page', messages: [byOrder], more: false });
  });

  it('is none before it is paid, is one when it waits to be collected, and comes back when it is called off', async () => {
    const till = await aTill();
    const [sku] = till.seed(1, 9) as [string];
    const order = till.sell(sku, 2, { isPaid: false });
    expect((await till.told(order.id)).meaning).toEqual({ kind: 'ignored', why: 'not paid (OPEN)' });
    till.pos.pay(order.id);
    expect(facts(await till.told(order.id))).toBe(`sale ${sku}×2`);
    till.pos.cancel(order.id);
    expect(facts(await till.told(order.id))).toBe(`sale ${sku}×2; return restock ${sku}×2`);
    const never = till.sell(sku, 2, { isPaid: false });
    till.pos.cancel(never.id);
    expect(facts(await till.told(never.id))).toBe('ignored');
  });

  it('of what was brought back is a return, to be looked at or on the shelf, as settings say', async () => {
    for (const [settings, where] of [
      [{}, 'quarantine'],
      [{ returned: 'restock' }, 'restock'],
    ] as const) {
      const till = await aTill(settings);
      const [sku] = till.seed(1, 9) as [string];
      const order = till.pos.bringBack(till.sell(sku, 2).lines);
      expect(facts(await till.told(order.id))).toBe(`return ${where} ${sku}×2`);
    }
  });

  it('says which variation or location nobody has mapped', async () => {
    const till = await aTill();
    const stray = till.pos.list(5);
    const order = till.pos.sell([{ variation: stray, units: 1 }]);
    expect((await till.told(order.id)).meaning).toEqual({ kind: 'unmapped', what: 'sku', id: stray });
    const [sku] = till.seed(1, 9) as [string];
    const nowhere = { ...till.given.identifiers, locationOf: () => undefined };
    const names = { channel: CHANNEL, identifiers: nowhere, location: till.pos.location, returned: 'restock' } as const;
    const sale = SquareOrder.parse({
      ...{ id: 'O1', locationId: till.pos.location, state: 'COMPLETED', updatedAt: '2026-11-23T10:00:00Z' },
      createdAt: '2026-11-23T10:00:00Z',
      lineItems: [{ uid: 'u1', catalogObjectId: till.variationOf(sku), quantity: '1', itemType: 'ITEM' }],
    });
    expect(messageOf(sale, names).meaning).toEqual({ kind: 'unmapped', what: 'location', id: till.pos.location });
    expect(messageOf({ ...sale, locationId: 'ANOTHER' }, names).meaning.kind).toBe('ignored');
  });

  it.each([
    ['1.5', 'malformed'],
    ['-1', 'malformed'],
    ['1e3', 'malformed'],
    ['2.00000', 'commands'],
    ['0', 'ignored'],
  ])('with a quantity of %s is %s', async (quantity, kind) => {
    const till = await aTill();
    const [sku] = till.seed(1, 9) as [string];
    const { identifiers } = till.given;
    const names = { channel: CHANNEL, identifiers, location: till.pos.location, returned: 'restock' } as const;
    const order = SquareOrder.parse({
      ...{ id: 'O1', locationId: till.pos.location, state: 'COMPLETED', updatedAt: '2026-11-23T10:00:00Z' },
      createdAt: '2026-11-23T10:00:00Z',
      lineItems: [{ uid: 'u1', catalogObjectId: till.variationOf(sku), quantity, itemType: 'ITEM' }],
    });
    expect(messageOf(order, names).meaning.kind).toBe(kind);
  });
});

describe('counts of Square', () => {
  it('do not come back as sales: neither by webhook nor by poll', async () => {
    const till = await aTill();
    const [sku] = till.seed(1, 9) as [string];
    const start = await till.inbound.poll!.read(undefined, AbortSignal.timeout(2_000));
    if (start.kind !== 'page') throw new Error(JSON.stringify(start));
    const batch = { batchId: 'b', version: 1n, updates: [{ sku, units: 3 }] };
    await till.connector.publish(batch, AbortSignal.timeout(2_000));
    const order = till.sell(sku, 1);
    const message = await till.told(order.id, { type: 'inventory.count.updated' });
    expect(message.meaning).toMatchObject({ kind: 'ignored', why: expect.stringContaining('ours come back') });
    const polled = await till.inbound.poll!.read(start.watermark, AbortSignal.timeout(2_000));
    if (polled.kind !== 'page') throw new Error(JSON.stringify(polled));
    expect(polled.messages.map(facts)).toEqual([`sale ${sku}×1`]);
  });
});

describe('the poll of Square', () => {
  it('reads all of many orders, page by page, each once', async () => {
    const till = await aTill();
    const [sku] = till.seed(1, 9) as [string];
    const start = await till.inbound.poll!.read(undefined, AbortSignal.timeout(2_000));
    if (start.kind !== 'page') throw new Error(JSON.stringify(start));
    for (let n = 0; n < 250; n += 1) till.sell(sku, 1);
    let { watermark } = start;
    const seen: string[] = [];
    for (let more = true; more; ) {
      const page = await till.inbound.poll!.read(watermark, AbortSignal.timeout(2_000));
      if (page.kind !== 'page') throw new Error(JSON.stringify(page));
      seen.push(...page.messages.map(({ about }) => about));
      ({ watermark, more } = page);
    }
    expect(new Set(seen).size).toBe(250);
    expect(seen).toHaveLength(250);
  });

  it('goes on where it was when its cursor has ended', async () => {
    const till = await aTill();
    const [sku] = till.seed(1, 9) as [string];
    const order = till.sell(sku, 1);
    const since = new Date(order.updatedAt - 60_000).toISOString();
    const left = JSON.stringify({ since, cursor: 'gone', seen: new Date(order.updatedAt - 1).toISOString() });
    const page = await till.inbound.poll!.read(left, AbortSignal.timeout(2_000));
    if (page.kind !== 'page') throw new Error(JSON.stringify(page));
    expect(page).toMatchObject({ messages: [], more: true });
    const next = await till.inbound.poll!.read(page.watermark, AbortSignal.timeout(2_000));
    expect(next).toMatchObject({ messages: [{ about: `order ${order.id}` }], more: false });
  });
});

// Property: whatever happens to an order at Amazon, a later telling of it says all that an earlier one said, under the same
// ids and in the same words, and the parcels of the last telling are what left. So any loss, repeat or order of delivery
// ends in the same commands. Seen failing: parcels named by how many there are, all told as one parcel once it is shipped,
// lines of what has not left yet, two lines of one SKU not added up, times that move, no cancellation.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { translateOrder } from '../../../../adapters/channels/amazon/order.ts';
import { AmazonSettings } from '../../../../adapters/channels/amazon/settings.ts';
import { createAmazonSimulator, SIMULATED_SELLER } from '../../../../adapters/channels/amazon/simulator/app.ts';
import { unshipped } from '../../../../adapters/channels/amazon/simulator/orders.ts';
import { sameIdentifiers } from '../../../../adapters/channels/identifiers.ts';
import type { InboundCommand } from '../../../../adapters/inbound/inbound.ts';

const room = { channel: 'amazon-de', settings: AmazonSettings.parse(SIMULATED_SELLER), identifiers: sameIdentifiers };
const credentials = { clientId: 'client', clientSecret: 'secret', refreshToken: 'refresh' };

const Step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ sku: fc.constantFrom('TEE', 'MUG'), quantity: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 1, arbitrary: fc.constant('ship the rest' as const) },
  { weight: 1, arbitrary: fc.constant('cancel' as const) },
);
const Life = fc.record({
  lines: fc.array(fc.record({ sku: fc.constantFrom('TEE', 'MUG'), quantity: fc.integer({ min: 1, max: 5 }) }), {
    minLength: 1,
    maxLength: 4,
  }),
  steps: fc.array(Step, { maxLength: 6 }),
});

/** What getOrder says now. */
async function told(fetch: (path: string) => Promise<unknown>, id: string): Promise<readonly InboundCommand[]> {
  const answer = (await fetch(`/orders/2026-01-01/orders/${id}?includedData=FULFILLMENT,PACKAGES,CANCELLATION`)) as {
    order: unknown;
  };
  const { meaning } = translateOrder(answer.order, room);
  if (meaning.kind !== 'commands') throw new Error(JSON.stringify(meaning));
  return meaning.commands;
}

async function liveOf({ lines, steps }: typeof Life extends fc.Arbitrary<infer L> ? L : never) {
  let now = Date.parse('2026-11-23T10:00:00Z');
  const { app, orders, tokens } = createAmazonSimulator({ credentials, now: () => now });
  const form = new URLSearchParams({
    ...{ grant_type: 'refresh_token', client_id: 'client', client_secret: 'secret', refresh_token: 'refresh' },
  });
  await app.request('/auth/o2/token', { method: 'POST', body: form });
  const headers = { 'x-amz-access-token': tokens.issued[0]! };
  const ask = async (path: string) => (await app.request(path, { headers })).json();
  const { id } = orders.place(lines);
  const tellings = [await told(ask, id)];
  for (const step of steps) {
    const order = orders.get(id)!;
    const left = [...unshipped(order).values()].some((units) => units > 0);
    if (order.status === 'CANCELLED' || !left) break;
    now += 60_000;
    if (step === 'cancel') orders.cancel(id);
    else if (step === 'ship the rest') orders.ship(id);
    else orders.ship(id, { [step.sku]: step.quantity });
    tellings.push(await told(ask, id));
  }
  return { order: orders.get(id)!, tellings };
}

const unitsOf = (commands: readonly InboundCommand[], type: 'place' | 'fulfil') => {
  const units = new Map<string, number>();
  for (const { command } of commands) {
    const said =
      command.type !== type ? [] : command.type === 'place' ? command.lines : 'units' in command ? command.units : [];
    for (const { sku, quantity } of said) units.set(sku, (units.get(sku) ?? 0) + quantity);
  }
  return units;
};

describe('the life of an order', () => {
  it('is said whole, and grows', async () => {
    await fc.assert(
      fc.asyncProperty(Life, async (life) => {
        const { order, tellings } = await liveOf(life);
        const last = tellings.at(-1)!;
        const byId = new Map(last.map((one) => [one.command.id, one]));
        expect(byId.size, 'no id twice').toBe(last.length);
        for (const telling of tellings) for (const one of telling) expect(byId.get(one.command.id)).toEqual(one);

        const ordered = new Map<string, number>();
        const gone = new Map<string, number>();
        const left = unshipped(order);
        for (const { id, sku, quantity } of order.items) {
          ordered.set(sku, (ordered.get(sku) ?? 0) + quantity);
          if (quantity > left.get(id)!) gone.set(sku, (gone.get(sku) ?? 0) + quantity - left.get(id)!);
        }
        expect(unitsOf(last, 'place')).toEqual(ordered);
        expect(unitsOf(last, 'fulfil')).toEqual(gone);
        expect(last.some(({ command }) => command.type === 'cancel')).toBe(order.status === 'CANCELLED');
      }),
      { numRuns: 150 },
    );
  });
});

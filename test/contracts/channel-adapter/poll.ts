// Polls: from its watermark on nothing is missed and a fault moves nothing; what both ways say has the same ids.
import { expect } from 'vitest';
import type { Check } from './asking.ts';
import { GARBAGE, isEmptyObject } from './bounds.ts';
import {
  anOrder,
  commandsOf,
  delivered,
  drained,
  idsOf,
  inboundOf,
  noInbound,
  noPoll,
  noWebhook,
  placedIn,
  read,
  translated,
} from './inbound-asking.ts';

const unmappedLine: Check = {
  name: 'inbound: an order with a line that nobody mapped says so, and costs no other',
  skip: (rig) =>
    noInbound(rig) ?? (rig.unmapped === undefined ? 'sellers choose the SKU there: nothing is unmapped' : undefined),
  async run(rig) {
    const { inbound, orderUnmapped } = inboundOf(rig);
    if (orderUnmapped === undefined) throw new Error('it has SKUs of its own: the rig needs orderUnmapped()');
    const start = inbound.poll && (await drained(rig, undefined)).watermark;
    const stray = await orderUnmapped();
    const { order, units } = await anOrder(rig);
    if (inbound.webhook !== undefined) {
      const messages = await translated(rig, await delivered(rig, stray));
      expect(messages.map(({ meaning }) => meaning)).toMatchObject([{ kind: 'unmapped', what: 'sku' }]);
    }
    if (inbound.poll === undefined) return;
    const { messages } = await drained(rig, start);
    expect(messages.some(({ meaning }) => meaning.kind === 'unmapped')).toBe(true);
    expect(placedIn(rig, messages, order)).toMatchObject({ units });
  },
};

const watermark: Check = {
  name: 'poll: from its watermark it sees all that came since, and the same things under the same ids',
  skip: noPoll,
  async run(rig) {
    const { ship } = inboundOf(rig);
    const start = (await drained(rig, undefined)).watermark;
    const first = await anOrder(rig);
    const one = await drained(rig, start);
    const placed = placedIn(rig, one.messages, first.order);
    expect(placed).toMatchObject({ kind: 'commitment', units: first.units });
    const second = await anOrder(rig);
    await ship?.(first.order);
    const two = await drained(rig, one.watermark);
    expect(placedIn(rig, two.messages, second.order)).toMatchObject({ units: second.units });
    if (ship !== undefined) {
      const after = placedIn(rig, two.messages, first.order);
      expect(after.types).toContain('fulfil');
      expect(after.ids.slice(0, placed.ids.length)).toEqual(placed.ids);
    }
    const again = await drained(rig, start);
    expect(new Set(idsOf(commandsOf(again.messages)))).toEqual(
      new Set([...idsOf(commandsOf(one.messages)), ...idsOf(commandsOf(two.messages))]),
    );
  },
};

const bothWays: Check = {
  name: 'inbound: webhook and poll give one order the same ids',
  skip: (rig) => noWebhook(rig) ?? noPoll(rig),
  async run(rig) {
    const start = (await drained(rig, undefined)).watermark;
    const { order } = await anOrder(rig);
    await inboundOf(rig).ship?.(order);
    const polled = placedIn(rig, (await drained(rig, start)).messages, order);
    expect(placedIn(rig, await translated(rig, await delivered(rig, order)), order)).toEqual(polled);
  },
};

const pollTroubles: Check = {
  name: 'poll: a fault gives no watermark, so that nothing is passed over',
  skip: noPoll,
  async run(rig) {
    const start = (await drained(rig, undefined)).watermark;
    const { order, units } = await anOrder(rig);
    const on = ['orders', 'read', 'token'] as const;
    const kinds = [
      'throttle',
      'unavailable',
      'error',
      'reset',
      'half-answer',
      'invalid-json',
      'timeout',
      'unauthorised',
      'redirect',
      'endless',
    ] as const;
    for (const kind of kinds) {
      rig.setFaults({ kind, on: [...on] });
      const patience = kind === 'timeout' || kind === 'endless' ? { silentOf: on } : {};
      expect(['later', 'denied'], kind).toContain((await read(rig, start, patience)).kind);
    }
    for (const [name, body] of GARBAGE) {
      rig.setFaults({ kind: 'answer', answer: { body }, on: [...on] });
      const reply = await read(rig, start);
      if (rig.hasNo?.emptyList === undefined || !isEmptyObject(name) || reply.kind !== 'page') {
        expect(['later', 'denied'], name).toContain(reply.kind);
        continue;
      }
      // There is nothing, it says: then the watermark stays where nothing is passed over.
      rig.setFaults({});
      expect(placedIn(rig, (await drained(rig, reply.watermark)).messages, order), name).toMatchObject({ units });
    }
    rig.setFaults({});
    expect(placedIn(rig, (await drained(rig, start)).messages, order)).toMatchObject({ units });
  },
};

export const POLL_CHECKS: readonly Check[] = [unmappedLine, watermark, bothWays, pollTroubles];

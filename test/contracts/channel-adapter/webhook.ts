// Webhooks: only what is genuine and fresh is taken (fault row 24), and the same thing said twice or out of order has the
// same command ids, so that it counts once.
import { expect } from 'vitest';
import type { WebhookRequest } from '../../../adapters/inbound/inbound.ts';
import { rawOf, requestOf } from '../../../server/inbound/raw-message.ts';
import { PERSONAL, withBuyers } from '../../support/personal-canary.ts';
import type { Check } from './asking.ts';
import { GARBAGE } from './bounds.ts';
import {
  anOrder,
  commandsOf,
  delivered,
  inboundOf,
  noWebhook,
  placedIn,
  translated,
  verified,
} from './inbound-asking.ts';

const flipped = (request: WebhookRequest, at: number, bit: number): WebhookRequest => {
  const rawBody = Uint8Array.from(request.rawBody);
  rawBody[at] = rawBody[at]! ^ (1 << bit);
  return { ...request, rawBody };
};

/** The header that holds the signature is found by leaving one out after the other. */
function withoutOneHeader(request: WebhookRequest): readonly WebhookRequest[] {
  return [...request.headers.keys()].map((name) => {
    const headers = new Headers(request.headers);
    headers.delete(name);
    return { ...request, headers };
  });
}

const verification: Check = {
  name: 'webhook: only what is genuine and fresh is verified',
  skip: noWebhook,
  async run(rig) {
    const { order } = await anOrder(rig);
    const now = Date.now();
    const request = await delivered(rig, order, { atMs: now });
    expect(verified(rig, request, now), 'the genuine one').toBe(true);
    const { length } = request.rawBody;
    for (let n = 0; n < 64; n += 1) {
      const at = Math.floor((n * length) / 64);
      expect(verified(rig, flipped(request, at, n % 8), now), `bit ${n % 8} of byte ${at} flipped`).toBe(false);
    }
    const text = new TextDecoder().decode(request.rawBody);
    const bodies = [JSON.stringify(JSON.parse(text), undefined, 1), `${text} `, text.slice(0, -1), ''];
    for (const body of bodies) {
      const rawBody = new TextEncoder().encode(body);
      expect(verified(rig, { ...request, rawBody }, now), `written again: ${body.slice(0, 40)}`).toBe(false);
    }
    expect(
      withoutOneHeader(request).some((bare) => !verified(rig, bare, now)),
      'without its signature',
    ).toBe(true);
    expect(verified(rig, { ...request, headers: new Headers() }, now)).toBe(false);
    const other = await delivered(rig, order, { atMs: now, otherSecret: true });
    expect(verified(rig, other, now), "another channel's secret").toBe(false);
    const headers = new Headers(request.headers);
    for (const [name] of request.headers) headers.set(name, 'x'.repeat(20_000));
    expect(verified(rig, { ...request, headers }, now), 'headers of nonsense').toBe(false);
  },
};

const freshness: Check = {
  name: 'webhook: an old one and one of the future are not verified',
  skip: (rig) => noWebhook(rig) ?? (rig.inbound!.signsTime ? undefined : 'its signature covers no time'),
  async run(rig) {
    const { order } = await anOrder(rig);
    const now = Date.now();
    for (const [awayMs, fresh] of [
      [-301_000, false],
      [301_000, false],
      [-290_000, true],
      [290_000, true],
    ] as const) {
      const request = await delivered(rig, order, { atMs: now + awayMs });
      expect(verified(rig, request, now), `signed ${awayMs} ms from now`).toBe(fresh);
    }
  },
};

const saysTheOrder: Check = {
  name: 'webhook: an order is placed in our words, and a duplicate says the same',
  skip: noWebhook,
  async run(rig) {
    const { order, units } = await anOrder(rig);
    const request = await delivered(rig, order);
    const placed = placedIn(rig, await translated(rig, request), order);
    expect(placed).toMatchObject({ kind: 'commitment', units });
    const again = placedIn(rig, await translated(rig, await delivered(rig, order)), order);
    expect(again).toEqual(placed);
  },
};

const reordered: Check = {
  name: 'webhook: what happens to the order comes with all before it, in any order of delivery',
  skip: noWebhook,
  async run(rig) {
    const { ship, cancel } = inboundOf(rig);
    for (const [step, type] of [
      [ship, 'fulfil'],
      [cancel, 'cancel'],
    ] as const) {
      if (step === undefined) continue;
      const { order, units } = await anOrder(rig);
      const early = await delivered(rig, order);
      await step(order);
      const late = await delivered(rig, order);
      const after = placedIn(rig, await translated(rig, late), order);
      const before = placedIn(rig, await translated(rig, early), order);
      expect(after.types[0], 'placed first').toBe('place');
      expect(after.types).toContain(type);
      expect(after.units).toEqual(units);
      expect(after.ids.slice(0, before.ids.length)).toEqual(before.ids);
    }
  },
};

const strayBodies: Check = {
  name: 'webhook: a body that is not of the contract is malformed, and throws nothing',
  skip: noWebhook,
  async run(rig) {
    const { order } = await anOrder(rig);
    for (const [name, body] of GARBAGE) {
      const request = await delivered(rig, order, { body });
      const messages = await translated(rig, request);
      expect(commandsOf(messages), `${name}: ${JSON.stringify(messages)}`).toEqual([]);
      for (const { meaning } of messages) expect(['malformed', 'ignored']).toContain(meaning.kind);
    }
  },
};

/** What waits is kept in the log for ever: a buyer's name there could not be erased. */
const nothingOfTheBuyer: Check = {
  name: 'webhook: what is kept of one that waits says the same, and nothing of the buyer',
  skip: noWebhook,
  async run(rig) {
    const { order } = await anOrder(rig);
    const request = await delivered(rig, order);
    const body = JSON.stringify(withBuyers(JSON.parse(new TextDecoder().decode(request.rawBody))));
    expect(body).toContain(PERSONAL);
    const told = { ...request, rawBody: new TextEncoder().encode(body) };
    const kept = rawOf(told, inboundOf(rig).inbound.webhook!.fields);
    expect(JSON.stringify(kept), 'what is kept').not.toContain(PERSONAL);
    const messages = await translated(rig, told);
    expect(await translated(rig, requestOf(kept)), 'what is kept says').toEqual(messages);
    expect(JSON.stringify(messages), 'what is said').not.toContain(PERSONAL);
    expect(placedIn(rig, messages, order)).toMatchObject({ kind: 'commitment' });
  },
};

export const WEBHOOK_CHECKS: readonly Check[] = [
  verification,
  freshness,
  saysTheOrder,
  reordered,
  strayBodies,
  nothingOfTheBuyer,
];

// The decider of bundles, by example: what is owed to components, in which order, and what a reservation comes to.
import { describe, expect, it } from 'vitest';
import type { BundleCommand } from '../../../domain/bundle/command.ts';
import type { Handling } from '../../../domain/bundle/handling.ts';
import { bundleId, parseComponentHold } from '../../../domain/bundle/stream.ts';
import { bundleWorkflow } from '../../../domain/bundle/workflow.ts';
import { compilePolicy, PolicyDocument, type PolicyDocumentJson } from '../../../domain/channel/policy.ts';
import { StockCommand } from '../../../domain/stock/commands.ts';
import { DAY, MINUTE } from '../../../domain/time.ts';
import type { Answered, StockAnswer } from '../../../domain/workflow.ts';

const NOON = Date.UTC(2026, 10, 23, 12);
const text = (at: number) => new Date(at).toISOString();
const kit = (a: number, b: number) => [{ sku: 'KIT', components: [part('A', a), part('B', b)] }];
const part = (sku: string, quantity: number) => ({ sku, quantity });
const policyWith = (bundles: PolicyDocumentJson['bundles']) =>
  compilePolicy(PolicyDocument.parse({ version: '7', locations: [{ id: 'dc' }], bundles }));
const context = { now: NOON, policy: policyWith(kit(2, 1)), free: (sku: string) => (sku === 'A' ? 9 : 3) };

const command = (fields: Record<string, unknown>): BundleCommand =>
  StockCommand.parse({ id: 'c1', sku: 'KIT', location: 'dc', occurredAt: text(NOON), ...fields }) as BundleCommand;
const make = (fields: Record<string, unknown> = {}) =>
  command({
    ...{ type: 'reservation.make', reservationId: 'r1', quantity: 2, owner: 'buyer', channel: 'web' },
    ...{ expiresAt: text(NOON + MINUTE), ...fields },
  });

/** A handling of one stream, driven as the runtime drives it. */
function handlingOf(first: BundleCommand) {
  let state: Handling = bundleWorkflow.initial(bundleId(first));
  const types: string[] = [];
  const work = (id: string, decision: ReturnType<typeof bundleWorkflow.decide>) => {
    if (decision.outcome === 'refused') return decision.reason;
    for (const event of decision.events) {
      types.push(event.type);
      state = bundleWorkflow.evolve(state, { ...event, v: 1, commandId: id, source: 'till-7', recordedAt: NOON });
    }
    return decision.events.map(({ type }) => type);
  };
  return {
    state: () => state,
    owed: () => bundleWorkflow.owed(state),
    take: (given: BundleCommand, more: Partial<typeof context> = {}) =>
      work(
        given.id,
        bundleWorkflow.decide(state, { type: 'take', id: given.id, command: given }, { ...context, ...more }),
      ),
    /** Everything owed now is answered so, by SKU; default: accepted. */
    answer(answers: Record<string, StockAnswer | 'none'> = {}, asked = bundleWorkflow.owed(state)) {
      const given = asked.flatMap((ask): Answered[] => {
        const answer = answers[ask.sku] ?? { outcome: 'accepted' as const, revision: 5 };
        return answer === 'none' ? [] : [{ command: ask, answer }];
      });
      const record = bundleWorkflow.record(state, given);
      return work(record.id, bundleWorkflow.decide(state, record, context));
    },
  };
}
const refusal: StockAnswer = { outcome: 'refused', reason: 'insufficient-available', detail: '0 units are free here' };

describe('a bundle that is sold', () => {
  it('owes every component its units at once, as its sender said it', () => {
    const sale = command({ type: 'sale', quantity: 3, channel: 'web', source: { id: 'till-7', sequence: 4 } });
    const handling = handlingOf(sale);
    expect(handling.take(sale)).toEqual(['BundleSold']);
    const said = {
      location: 'dc',
      occurredAt: NOON,
      channel: 'web',
      causationId: 'c1',
      source: { id: 'till-7', sequence: 4 },
    };
    expect(handling.owed()).toEqual([
      { type: 'sale', id: 'bundle KIT c1', sku: 'A', quantity: 6, ...said },
      { type: 'sale', id: 'bundle KIT c1', sku: 'B', quantity: 3, ...said },
    ]);
    expect(handling.answer({ B: 'none' })).toEqual(['BundleComponentsAnswered']);
    expect(handling.owed().map(({ sku }) => sku)).toEqual(['B']);
    handling.answer();
    expect(handling.owed()).toEqual([]);
    expect(handling.state().told.get('c1')).toMatchObject({ settled: true, version: '7', refusal: undefined });
  });

  it('is parked whole when it is too old or from the future, a minute before a component would', () => {
    for (const [at, reason] of [
      [NOON - 45 * DAY + MINUTE - 1, 'too-old'],
      [NOON + 10 * MINUTE + 1, 'from-the-future'],
    ] as const) {
      const sale = command({ type: 'sale', quantity: 1, occurredAt: text(at) });
      const handling = handlingOf(sale);
      expect(handling.take(sale), reason).toEqual(['BundleFactParked']);
      expect(handling.owed()).toEqual([]);
    }
  });

  it('is no bundle without a definition', () => {
    const sale = command({ type: 'sale', quantity: 1 });
    expect(handlingOf(sale).take(sale, { policy: policyWith([]) })).toBe('not-a-bundle');
  });
});

describe('a reservation of a bundle', () => {
  it('asks the scarcest component alone, then the others, and is made when all accept', () => {
    const handling = handlingOf(make());
    expect(handling.take(make())).toEqual(['BundleReservationAsked']);
    expect(handling.owed()).toMatchObject([{ sku: 'B', quantity: 2, reservationId: 'bundle KIT r1' }]);
    expect(handling.answer()).toEqual(['BundleComponentsAnswered']);
    expect(handling.owed()).toMatchObject([{ sku: 'A', quantity: 4 }]);
    expect(handling.answer()).toEqual(['BundleComponentsAnswered', 'BundleReservationMade']);
    expect(handling.state().hold).toMatchObject({ held: 2, committed: 0 });
    expect(handling.take(make({ id: 'c2' }))).toBe('reservation-exists');
  });

  it('refused by the first asks nobody else', () => {
    const handling = handlingOf(make());
    handling.take(make());
    expect(handling.answer({ B: refusal })).toEqual(['BundleComponentsAnswered', 'BundleReservationRefused']);
    expect(handling.owed()).toEqual([]);
    expect(handling.state().told.get('c1')).toMatchObject({
      settled: true,
      refusal: { reason: 'insufficient-available' },
    });
  });

  it('refused by another gives the first back, and can be asked for again under another command', () => {
    const handling = handlingOf(make());
    handling.take(make());
    handling.answer();
    expect(handling.answer({ A: refusal })).toEqual(['BundleComponentsAnswered', 'BundleReservationRefused']);
    expect(handling.owed()).toMatchObject([
      { type: 'reservation.release', sku: 'B', id: 'bundle KIT c1 back', reservationId: 'bundle KIT r1' },
    ]);
    expect(handling.take(make({ id: 'c2' }))).toBe('busy');
    handling.answer();
    expect(handling.take(make({ id: 'c2' }))).toEqual(['BundleReservationAsked']);
  });

  it('gives back what a component grants to another process after it had refused', () => {
    const handling = handlingOf(make());
    handling.take(make());
    const asked = handling.owed();
    handling.answer({ B: refusal });
    expect(handling.answer({}, asked)).toEqual(['BundleComponentsAnswered']);
    expect(handling.owed()).toMatchObject([{ type: 'reservation.release', sku: 'B' }]);
    handling.answer();
    expect(handling.owed()).toEqual([]);
    expect(handling.answer({ B: refusal }, asked)).toEqual([]);
  });

  it('is renewed, committed in part, sold from, released and expired as a whole, by the definition it was made with', () => {
    const handling = handlingOf(make());
    const later = { policy: policyWith(kit(7, 7)) };
    handling.take(make());
    handling.answer();
    handling.answer();
    const hold = (type: string, id: string, more = {}) => command({ type, id, reservationId: 'r1', ...more });
    handling.take(hold('reservation.renew', 'c2', { expiresAt: text(NOON + 5 * MINUTE) }), later);
    expect(handling.owed()).toMatchObject([{ type: 'reservation.renew' }, { type: 'reservation.renew' }]);
    handling.answer();
    expect(handling.take(hold('reservation.commit', 'c3', { quantity: 3 }), later)).toBe('exceeds-reservation');
    handling.take(hold('reservation.commit', 'c3', { quantity: 1 }), later);
    expect(handling.owed()).toMatchObject([{ quantity: 2 }, { quantity: 1 }]);
    handling.answer();
    handling.take(hold('fulfilment', 'c4', { quantity: 1 }), later);
    expect(handling.owed()).toMatchObject([{ quantity: 2 }, { quantity: 1 }]);
    handling.answer();
    expect(handling.state().hold).toMatchObject({ held: 1, committed: 0, expiresAt: NOON + 5 * MINUTE });
    expect(handling.take(hold('reservation.expire', 'c5'), later)).toBe('not-due');
    handling.take(hold('reservation.expire', 'c5'), { ...later, now: NOON + 5 * MINUTE });
    handling.answer();
    expect(handling.state().hold).toBeUndefined();
    expect(handling.take(hold('reservation.release', 'c6'), later)).toBe('unknown-reservation');
  });

  it('takes a fact while a component has not answered, and owes it afterwards', () => {
    const handling = handlingOf(make());
    handling.take(make());
    const sale = command({ type: 'sale', id: 'c2', reservationId: 'r1', quantity: 2 });
    expect(handling.take(sale, { policy: policyWith(kit(7, 7)) })).toEqual(['BundleSold']);
    handling.answer();
    handling.answer();
    expect(handling.owed()).toMatchObject([
      { type: 'sale', quantity: 4, reservationId: 'bundle KIT r1' },
      { quantity: 2 },
    ]);
    handling.answer();
    expect(handling.state()).toMatchObject({ hold: undefined, pending: [] });
  });
});

describe('names', () => {
  it('of a component hold tell the bundle and its reservation, also with spaces in the SKU', () => {
    expect(parseComponentHold('bundle KIT 1 r:1~x')).toEqual({ sku: 'KIT 1', reservationId: 'r:1~x' });
    expect(parseComponentHold('order:1')).toBeUndefined();
  });

  it('keep a command whose id is a word of the language', () => {
    const sale = command({ type: 'sale', id: '__proto__', quantity: 1 });
    const handling = handlingOf(sale);
    handling.take(sale);
    handling.answer();
    expect(handling.state().told.get('__proto__')).toMatchObject({ settled: true });
  });
});

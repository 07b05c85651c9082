// Random stocks' lives: commands of every type over few names and small numbers, so that they meet each other;
// times that collide, arrive late and go back; policies with quotas; and how a list of them is lived through.
import fc from 'fast-check';
import type { StockCommand } from '../../domain/stock/commands.ts';
import { type Decision, decide } from '../../domain/stock/decide.ts';
import type { StockEvent } from '../../domain/stock/events.ts';
import { evolve } from '../../domain/stock/evolve.ts';
import { emptyStock, type Stock } from '../../domain/stock/stock.ts';
import type { StockPolicy } from '../../domain/stock/verdict.ts';
import { DAY, HOUR, MINUTE } from '../../domain/time.ts';
import { commandOf, instantText, NOON, OPEN_POLICY, type Step } from './stock-specification.ts';

const CHANNELS = ['app', 'market', 'webshop'] as const;
const quantity = fc.integer({ min: 1, max: 12 });
const channel = fc.constantFrom(...CHANNELS);
const reservationId = fc.constantFrom('r0', 'r1');
const transferId = fc.constantFrom('t0', 't1');
const reason = fc.constant('because');
const end = fc.constantFrom('origin' as const, 'destination' as const);
const type = <const T extends string>(name: T) => fc.constant(name);

/** Facts that move quantities. */
export const movingFact: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ type: type('sale'), quantity, channel }),
  fc.record({ type: type('sale'), quantity, reservationId }),
  fc.record({
    type: type('return'),
    quantity,
    disposition: fc.constantFrom('restock' as const, 'quarantine' as const, 'writeOff' as const),
  }),
  fc.record({ type: type('receipt'), quantity: fc.integer({ min: 1, max: 40 }) }),
  fc.record({ type: type('adjustment'), quantity: fc.integer({ min: -9, max: 9 }).filter((n) => n !== 0), reason }),
  fc.record({ type: type('count'), counted: fc.nat(30) }),
  fc.record({ type: type('fulfilment'), quantity, reservationId }),
  fc.record({ type: type('quarantine'), quantity, reason }),
  fc.record({
    type: type('disposition'),
    quantity,
    disposition: fc.constantFrom('restock' as const, 'scrap' as const, 'returnToVendor' as const),
  }),
  fc.record({ type: type('transfer.dispatch'), quantity, transferId, to: fc.constant('store-002') }),
  fc.record({ type: type('transfer.settle'), quantity, transferId }),
  fc.record({ type: type('transfer.expect'), quantity, transferId, from: fc.constant('dc') }),
  fc.record({ type: type('transfer.receive'), quantity, transferId, from: fc.constant('dc') }),
  fc.record({ type: type('transfer.short'), quantity, transferId, end }),
  fc.record({ type: type('transfer.over'), quantity, transferId, end }),
);

/** Facts that freeze and retire. */
export const turningFact: fc.Arbitrary<Step> = fc.record({
  type: fc.constantFrom('freeze' as const, 'unfreeze' as const, 'retire' as const, 'reinstate' as const),
  reason,
});

const expiresAt = fc.integer({ min: -5, max: 120 }).map((minutes) => instantText(NOON + minutes * MINUTE));
const part = fc.option(quantity, { nil: undefined });
const withPart = (name: 'reservation.commit' | 'reservation.release'): fc.Arbitrary<Step> =>
  fc
    .tuple(reservationId, part)
    .map(([id, units]) => ({ type: name, reservationId: id, ...(units === undefined ? {} : { quantity: units }) }));

export const request: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      type: type('reservation.make'),
      reservationId,
      quantity,
      owner: fc.constant('order-1'),
      channel,
      expiresAt,
    }),
  },
  fc.record({ type: type('reservation.renew'), reservationId, expiresAt }),
  withPart('reservation.commit'),
  withPart('reservation.release'),
  fc.record({ type: type('reservation.expire'), reservationId }),
  fc.record({ type: type('transfer.request'), transferId, quantity, to: fc.constant('store-002') }),
  fc.record({ type: type('transfer.cancel'), transferId }),
);

/** Few instants, so that facts and counts collide. */
export const instant = fc.integer({ min: -8, max: 0 }).map((n) => n * MINUTE);

export const policy: fc.Arbitrary<StockPolicy> = fc.record({
  safetyStock: fc.nat(5),
  quotas: fc
    .shuffledSubarray([...CHANNELS])
    .chain((some) => fc.tuple(...some.map((name) => fc.record({ channel: fc.constant(name), quantity: fc.nat(10) })))),
  windowMs: fc.constant(DAY),
  clockSkewMsMax: fc.constant(OPEN_POLICY.clockSkewMsMax),
});

/** A command and when it is received. */
export interface Delivery {
  readonly command: StockCommand;
  readonly now: number;
}

/**
 * Commands in order of arrival, each with an id of its own. The clock stands, steps, leaps past the window and runs back;
 * facts are some minutes old, some hours, some older than the window, some from the future.
 */
export const life: fc.Arbitrary<readonly Delivery[]> = fc
  .array(
    fc.record({
      step: fc.oneof(
        { weight: 6, arbitrary: movingFact },
        { weight: 1, arbitrary: turningFact },
        { weight: 5, arbitrary: request },
      ),
      passedMs: fc.oneof(
        { weight: 5, arbitrary: fc.integer({ min: 0, max: 10 * MINUTE }) },
        { weight: 1, arbitrary: fc.constantFrom(-HOUR, 5 * HOUR, 12 * HOUR, 23 * HOUR, DAY + HOUR) },
      ),
      lateMs: fc.oneof(
        { weight: 8, arbitrary: fc.constantFrom(0, MINUTE, 2 * MINUTE, HOUR) },
        { weight: 1, arbitrary: fc.constantFrom(2 * DAY, -DAY) },
      ),
    }),
    { maxLength: 40 },
  )
  .map((steps) => {
    let received = 0;
    // A stock to begin with: otherwise most requests would be refused for want of units.
    const opening = { step: { type: 'receipt', quantity: 60 } satisfies Step, passedMs: 0, lateMs: 0 };
    return [opening, ...steps].map(({ step, passedMs, lateMs }, n) => {
      received += passedMs;
      const isRequest =
        step.type.startsWith('reservation.') || step.type === 'transfer.request' || step.type === 'transfer.cancel';
      const command = commandOf({ ...step, received, ...(isRequest ? {} : { at: received - lateMs }) }, `c${n}`);
      return { command, now: NOON + received };
    });
  });

/** Mostly requests against a little stock, all at once: what is free is often just enough or just not. */
export const rush: fc.Arbitrary<readonly Delivery[]> = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: request },
      { weight: 2, arbitrary: fc.record({ type: type('receipt'), quantity: fc.integer({ min: 1, max: 15 }) }) },
      { weight: 1, arbitrary: fc.record({ type: type('sale'), quantity, reservationId }) },
      { weight: 1, arbitrary: fc.record({ type: type('quarantine'), quantity, reason }) },
    ),
    { minLength: 4, maxLength: 30 },
  )
  .map((steps) => steps.map((step, n) => ({ command: commandOf(step, `c${n}`), now: NOON })));

export interface Lived {
  readonly stock: Stock;
  readonly events: readonly StockEvent[];
  readonly decisions: readonly Decision[];
  /** `stocks[n]` is the state after n events. */
  readonly stocks: readonly Stock[];
}

/** Long enough for `policy`: its window and clock skew. */
export const MEMORY_MS = DAY + OPEN_POLICY.clockSkewMsMax;

/** Decides and folds one delivery after another, as an actor does. */
export function live(deliveries: readonly Delivery[], under: StockPolicy = OPEN_POLICY, from = emptyStock()): Lived {
  const stocks = [from];
  const events: StockEvent[] = [];
  const decisions: Decision[] = [];
  for (const { command, now } of deliveries) {
    const decision = decide(stocks.at(-1)!, command, { now, policy: under, source: 'till-1' });
    decisions.push(decision);
    if (decision.outcome !== 'accepted') continue;
    for (const event of decision.events) {
      events.push(event);
      stocks.push(evolve(stocks.at(-1)!, event, MEMORY_MS));
    }
  }
  return { stock: stocks.at(-1)!, stocks, events, decisions };
}

// Properties of `decide`: total and pure, blind to duplicates (P2), and no request it accepts takes what is not free (P4).
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFact } from '../../../domain/stock/commands.ts';
import { decide } from '../../../domain/stock/decide.ts';
import type { StockEvent } from '../../../domain/stock/events.ts';
import { evolve } from '../../../domain/stock/evolve.ts';
import type { Levels } from '../../../domain/stock/levels.ts';
import { emptyStock, type Stock, stockToJson } from '../../../domain/stock/stock.ts';
import type { StockPolicy } from '../../../domain/stock/verdict.ts';
import { DAY } from '../../../domain/time.ts';
import { type Delivery, life, live, MEMORY_MS, policy, rush } from '../../support/stock-arbitraries.ts';

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.freeze(value);
    for (const inner of Object.values(value)) frozen(inner);
  }
  return value;
}

/** States no decider made: events that contradict each other, of reservations never made, with any levels. */
const anyEvent: fc.Arbitrary<StockEvent> = life.chain((deliveries) => {
  const { events } = live(deliveries);
  const whole = fc.integer({ min: -50, max: 50 });
  const size = fc.nat(50);
  const levels: fc.Arbitrary<Levels> = fc.record({
    onHand: whole,
    reserved: size,
    quarantined: size,
    inTransitIn: size,
    inTransitOut: size,
  });
  return fc.tuple(fc.constantFrom(...events), levels).map(([event, any]) => ({ ...event, levels: any }));
});

describe('decide', () => {
  // Seen failing: judgeReservation reading `reservation.channel` before asking whether there is one.
  it('never throws, in a state no decider made either', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 12 }), life, policy, (events, deliveries, under) => {
        const stock = events.reduce((s, event) => evolve(s, event, MEMORY_MS), emptyStock());
        for (const { command, now } of deliveries) {
          const decision = decide(stock, command, { now, policy: under, source: 's' });
          expect(['accepted', 'duplicate', 'refused']).toContain(decision.outcome);
          if (isFact(command)) expect(decision.outcome).not.toBe('refused');
        }
      }),
      { numRuns: 60 },
    );
  });

  // Seen failing: `decide` reading a clock; `decide` noting the command id in `stock.recent`.
  it('is pure: the same answer twice, its inputs untouched', () => {
    fc.assert(
      fc.property(life, policy, (deliveries, under) => {
        frozen(deliveries);
        frozen(under);
        for (const stock of live(deliveries, under).stocks) {
          const before = JSON.stringify(stockToJson(stock));
          for (const { command, now } of deliveries.slice(0, 5)) {
            const context = frozen({ now, policy: under, source: 's' });
            expect(decide(stock, command, context)).toStrictEqual(decide(stock, command, context));
          }
          expect(JSON.stringify(stockToJson(stock))).toBe(before);
        }
      }),
      { numRuns: 60 },
    );
  });
});

/** Each delivery once in its place, and again up to nine times anywhere after it within the window. */
const repeated = fc.tuple(life, fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 60 })).map(([once, repeats]) => {
  const many = once.map((delivery, place) => ({ delivery, place, times: 1 }));
  let latest = 0;
  const logTimes = once.map(({ now }) => (latest = Math.max(latest, now)));
  for (const [which, where] of repeats) {
    const n = which % once.length;
    const place = n + (where % (once.length - n));
    if (many[n]!.times === 10 || logTimes[place]! - once[n]!.now > DAY) continue;
    many[n]!.times += 1;
    // It comes again when its new neighbours come, not when it first came.
    many.push({ delivery: { command: once[n]!.command, now: once[place]!.now }, place: place + 0.5, times: 0 });
  }
  return { once, many: many.sort((a, b) => a.place - b.place).map(({ delivery }) => delivery) };
});

describe('P2: duplicates', () => {
  // A refusal leaves no trace, so a refused request that comes again is judged again: here the refused ones are left out.
  // Seen failing: `recall` that looks only into the current generation; facts that move nothing not remembered.
  it('of whatever was accepted, up to ten times in any interleaving, give the same events', () => {
    fc.assert(
      fc.property(repeated, policy, ({ once, many }, under) => {
        const acceptedIn = (deliveries: readonly Delivery[]) => live(deliveries, under).events;
        const accepted = new Set(acceptedIn(once).map((event) => event.commandId));
        const only = (deliveries: readonly Delivery[]) => deliveries.filter(({ command }) => accepted.has(command.id));
        const events = acceptedIn(only(once));
        expect(events.map((event) => event.commandId)).toStrictEqual([...accepted]);

        const { events: again, decisions } = live(only(many), under);
        expect(again).toStrictEqual(events);
        only(many).forEach(({ command }, n) => {
          const decision = decisions[n]!;
          if (decision.outcome === 'duplicate') expect(events[decision.revision]!.commandId).toBe(command.id);
        });
        const ids = acceptedIn(many).map((event) => event.commandId);
        expect(new Set(ids).size).toBe(ids.length);
      }),
      { numRuns: 300 },
    );
  });
});

/** How the free units of a pool fall to the quotas, one unit at a time: the definition, not the formula. */
function keptByQuota(pool: number, stock: Stock, quotas: StockPolicy['quotas']): Map<string, number> {
  const kept = new Map<string, number>();
  let left = pool;
  for (const { channel, quantity } of quotas) {
    let wanted = quantity - (stock.reservedByChannel.get(channel) ?? 0);
    while (left > 0 && wanted > 0) {
      kept.set(channel, (kept.get(channel) ?? 0) + 1);
      left -= 1;
      wanted -= 1;
    }
  }
  return kept;
}

describe('P4: an accepted request', () => {
  // Seen failing: unlessShort with `quantity < free` and with `<= free + 1`; without safety stock; a channel's own quota
  // counted against it.
  it('takes only free units: above safety stock, and none that another channel may promise alone', () => {
    fc.assert(
      fc.property(fc.oneof(rush, rush, life), policy, (deliveries, under) => {
        let stock = emptyStock();
        for (const { command, now } of deliveries) {
          const decision = decide(stock, command, { now, policy: under, source: 's' });
          const asks = command.type === 'reservation.make' || command.type === 'transfer.request';
          const { onHand, reserved, quarantined } = stock.levels;
          const pool = Math.max(0, onHand - reserved - quarantined - under.safetyStock);
          const channel = command.type === 'reservation.make' ? command.channel : undefined;
          const others = [...keptByQuota(pool, stock, under.quotas)].filter(([name]) => name !== channel);
          const free = pool - others.reduce((sum, [, units]) => sum + units, 0);
          if (asks && decision.outcome === 'accepted') {
            const after = decision.events[0]!.levels;
            expect(command.quantity).toBeLessThanOrEqual(free);
            const bound = onHand - quarantined - under.safetyStock - (pool - free);
            expect(after.reserved).toBeLessThanOrEqual(Math.max(0, bound));
          }
          if (asks && decision.outcome === 'refused' && decision.reason === 'insufficient-available') {
            expect(command.quantity).toBeGreaterThan(free);
          }
          if (decision.outcome !== 'accepted') continue;
          stock = decision.events.reduce((s, event) => evolve(s, event, MEMORY_MS), stock);
        }
      }),
      { numRuns: 600 },
    );
  });
});

// What the books are told of a stock: the property that they come to its on-hand, whatever order facts arrive in, and each
// kind of event by example.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MOVEMENT_KINDS, type MovementRules, movementsOf } from '../../../domain/erp/movement.ts';
import { countedThere, factCommand } from '../../../domain/erp/own-fact.ts';
import type { StockCommand } from '../../../domain/stock/commands.ts';
import { decide } from '../../../domain/stock/decide.ts';
import type { StockEvent } from '../../../domain/stock/events.ts';
import { evolve } from '../../../domain/stock/evolve.ts';
import { emptyStock } from '../../../domain/stock/stock.ts';
import { instant, MEMORY_MS, movingFact, request } from '../../support/stock-arbitraries.ts';
import { commandOf, NOON, OPEN_POLICY, type Step } from '../../support/stock-specification.ts';

const ALL: MovementRules = {
  kinds: new Set(MOVEMENT_KINDS),
  isOwn: (source) => source === 'tryton',
  countedThere: (id) => countedThere('tryton', id),
};

/** The books of an ERP: what it booked itself, and what it was told. */
function booksAfter(steps: readonly { readonly command: StockCommand; readonly own: number | undefined }[]) {
  let stock = emptyStock();
  let books = 0;
  const course: { onHand: number; books: number; transit: number }[] = [];
  let transit = 0;
  steps.forEach(({ command, own }, n) => {
    const sent = own === undefined ? command : ownCommand(command, own, books, n);
    if (own !== undefined) books += bookedBy(sent, books);
    const decision = decide(stock, sent, { now: NOON, policy: OPEN_POLICY, source: sent.source?.id ?? 'till' });
    if (decision.outcome !== 'accepted') return;
    for (const event of decision.events) {
      const before = stock.levels.onHand;
      stock = evolve(stock, event, MEMORY_MS);
      for (const { from, to, quantity } of movementsOf(happened(event, before, n), ALL)) {
        if (to === 'stock') books += quantity;
        if (from === 'stock') books -= quantity;
        if (to === 'transit') transit += quantity;
        if (from === 'transit') transit -= quantity;
      }
    }
    course.push({ onHand: stock.levels.onHand, books, transit });
  });
  return course;
}

/** A receipt or a count that the ERP tells: the count moves its own books by what they differed from it. */
function ownCommand(command: StockCommand, own: number, books: number, n: number): StockCommand {
  const common = { id: String(n), sku: 'A', location: 'store-1', occurredAt: command.occurredAt ?? NOON };
  if (own % 2 === 0) return factCommand('tryton', { ...common, kind: 'receipt', quantity: own + 1 });
  return factCommand('tryton', { ...common, kind: 'count', counted: own, booked: own - books });
}
function bookedBy(command: StockCommand, books: number): number {
  return command.type === 'count' ? command.counted - books : command.type === 'receipt' ? command.quantity : 0;
}

function happened(event: StockEvent, before: number, n = 0) {
  return { event, id: `id-${n}`, place: `stock-A~store-1@${n}`, sku: 'A', location: 'store-1', before };
}

describe('movements', () => {
  // Seen failing: without the rest posted as a count (a late fact, any count), and with an ERP's own count taken to have moved
  // its books as far as ours.
  it('bring the books to our on-hand at every event, with facts late, counts anywhere and the ERP counting itself', () => {
    const step = fc.record({
      step: fc.oneof({ weight: 4, arbitrary: movingFact }, { weight: 1, arbitrary: request }),
      at: instant,
      own: fc.option(fc.nat(30), { nil: undefined, freq: 4 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const commands = steps.map(({ step: one, at, own }, n) => ({
          own,
          command: commandOf({ ...(one as Step), at }, `c${n}`),
        }));
        for (const { onHand, books } of booksAfter(commands)) expect(books).toBe(onHand);
      }),
      { numRuns: 300 },
    );
  });

  const event = (type: string, more: object, onHand: number) =>
    ({
      ...{ v: 1, type, commandId: 'c', source: 'till', occurredAt: NOON, recordedAt: NOON },
      levels: { onHand, reserved: 0, quarantined: 0, inTransitIn: 0, inTransitOut: 0 },
      ...more,
    }) as StockEvent;
  const legs = (one: StockEvent, before: number, rules: MovementRules = ALL, more: object = {}) =>
    movementsOf({ ...happened(one, before), ...more }, rules).map(
      ({ kind, from, to, quantity }) => `${kind} ${from}→${to} ${quantity}`,
    );

  it.each<readonly [string, StockEvent, number, readonly string[]]>([
    ['a sale', event('UnitsSold', { quantity: 2 }, 8), 10, ['sale stock→customer 2']],
    [
      'a sale that a count had seen',
      event('UnitsSold', { quantity: 2 }, 10),
      10,
      ['sale stock→customer 2', 'count lost→stock 2'],
    ],
    ['a count', event('StockCounted', { counted: 7 }, 7), 10, ['count stock→lost 3']],
    ['a count that finds what is there', event('StockCounted', { counted: 7 }, 7), 7, []],
    [
      'a return to be written off',
      event('UnitsReturned', { quantity: 1, disposition: 'writeOff' }, 4),
      4,
      ['return customer→stock 1', 'writeOff stock→lost 1'],
    ],
    [
      'units sent',
      event('TransferDispatched', { quantity: 3, transferId: 't', to: 'x' }, 7),
      10,
      ['transfer stock→transit 3'],
    ],
    [
      'units lost there',
      event('TransferShort', { quantity: 1, transferId: 't', end: 'origin' }, 7),
      7,
      ['transfer transit→lost 1'],
    ],
    [
      'the same, seen from the other end',
      event('TransferShort', { quantity: 1, transferId: 't', end: 'destination' }, 7),
      7,
      [],
    ],
    [
      'a reservation',
      event('ReservationMade', { quantity: 1, reservationId: 'r', channel: 'c', owner: 'o', expiresAt: 1 }, 7),
      7,
      [],
    ],
  ])('of %s', (_, one, before, expected) => {
    expect(legs(one, before)).toEqual(expected);
  });

  it('of units lost on the way back are told by the end that waits for them', () => {
    const short = event('TransferShort', { quantity: 1, transferId: 't', end: 'destination' }, 7);
    expect(legs(short, 7, ALL, { isOnWayBack: true })).toEqual(['transfer transit→lost 1']);
  });

  it('that policy leaves out are in the books by another way; what they did not move is a count still', () => {
    const rules = { ...ALL, kinds: new Set(['count'] as const) };
    expect(legs(event('UnitsSold', { quantity: 2 }, 8), 10, rules)).toEqual([]);
    expect(legs(event('UnitsSold', { quantity: 2 }, 10), 10, rules)).toEqual(['count lost→stock 2']);
  });

  it('have references of their own, the same every time', () => {
    const one = event('UnitsReturned', { quantity: 1, disposition: 'writeOff' }, 4);
    expect(movementsOf(happened(one, 4, 7), ALL).map(({ reference }) => reference)).toEqual(['es-id-7', 'es-id-7-1']);
  });
});

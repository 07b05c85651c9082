// P7: a transfer conserves units at every prefix of any interleaving of commands, asked stocks, lost answers and trade.
// Seen failing: with settle before receive (units forgotten), with expect before dispatch or all that is owed asked at once
// (units shown twice), without the origin's part of a rejection or of what was over, without the bound of `receive`, with
// ids of owed commands that do not count on, and when a declined transfer keeps what was set aside.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isEnded } from '../../../domain/transfer/machine.ts';
import { emptyLine, type TransferLine } from '../../../domain/transfer/transfer.ts';
import { act, lived, SKUS, START, wanted } from '../../support/transfer-arbitraries.ts';
import { FROM, TO, type TransferWorld } from '../../support/transfer-world.ts';

/** Units of one SKU that the events of the stocks say were sold, and lost on the way. */
function gone(world: TransferWorld, sku: string) {
  let [sold, lost] = [0, 0];
  for (const { stream, event } of world.stockEvents()) {
    if (!stream.startsWith(`stock-${sku}~`)) continue;
    if (event.type === 'UnitsSold') sold += event.quantity;
    // Lost on the way: the origin gives up what it sent. Lost on the way back: the origin gives up what it expects.
    if (event.type === 'TransferShort' && stream.endsWith(`~${FROM}`)) lost += event.quantity;
  }
  return { sold, lost };
}

const lineOf = (world: TransferWorld, sku: string): TransferLine => world.transfer().lines.get(sku) ?? emptyLine(sku);

/** What holds whatever is owed: read from the stocks alone, no unit shows twice, and none is forgotten. */
function holdsNow(world: TransferWorld, sku: string): void {
  const [origin, destination] = [world.levels(sku, FROM), world.levels(sku, TO)];
  const { sold, lost } = gone(world, sku);
  const onHand = origin.onHand + destination.onHand;
  const expected = onHand + destination.inTransitIn + origin.inTransitIn + lost + sold;
  expect(expected, `${sku} shown twice`).toBeLessThanOrEqual(START);
  const isOwed = world.transfer().owed.some((command) => command.sku === sku);
  // Units found over have left one side before they are on the other.
  const over = isOwed ? lineOf(world, sku).over : 0;
  const sent = onHand + origin.inTransitOut + origin.inTransitIn + lost + sold + over;
  expect(sent, `${sku} forgotten`).toBeGreaterThanOrEqual(START);
}

/** What holds once everything owed is done: every unit is in one place, and both ends and the transfer agree on it. */
function holdsSettled(world: TransferWorld, sku: string): void {
  const [origin, destination] = [world.levels(sku, FROM), world.levels(sku, TO)];
  const { sold, lost } = gone(world, sku);
  const line = lineOf(world, sku);
  const underWay = line.dispatched - line.received - line.short - line.rejected;
  const comingBack = line.rejected - line.returned - line.shortBack;
  expect(underWay).toBeGreaterThanOrEqual(0);
  expect(comingBack).toBeGreaterThanOrEqual(0);
  expect([origin.inTransitOut, destination.inTransitIn], `${sku} in-transit`).toEqual([underWay, underWay]);
  expect([origin.inTransitIn, destination.inTransitOut], `${sku} on the way back`).toEqual([comingBack, 0]);
  expect(lost, `${sku} lost`).toBe(line.short + line.shortBack);
  expect(origin.onHand + destination.onHand + underWay + comingBack + lost + sold, sku).toBe(START);
  const isOpen = !isEnded(world.transfer().status);
  const setAside = isOpen && line.hold === 'kept' ? Math.max(0, line.requested - line.dispatched) : 0;
  expect(origin.reserved, `${sku} set aside`).toBe(setAside);
  if (!isOpen) expect(underWay + comingBack).toBe(0);
}

describe('a transfer', () => {
  it('conserves units at every prefix (P7)', () => {
    const met = new Set<string>();
    fc.assert(
      fc.property(wanted, fc.array(act, { minLength: 5, maxLength: 40, size: 'max' }), (lines, acts) => {
        lived(lines, acts, undefined, (world) => {
          const settled = world.fork();
          settled.settle();
          for (const sku of SKUS) {
            holdsNow(world, sku);
            holdsSettled(settled, sku);
          }
          met.add(`${settled.transfer().status}`);
          for (const type of settled.types()) met.add(type);
        });
      }),
      { numRuns: 300 },
    );
    // Not a property of worlds in which nothing happens.
    for (const status of ['requested', 'underway', 'completed', 'cancelled', 'refused'])
      expect([...met]).toContain(status);
    for (const type of ['TransferUnitsShort', 'TransferUnitsOver', 'TransferUnitsRejected', 'TransferUnitsReturned'])
      expect([...met]).toContain(type);
  });
});

// What the product says against the independent count, to the unit, at the end of each day: on-hand of every
// SKU-location and available-to-sell of every SKU; and what the log says was sold, returned and adjusted.
import { type EventLog, START } from '../../../domain/event-log.ts';
import { readStockEvent } from '../../../domain/stock/events.ts';
import { parseStockStream } from '../../../domain/stock/stream.ts';
import type { Availability } from '../../../projections/availability.ts';
import { type IndependentMonth, type Movement, webAvailability } from './independent.ts';
import { WEB } from './retail-store.ts';

export interface Difference {
  readonly figure: string;
  readonly expected: number;
  /** Undefined: the product has no such figure. */
  readonly actual: number | undefined;
}

/** Figures that differ when the day has ended. */
export function compareDay(
  month: IndependentMonth,
  day: string,
  availability: Availability,
): { readonly compared: number; readonly differences: readonly Difference[] } {
  const onHand = month.onHandAt(day);
  const web = webAvailability(onHand);
  const differences: Difference[] = [];
  const compare = (figure: string, expected: number, actual: number | undefined) => {
    if (expected !== actual) differences.push({ figure: `${day}: ${figure}`, expected, actual });
  };
  for (const [key, units] of onHand) {
    const [sku, location] = key.split('~') as [string, string];
    compare(`on-hand of ${sku} at ${location}`, units, availability.stock(sku, location)?.levels.onHand);
  }
  for (const [sku, units] of web) compare(`ATS of ${sku} on ${WEB}`, units, availability.units(WEB, sku));
  // Nothing beyond what is expected, either.
  for (const sku of availability.skus(WEB)) {
    if (!web.has(sku)) compare(`ATS of ${sku} on ${WEB}, which no row names`, 0, availability.units(WEB, sku));
    for (const row of availability.stockOf(sku)) {
      const isExpected = onHand.has(`${sku}~${row.location}`);
      if (!isExpected) compare(`${sku} at ${row.location}, which no row names`, 0, row.levels.onHand);
    }
  }
  return { compared: onHand.size + web.size, differences };
}

/** Units and lines by kind. */
export interface Moved {
  lines: number;
  sold: number;
  returned: number;
  adjusted: number;
}

export function movedIndependently(movements: readonly Movement[]): Map<string, Moved> {
  const byLocation = new Map<string, Moved>();
  for (const { location, kind, quantity } of movements) count(byLocation, location, kind, quantity);
  return byLocation;
}

/** The same from the events in the log. `events` counts all of them, the take-on too. */
export async function movedInLog(
  log: EventLog,
): Promise<{ readonly events: number; readonly moved: Map<string, Moved> }> {
  const moved = new Map<string, Moved>();
  let events = 0;
  for (let after = START; ; ) {
    const batch = await log.readAll(after, 5_000);
    if (batch.length === 0) return { events, moved };
    for (const recorded of batch) {
      const stock = parseStockStream(recorded.stream);
      if (stock === undefined) continue;
      events += 1;
      const event = readStockEvent(recorded);
      if (event.type === 'UnitsSold') count(moved, stock.location, 'sold', event.quantity);
      else if (event.type === 'UnitsReturned') count(moved, stock.location, 'returned', event.quantity);
      else if (event.type === 'StockAdjusted') count(moved, stock.location, 'adjusted', -event.quantity);
    }
    after = batch.at(-1)!.position;
  }
}

function count(byLocation: Map<string, Moved>, location: string, kind: Movement['kind'], quantity: number): void {
  const moved = byLocation.get(location) ?? { lines: 0, sold: 0, returned: 0, adjusted: 0 };
  byLocation.set(location, moved);
  moved.lines += 1;
  moved[kind] += quantity;
}

// The last events of one stock, and what it was before them, worked out backwards from what it is now: the end of a long
// stream is read, not the whole of it. Levels need no working out, every event carries those after it.
import type { EventLog, RecordedEvent } from '../domain/event-log.ts';
import { readStockEvent } from '../domain/stock/events.ts';
import { reservationChannel } from '../domain/stock/evolve.ts';
import type { Life } from '../domain/stock/life.ts';
import { reservedDelta } from '../domain/stock/movement.ts';
import { stockStream } from '../domain/stock/stream.ts';
import { stockAsOf } from './as-of.ts';

/** As a projection has it. */
export interface StockNow {
  readonly sku: string;
  readonly location: string;
  readonly life: Life;
  readonly revision: number;
  /** Reserved units by channel, of the same moment. */
  readonly reservedBy: ReadonlyMap<string, number>;
}

export interface StockTail {
  /** Oldest first, up to the revision of `StockNow`. */
  readonly events: readonly RecordedEvent[];
  /** Undefined: these are all its events. */
  readonly before: Pick<StockNow, 'life' | 'reservedBy'> | undefined;
}

/** At most `max` events. @throws Unavailable */
export async function readStockTail(log: Pick<EventLog, 'read'>, stock: StockNow, max: number): Promise<StockTail> {
  const { sku, location, revision } = stock;
  const from = Math.max(0, revision + 1 - max);
  const events = await log.read(stockStream(sku, location), from, revision + 1 - from);
  if (from === 0) return { events, before: undefined };
  // Which life came before a turn stands in no event after it. Turns are rare, so the stream is read for them alone.
  if (events.some(turnsLife)) {
    return { events, before: await stockAsOf(log, sku, location, { revisionUpTo: from - 1 }) };
  }
  return { events, before: { life: stock.life, reservedBy: reservedBefore(stock.reservedBy, events) } };
}

function turnsLife({ data }: RecordedEvent): boolean {
  return data['life'] !== undefined;
}

function reservedBefore(now: StockNow['reservedBy'], events: readonly RecordedEvent[]): ReadonlyMap<string, number> {
  const before = new Map(now);
  for (const recorded of events) {
    const event = readStockEvent(recorded);
    const channel = reservationChannel(event);
    if (channel !== undefined) before.set(channel, (before.get(channel) ?? 0) - reservedDelta(event));
  }
  return before;
}

// A stock as of two times (R18): its quantities worked out from its own stream, and nothing else is read.
import type { EventLog } from '../../domain/event-log.ts';
import { readStockEvent } from '../../domain/stock/events.ts';
import { available, oversold } from '../../domain/stock/levels.ts';
import { stockStream } from '../../domain/stock/stream.ts';
import { optionsOf, type StockAsOf, stockAsOf, type Times } from '../../projections/as-of.ts';
import { HttpProblem } from '../problems.ts';
import { timesText, timesView } from './times.ts';

/** As HTTP and the command line show it. */
export function stockAtView(sku: string, location: string, times: Times, stock: StockAsOf) {
  const { levels, life, revision, position, events, countedAt } = stock;
  return {
    sku,
    location,
    at: timesView(times),
    ...levels,
    available: available(levels),
    oversold: oversold(levels),
    life,
    events,
    ...(countedAt !== undefined && { countedAt: new Date(countedAt).toISOString() }),
    revision,
    position,
  };
}

export type StockAtView = ReturnType<typeof stockAtView>;

/** @throws HttpProblem `unknown-stock`, saying what came first · Unavailable */
export async function readStockAt(log: EventLog, sku: string, location: string, times: Times): Promise<StockAtView> {
  const stock = await stockAsOf(log, sku, location, optionsOf(times));
  if (stock.events > 0) return stockAtView(sku, location, times, stock);
  const [first] = await log.read(stockStream(sku, location), 0, 1);
  const name = `SKU ${sku} at ${location}`;
  if (first === undefined) throw new HttpProblem('unknown-stock', `Nothing has been recorded of ${name}`);
  const { occurredAt, recordedAt } = readStockEvent(first);
  const [happened, recorded] = [occurredAt, recordedAt].map((at) => new Date(at).toISOString());
  const detail = `Of ${name} nothing ${timesText(times)}; its first event happened at ${happened} and was recorded at ${recorded}`;
  throw new HttpProblem('unknown-stock', detail);
}

// Looks at a stock without sending it anything: its state as of its last durable event, out of its actor if that is in
// memory, else from its snapshot and the log.
import { readStockEvent } from '../../domain/stock/events.ts';
import { evolve } from '../../domain/stock/evolve.ts';
import type { Stock } from '../../domain/stock/stock.ts';
import { hydrate } from './hydrate.ts';
import type { Room } from './room.ts';

export interface StockReader {
  /** @throws Unavailable · LogCorrupt · UnknownEventVersion */
  look(sku: string, location: string): Promise<Stock>;
}

const PAGE_EVENTS = 1_000;

/** @param resident the stock in memory, undefined for none */
export async function lookAt(
  stream: string,
  resident: Stock | undefined,
  { log, snapshots, policy, soleWriter }: Pick<Room, 'log' | 'snapshots' | 'policy' | 'soleWriter'>,
): Promise<Stock> {
  const { memoryMs } = policy();
  if (resident === undefined) return (await hydrate(stream, log, snapshots, memoryMs)).stock;
  if (soleWriter === true) return resident;
  // Another process may have written since.
  let stock = resident;
  for (;;) {
    const page = await log.read(stream, stock.revision + 1, PAGE_EVENTS);
    for (const recorded of page) stock = evolve(stock, readStockEvent(recorded), memoryMs);
    if (page.length < PAGE_EVENTS) return stock;
  }
}

// What becomes of one recorded stock event in a course: it happens as recorded, moved by how far the stock has come apart,
// or not at all; and what was built on demand that did not happen does not happen either.
import type { RecordedEvent } from '../../domain/event-log.ts';
import { available, NO_LEVELS, oversold } from '../../domain/stock/levels.ts';
import { parseStockStream } from '../../domain/stock/stream.ts';
import type { Instant } from '../../domain/time.ts';
import type { StockLevels } from '../stock-levels.ts';
import { demandIn, reservationIn } from './demand.ts';
import { createDivergence } from './divergence.ts';
import type { Judge } from './judge.ts';
import type { Tallies } from './outcome.ts';

export interface TradeRoom {
  readonly judge: Judge;
  readonly tallies: Tallies;
  readonly levels: StockLevels;
  readonly fold: (event: RecordedEvent) => void;
}

export function createTrade({ judge, tallies, levels, fold }: TradeRoom): (event: RecordedEvent, at: Instant) => void {
  const divergence = createDivergence();
  /** Stream and id of reservations that were not made here. */
  const notMade = new Set<string>();

  return (event, at) => {
    const stock = parseStockStream(event.stream);
    if (stock === undefined) return;
    const row = levels.table.find(stock.sku, stock.location);
    const before = row < 0 ? NO_LEVELS : levels.table.levels(row);
    const reservation = reservationIn(event);
    const key = reservation === undefined ? undefined : `${event.stream} ${reservation}`;
    const isMade = event.type === 'ReservationMade';
    if (key !== undefined && !isMade && notMade.has(key)) {
      divergence.dropped(event, before);
      return;
    }
    const would = divergence.happened(event, before);
    // A fact from before the last count moves nothing any more: it is no demand now.
    const demand = available(would.levels) < available(before) ? demandIn(event, stock) : undefined;
    if (demand !== undefined && !judge(demand, at)) {
      if (key !== undefined) notMade.add(key);
      divergence.dropped(event, before);
      return;
    }
    if (isMade) notMade.delete(key!);
    fold(would.event);
    const more = oversold(would.levels) - oversold(before);
    if (more > 0 && demand !== undefined) tallies.add(demand.seller, 'oversold', more);
  };
}

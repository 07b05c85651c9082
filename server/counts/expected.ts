// What our stock believes should be on the shelf at the time a line was counted. Out of the stock's own memory; only a
// line from before the stock's last count is looked up in its whole history.
import type { LineToCount } from '../../domain/count/sheet-decide.ts';
import type { EventLog } from '../../domain/event-log.ts';
import { onHandAt } from '../../domain/stock/on-hand-at.ts';
import type { Instant } from '../../domain/time.ts';
import { stockAsOf } from '../../projections/as-of.ts';
import type { StockReader } from '../actors/look.ts';

export type Expected = Pick<LineToCount, 'expected' | 'revision' | 'since'>;

export interface StocksToLookAt {
  readonly log: EventLog;
  readonly stocks: StockReader;
}

/** @throws Unavailable · LogCorrupt · UnknownEventVersion */
export async function expectedAt(
  { log, stocks }: StocksToLookAt,
  sku: string,
  location: string,
  at: Instant,
): Promise<Expected> {
  const stock = await stocks.look(sku, location);
  const { revision } = stock;
  const known = onHandAt(stock, at);
  if (known !== undefined)
    return { expected: known.onHand, revision, ...(known.since !== undefined && { since: known.since }) };
  const { levels, countedAt } = await stockAsOf(log, sku, location, { occurredUpTo: at, revisionUpTo: revision });
  return { expected: levels.onHand, revision, ...(countedAt !== undefined && { since: countedAt }) };
}

// Stocks of one warehouse as their events in a log: what actors would have appended, without the actors.
import { systemHashes } from '../../adapters/platform.ts';
import { CHAIN_GENESIS, chainedEvent, type StreamEnd } from '../../domain/event-id.ts';
import { type Appended, type EventLog, NO_STREAM } from '../../domain/event-log.ts';
import { STOCK_EVENT_VERSION } from '../../domain/stock/events.ts';
import { stockStream } from '../../domain/stock/stream.ts';
import type { Clock } from '../../domain/time.ts';
import { skuName } from '../load/request.ts';

export const WAREHOUSE = 'warehouse';

export interface Stocks {
  onHand(stock: number): number;
  receive(stock: number, units: number): Promise<Appended>;
  /** At a till: no channel's own sale. */
  sell(stock: number, units: number): Promise<Appended>;
}

/** Stock n is `skuName(n)`. Nobody else may write to its stream. */
export function createStocks(log: Pick<EventLog, 'append'>, clock: Clock): Stocks {
  const stocks = new Map<number, { onHand: number; end: StreamEnd }>();

  function move(stock: number, type: 'UnitsReceived' | 'UnitsSold', quantity: number): Promise<Appended> {
    const end = { stream: stockStream(skuName(stock), WAREHOUSE), revision: NO_STREAM, hash: CHAIN_GENESIS };
    const known = stocks.get(stock) ?? { onHand: 0, end };
    stocks.set(stock, known);
    known.onHand += type === 'UnitsReceived' ? quantity : -quantity;
    const commandId = `${stock}-${known.end.revision}`;
    const at = clock.now();
    const data = {
      ...{ v: STOCK_EVENT_VERSION, commandId, source: 'till-7', occurredAt: at, recordedAt: at, quantity },
      levels: { onHand: known.onHand, reserved: 0, quarantined: 0, inTransitIn: 0, inTransitOut: 0 },
    };
    const metadata = { client: 'till-7', causationId: commandId };
    const event = chainedEvent(known.end, { type, data, metadata }, commandId, 0, systemHashes);
    const expected = known.end.revision;
    known.end = { ...known.end, revision: expected + 1, hash: String(event.metadata['hash']) };
    return log.append(known.end.stream, expected, [event]);
  }

  return {
    onHand: (stock) => stocks.get(stock)?.onHand ?? 0,
    receive: (stock, units) => move(stock, 'UnitsReceived', units),
    sell: (stock, units) => move(stock, 'UnitsSold', units),
  };
}

// Our side of a location: on-hand of every stock there at the cut, compared with the books of another system.
import type { Policy } from '../../domain/channel/policy.ts';
import type { EventLog } from '../../domain/event-log.ts';
import type { Unposted } from '../../domain/reconciliation/known.ts';
import { stockStream } from '../../domain/stock/stream.ts';
import { stockAsOf } from '../../projections/as-of.ts';
import type { Availability } from '../../projections/availability.ts';
import { onHandSince } from './figures.ts';
import type { Side } from './side.ts';

export interface LocationSideRoom {
  readonly log: EventLog;
  readonly availability: Pick<Availability, 'position' | 'stock' | 'stocksAt'>;
  readonly policy: Policy;
  /** A value that was right this long before the statement is: the other system books later than we do. */
  readonly settleMs: number;
  /** What the other system is not told yet of an SKU here. */
  readonly unposted: (sku: string) => Promise<Unposted | undefined>;
}

export function locationSide(room: LocationSideRoom, location: string): Side {
  const { availability, settleMs } = room;
  const cut = availability.position();
  return {
    cut,
    figure(sku) {
      const stock = availability.stock(sku, location);
      return { units: stock?.levels.onHand, hasMoved: stock !== undefined && stock.position > cut };
    },
    *skus() {
      for (const { sku } of availability.stocksAt(location)) yield sku;
    },
    async known(sku, asOf) {
      const stock = availability.stock(sku, location);
      const nothing = { figure: undefined, isInFlight: false, tellings: [], sales: [], figures: [] };
      if (stock === undefined) return nothing;
      const figures = await onHandSince({ ...room, cut }, stock, asOf - settleMs);
      // Reads the whole stream: what late facts and counts make of that moment is in no single event.
      const { levels, revision } = await stockAsOf(room.log, sku, location, { occurredUpTo: asOf });
      const event = revision < 0 ? undefined : `${stockStream(sku, location)}@${revision}`;
      const trueThen = { units: levels.onHand, event };
      const unposted = await room.unposted(sku);
      return { ...nothing, figure: figures.at(-1)?.units, figures, trueThen, unposted };
    },
    close() {},
  };
}

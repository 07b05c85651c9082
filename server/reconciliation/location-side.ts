// Our side of a location: on-hand of every stock there at the cut, compared with the books of another system.
import type { Policy } from '../../domain/channel/policy.ts';
import type { EventLog } from '../../domain/event-log.ts';
import type { Availability } from '../../projections/availability.ts';
import { onHandSince } from './figures.ts';
import type { Side } from './side.ts';

export interface LocationSideRoom {
  readonly log: Pick<EventLog, 'read'>;
  readonly availability: Pick<Availability, 'position' | 'stock' | 'stocksAt'>;
  readonly policy: Policy;
  /** A value that was right this long before the statement is: the other system books later than we do. */
  readonly settleMs: number;
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
      const figures = stock === undefined ? [] : await onHandSince({ ...room, cut }, stock, asOf - settleMs);
      return { figure: figures.at(-1)?.units, isInFlight: false, tellings: [], sales: [], figures };
    },
    close() {},
  };
}

// Demand in the log, as a what-if judges it: sales, and reservations when they are made. What leaves the shelf of a
// reservation is no new demand.
import type { RecordedEvent } from '../../domain/event-log.ts';
import { seller } from '../../domain/signals/demand.ts';

export interface Demand {
  /** The channel; '' for a till. */
  readonly seller: string;
  readonly units: number;
  readonly stock: { readonly sku: string; readonly location: string };
  /** A request that the stock may refuse; else a fact, that a channel reports when it has sold what it showed. */
  readonly isRequest: boolean;
}

/** Undefined: the event is no demand. */
export function demandIn({ type, data }: RecordedEvent, stock: Demand['stock']): Demand | undefined {
  if (type !== 'UnitsSold' && type !== 'ReservationMade' && type !== 'FulfilmentConfirmed') return undefined;
  const consumed = data['consumed'] as { readonly quantity: number } | undefined;
  const units = (data['quantity'] as number) - (consumed?.quantity ?? 0);
  if (units <= 0) return undefined;
  // What goes beyond a reservation, and what left the shelf without one, has happened: nobody was asked.
  const isTaken = consumed !== undefined || type === 'FulfilmentConfirmed';
  return { seller: isTaken ? '' : seller(data), units, stock, isRequest: type === 'ReservationMade' };
}

/** The reservation that the event makes, changes or uses up. */
export function reservationIn({ data }: RecordedEvent): string | undefined {
  const named = data['reservationId'] ?? (data['consumed'] as { readonly id: string } | undefined)?.id;
  return named as string | undefined;
}

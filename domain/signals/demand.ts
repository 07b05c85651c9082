// Which stock events are demand, of whom, and how many units: what buyers took off available-to-sell, less what fell
// back. A reservation counts when it is made and not again when it is fulfilled; one that is released or expires is
// taken off again. Returns, transfers, counts and adjustments are no demand; a parked fact moves nothing.
import type { JsonObject } from '../event-log.ts';
import type { StockEventType } from '../stock/events.ts';
import type { Instant } from '../time.ts';

const DEMAND_TYPES: ReadonlySet<string> = new Set([
  'UnitsSold',
  'FulfilmentConfirmed',
  'ReservationMade',
  'ReservationReleased',
  'ReservationExpired',
] satisfies StockEventType[]);

export function isDemandType(type: string): boolean {
  return DEMAND_TYPES.has(type);
}

/** `data` is of a demand event, in the current version. Negative: units fell back. 0: what left had been counted before. */
export function demandUnits(type: string, data: JsonObject): number {
  const quantity = data['quantity'] as number;
  switch (type) {
    case 'UnitsSold':
    case 'FulfilmentConfirmed':
      return quantity - ((data['consumed'] as { readonly quantity: number } | undefined)?.quantity ?? 0);
    case 'ReservationMade':
      return quantity;
    default:
      return -quantity;
  }
}

/** The channel that sold; empty: none was named (a till). */
export function seller(data: JsonObject): string {
  const named = data['channel'] ?? (data['consumed'] as { readonly channel?: string } | undefined)?.channel;
  return (named as string | undefined) ?? '';
}

/** A fact that arrives late weighs what it would weigh by now, had it come in time. */
export function latenessMs(data: JsonObject): number {
  return Math.max(0, (data['recordedAt'] as Instant) - (data['occurredAt'] as Instant));
}

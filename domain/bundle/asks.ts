// The commands for components that an event of a bundle calls for. Their ids derive from the bundle's command, so that
// asking again has no second effect; times and numbers are those of its sender.
import type { StockCommand } from '../stock/commands.ts';
import type { Sku } from '../stock/stream.ts';
import type { Component } from './definition.ts';
import type { BundleHappening, BundleHappeningOf, Definition } from './events.ts';
import { type BundlePlace, ofBundle } from './stream.ts';

/** An event with what every event has. */
export type Framed<H extends BundleHappening = BundleHappening> = H & {
  readonly commandId: string;
  readonly source: string;
};

type Asking = Exclude<
  BundleHappening['type'],
  'BundleFactParked' | 'BundleReservationMade' | 'BundleReservationRefused' | 'BundleComponentsAnswered'
>;
export type AskingEvent = Framed<BundleHappeningOf<Asking>>;

/** One a component, in the order of the definition. */
export function asksOf(place: BundlePlace, event: AskingEvent, definition: Definition): readonly StockCommand[] {
  return definition.components.map((component) => askOf(place, event, component));
}

function askOf({ sku, location }: BundlePlace, event: AskingEvent, component: Component): StockCommand {
  const { occurredAt, sequence, correlationId, source } = event;
  const frame = {
    id: ofBundle(sku, event.commandId),
    sku: component.sku,
    location,
    source: { id: source, ...(sequence === undefined ? undefined : { sequence }) },
    causationId: event.commandId,
    ...(correlationId === undefined ? undefined : { correlationId }),
  };
  const requested = occurredAt === undefined ? frame : { ...frame, occurredAt };
  const happened = { ...frame, occurredAt: occurredAt ?? 0 };
  const units = (bundles: number) => bundles * component.quantity;
  const hold = (reservationId: string) => ({ reservationId: ofBundle(sku, reservationId) });
  switch (event.type) {
    case 'BundleSold':
      return {
        type: 'sale',
        ...happened,
        quantity: units(event.quantity),
        ...(event.channel === undefined ? undefined : { channel: event.channel }),
        ...(event.reservationId === undefined ? undefined : hold(event.reservationId)),
      };
    case 'BundleFulfilled':
      return { type: 'fulfilment', ...happened, ...hold(event.reservationId), quantity: units(event.quantity) };
    case 'BundleReturned': {
      const { disposition, channel } = event;
      const quantity = units(event.quantity);
      return {
        type: 'return',
        ...happened,
        quantity,
        disposition,
        ...(channel === undefined ? undefined : { channel }),
      };
    }
    case 'BundleReservationAsked': {
      const { owner, channel, expiresAt } = event;
      const quantity = units(event.quantity);
      return {
        type: 'reservation.make',
        ...requested,
        ...hold(event.reservationId),
        quantity,
        owner,
        channel,
        expiresAt,
      };
    }
    case 'BundleReservationRenewed':
      return { type: 'reservation.renew', ...requested, ...hold(event.reservationId), expiresAt: event.expiresAt };
    case 'BundleReservationCommitted':
      return {
        type: 'reservation.commit',
        ...requested,
        ...hold(event.reservationId),
        quantity: units(event.quantity),
      };
    case 'BundleReservationReleased':
      return {
        type: 'reservation.release',
        ...requested,
        ...hold(event.reservationId),
        quantity: units(event.quantity),
      };
    case 'BundleReservationExpired':
      return { type: 'reservation.expire', ...requested, ...hold(event.reservationId) };
  }
}

/** Gives back a component that was reserved for a command of a bundle that is refused. */
export function giveBack(
  { sku, location }: BundlePlace,
  component: Sku,
  reservationId: string,
  commandId: string,
  source: string,
): StockCommand {
  return {
    type: 'reservation.release',
    id: `${ofBundle(sku, commandId)} back`,
    sku: component,
    location,
    reservationId: ofBundle(sku, reservationId),
    source: { id: source },
    causationId: commandId,
  };
}

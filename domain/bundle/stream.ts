// Names of what belongs to a bundle: the stream in which its commands are kept, and the reservations of its components.
// A stream is of one reservation, or of one command that names none, so it stays short.
import type { LocationId, Sku } from '../stock/stream.ts';
import type { BundleCommand } from './command.ts';

export const BUNDLE_CATEGORY = 'bundle';

export interface BundlePlace {
  readonly sku: Sku;
  readonly location: LocationId;
}

/** `<sku>~<location>~r~<reservation id>` or `<sku>~<location>~c~<command id>`; ids are unique within SKU and location only. */
export function bundleId(command: BundleCommand): string {
  const { sku, location } = command;
  const reservationId = 'reservationId' in command ? command.reservationId : undefined;
  return reservationId === undefined ? `${sku}~${location}~c~${command.id}` : `${sku}~${location}~r~${reservationId}`;
}

export function placeOf(id: string): BundlePlace {
  const [sku, location] = id.split('~', 2) as [Sku, LocationId];
  return { sku, location };
}

/** The SKU and location of a bundle's stream, undefined for any other stream. */
export function parseBundleStream(stream: string): BundlePlace | undefined {
  return stream.startsWith(`${BUNDLE_CATEGORY}-`) ? placeOf(stream.slice(BUNDLE_CATEGORY.length + 1)) : undefined;
}

/** What is derived from a bundle's id has a space in it, as no sender's id has: nobody else can use it. */
export function ofBundle(sku: Sku, id: string): string {
  return `bundle ${sku} ${id}`;
}

/** The bundle's SKU and reservation of a component's reservation id, undefined for any other. */
export function parseComponentHold(
  reservationId: string,
): { readonly sku: Sku; readonly reservationId: string } | undefined {
  if (!reservationId.startsWith('bundle ')) return undefined;
  const cut = reservationId.lastIndexOf(' ');
  return { sku: reservationId.slice('bundle '.length, cut), reservationId: reservationId.slice(cut + 1) };
}

// Names: what an SKU and a location may be called, and the stream of one stock.
// `~` is in neither alphabet, so a stream name needs no escaping and splits one way only.
import { z } from 'zod';

/** 1–64 characters: ASCII letters, digits, inner space . _ / + - (no look-alike letters: two SKUs that look equal are equal). */
export const Sku = z
  .string()
  .regex(
    /^(?!.* {2})[A-Za-z0-9](?:[A-Za-z0-9 ._/+-]{0,62}[A-Za-z0-9._+-])?$/,
    'must be 1 to 64 ASCII letters, digits, single inner spaces or . _ / + -',
  )
  .meta({ id: 'Sku', description: 'Stock keeping unit, case-sensitive', example: '85123A' });
export type Sku = z.infer<typeof Sku>;

export const LocationId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/, 'must be 1 to 32 ASCII letters, digits or . _ -')
  .meta({ id: 'LocationId', description: 'A store, warehouse or other place that holds stock', example: 'store-001' });
export type LocationId = z.infer<typeof LocationId>;

export const ChannelId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/, 'must be 1 to 32 ASCII letters, digits or . _ -')
  .meta({
    id: 'ChannelId',
    description: 'Where units are sold: a marketplace, web shop or store till',
    example: 'webshop',
  });
export type ChannelId = z.infer<typeof ChannelId>;

const PREFIX = 'stock-';

/** The stream of one SKU at one location: `stock-<sku>~<location>`. */
export function stockStream(sku: Sku, location: LocationId): string {
  return `${PREFIX}${sku}~${location}`;
}

/** The SKU and location of a stock stream, or undefined for any other stream. */
export function parseStockStream(stream: string): { readonly sku: Sku; readonly location: LocationId } | undefined {
  if (!stream.startsWith(PREFIX)) return undefined;
  const cut = stream.indexOf('~', PREFIX.length);
  if (cut < 0) return undefined;
  return { sku: stream.slice(PREFIX.length, cut), location: stream.slice(cut + 1) };
}

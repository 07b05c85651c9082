// The units of an order by SKU: ordered = fulfilled + cancelled + open, and what of the open ones is reserved. Pure, so
// that it is tested without a browser.
import type { z } from 'zod';
import type { OrderDocument } from '../../../../routes/openapi/orders.ts';

export type Order = z.infer<typeof OrderDocument>;

export interface SkuUnits {
  readonly sku: string;
  readonly ordered: number;
  /** Held or committed, and not gone. */
  readonly reserved: number;
  readonly fulfilled: number;
  readonly short: number;
  readonly cancelled: number;
  readonly returned: number;
  /** Not fulfilled and not cancelled; of an order that was refused or has expired, none. */
  readonly open: number;
  /** Bundles whose component it is. */
  readonly bundles: readonly string[];
}

export function unitsBySku(order: Order): readonly SkuUnits[] {
  const { lines, reservations, short, cancelled, returned, status } = order;
  const isOver = status === 'refused' || status === 'expired';
  return [...new Set(lines.map(({ sku }) => sku))].map((sku) => {
    const of = (units: readonly { readonly sku: string; readonly quantity: number }[]) =>
      units.reduce((sum, one) => (one.sku === sku ? sum + one.quantity : sum), 0);
    const own = reservations.filter((one) => one.sku === sku);
    const fulfilled = own.reduce((sum, one) => sum + one.fulfilled, 0);
    const [ordered, gone] = [of(lines), of(cancelled)];
    return {
      ...{ sku, ordered, fulfilled, short: of(short), cancelled: gone, returned: of(returned) },
      reserved: own.reduce((sum, one) => sum + leftIn(one), 0),
      open: isOver ? 0 : Math.max(0, ordered - fulfilled - gone),
      bundles: [...new Set(lines.flatMap((line) => (line.sku === sku && line.bundle ? [line.bundle.sku] : [])))],
    };
  });
}

export interface Place {
  readonly sku: string;
  readonly location: string;
  readonly units: number;
}

/** Units that may leave, by SKU and location, as they are committed. */
export function committedUnits({ reservations }: Order): readonly Place[] {
  const places = new Map<string, Place>();
  for (const one of reservations) {
    if (one.state !== 'committed') continue;
    const { sku, location } = one;
    const key = JSON.stringify([sku, location]);
    places.set(key, { sku, location, units: (places.get(key)?.units ?? 0) + leftIn(one) });
  }
  return [...places.values()].filter(({ units }) => units > 0);
}

type Reservation = Order['reservations'][number];

function leftIn({ state, quantity, fulfilled }: Reservation): number {
  return state === 'held' || state === 'committed' ? quantity - fulfilled : 0;
}

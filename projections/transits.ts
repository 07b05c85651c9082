// Which open transfers bring units to a stock or take units from it, by stock. Kept beside the rows of the transfers and
// made from them alone.
import type { Position } from '../domain/event-log.ts';
import { type LocationId, type Sku, stockStream } from '../domain/stock/stream.ts';

/** Units set aside at the origin, on the way, on the way back. A line of which all are 0 is left out. */
export type LineFigures = readonly [setAside: number, underWay: number, comingBack: number];

/** What is needed of an open transfer. */
interface Row {
  readonly id: string;
  /** They are answered in this order. */
  readonly place: Position;
  readonly from: LocationId;
  readonly to: LocationId;
  readonly lines: ReadonlyMap<Sku, LineFigures>;
}

/** Units of one SKU that a transfer has under way to a location (`in`) or from it (`out`), or sets aside there. */
export interface StockTransit {
  readonly transfer: string;
  readonly from: LocationId;
  readonly to: LocationId;
  readonly in: number;
  readonly out: number;
  readonly setAside: number;
}

export interface Transits {
  /** A row takes the place of another of the same transfer; undefined: there is none. */
  replace(before: Row | undefined, after: Row | undefined): void;
  of(sku: Sku, location: LocationId, row: (id: string) => Row): readonly StockTransit[];
}

export function createTransits(): Transits {
  const byStock = new Map<string, Set<string>>();
  const add = (stock: string, id: string) => {
    const ids = byStock.get(stock);
    if (ids === undefined) byStock.set(stock, new Set([id]));
    else ids.add(id);
  };
  const remove = (stock: string, id: string) => {
    const ids = byStock.get(stock);
    if (ids?.delete(id) === true && ids.size === 0) byStock.delete(stock);
  };
  return {
    replace(before, after) {
      for (const sku of before?.lines.keys() ?? []) {
        if (after?.lines.has(sku) === true) continue;
        for (const location of [before!.from, before!.to]) remove(stockStream(sku, location), before!.id);
      }
      for (const sku of after?.lines.keys() ?? []) {
        if (before?.lines.has(sku) === true) continue;
        for (const location of [after!.from, after!.to]) add(stockStream(sku, location), after!.id);
      }
    },
    of(sku, location, row) {
      const ids = byStock.get(stockStream(sku, location)) ?? [];
      return Array.from(ids, row)
        .sort((a, b) => (a.place < b.place ? -1 : 1))
        .map((one) => transitAt(one, sku, location))
        .filter((transit) => transit.in + transit.out + transit.setAside > 0);
    },
  };
}

function transitAt({ id, from, to, lines }: Row, sku: Sku, location: LocationId): StockTransit {
  const [setAside, underWay, comingBack] = lines.get(sku)!;
  const units = location === from ? { in: comingBack, out: underWay, setAside } : { in: underWay, out: 0, setAside: 0 };
  return { transfer: id, from, to, ...units };
}

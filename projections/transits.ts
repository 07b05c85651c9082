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
  readonly placed: Position;
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
  /** The lines of a transfer are others now. */
  change(row: Row, before: Row['lines'], after: Row['lines']): void;
  at(sku: Sku, location: LocationId, max: number): readonly StockTransit[];
}

export function createTransits(rowOf: (id: string) => Row): Transits {
  const byStock = new Map<string, Set<string>>();
  return {
    change({ id, from, to }, before, after) {
      for (const sku of before.keys()) {
        if (after.has(sku)) continue;
        for (const location of [from, to]) remove(byStock, stockStream(sku, location), id);
      }
      for (const sku of after.keys()) {
        if (before.has(sku)) continue;
        for (const location of [from, to]) add(byStock, stockStream(sku, location), id);
      }
    },
    at(sku, location, max) {
      const ids = byStock.get(stockStream(sku, location)) ?? [];
      return Array.from(ids, rowOf)
        .sort((a, b) => (a.placed < b.placed ? -1 : 1))
        .map((row) => transitAt(row, sku, location))
        .filter((transit) => transit.in + transit.out + transit.setAside > 0)
        .slice(0, max);
    },
  };
}

function add(byStock: Map<string, Set<string>>, stock: string, id: string): void {
  const ids = byStock.get(stock);
  if (ids === undefined) byStock.set(stock, new Set([id]));
  else ids.add(id);
}

function remove(byStock: Map<string, Set<string>>, stock: string, id: string): void {
  const ids = byStock.get(stock);
  if (ids?.delete(id) === true && ids.size === 0) byStock.delete(stock);
}

function transitAt({ id, from, to, lines }: Row, sku: Sku, location: LocationId): StockTransit {
  const [setAside, underWay, comingBack] = lines.get(sku)!;
  const units = location === from ? { in: comingBack, out: underWay, setAside } : { in: underWay, out: 0, setAside: 0 };
  return { transfer: id, from, to, ...units };
}

// The same month counted without Evenstock: reads the CSV and adds it up in maps. Imports nothing of the product, so
// that a mistake there cannot hide here. What the rows mean is said in the data set's README.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';

interface CsvRow {
  readonly InvoiceNo: string;
  readonly StockCode: string;
  readonly Quantity: string;
  readonly InvoiceDate: string;
  readonly Country: string;
}

/** Codes of postage, fees, discounts and the like: they have no stock. In upper case; gift vouchers begin GIFT_. */
const NOT_GOODS = ['POST', 'DOT', 'M', 'C2', 'D', 'S', 'BANK CHARGES', 'AMAZONFEE', 'CRUK', 'B', 'PADS'];
/** Units beyond the largest running deficit, so that no stock ends a day below zero. */
const MARGIN = 5;

/** One row as it changes stock. */
export interface Movement {
  readonly day: string;
  readonly sku: string;
  readonly location: string;
  readonly kind: 'sold' | 'returned' | 'adjusted';
  readonly quantity: number;
  /** On-hand after minus before. */
  readonly change: number;
}

export interface IndependentMonth {
  readonly rows: number;
  /** Sum of Quantity over all rows, goods or not. */
  readonly quantitySum: number;
  readonly notGoods: { readonly rows: number; readonly quantity: number };
  /** Rows that are the same as an earlier row to the last letter; they are lines like any other. */
  readonly equalRows: number;
  readonly movements: readonly Movement[];
  readonly days: readonly string[];
  readonly locations: readonly string[];
  /** By `sku~location`. */
  readonly opening: ReadonlyMap<string, number>;
  /** On-hand by `sku~location` when the day has ended. */
  onHandAt(day: string): Map<string, number>;
}

/** @param daysMax only the first days of the file */
export function countIndependently(file: string, daysMax = Number.POSITIVE_INFINITY): IndependentMonth {
  const bytes = readFileSync(file);
  const text = file.endsWith('.gz') ? gunzipSync(bytes) : bytes;
  const all = parse(text, { columns: true }) as CsvRow[];
  const chosen = new Set([...new Set(all.map(dayOf))].sort().slice(0, daysMax));
  const rows = all.filter((row) => chosen.has(dayOf(row)));
  const goods = rows.filter((row) => !isNotGoods(row.StockCode.toUpperCase()));
  const movements = goods.map(movementOf);
  const quantityOf = (some: readonly CsvRow[]) => some.reduce((sum, row) => sum + Number(row.Quantity), 0);
  const opening = openingOf(movements);
  return {
    rows: rows.length,
    quantitySum: quantityOf(rows),
    notGoods: { rows: rows.length - goods.length, quantity: quantityOf(rows) - quantityOf(goods) },
    equalRows: rows.length - new Set(rows.map((row) => JSON.stringify(row))).size,
    movements,
    days: [...new Set(movements.map(({ day }) => day))],
    locations: [...new Set(movements.map(({ location }) => location))].sort(),
    opening,
    onHandAt(day) {
      const onHand = new Map(opening);
      for (const movement of movements) {
        if (movement.day > day) continue;
        const key = `${movement.sku}~${movement.location}`;
        onHand.set(key, onHand.get(key)! + movement.change);
      }
      return onHand;
    },
  };
}

function dayOf(row: CsvRow): string {
  return row.InvoiceDate.slice(0, 10);
}

function isNotGoods(code: string): boolean {
  return NOT_GOODS.includes(code) || code.startsWith('GIFT_');
}

function movementOf(row: CsvRow): Movement {
  const quantity = Number(row.Quantity);
  const kind = row.InvoiceNo.startsWith('C') ? 'returned' : quantity < 0 ? 'adjusted' : 'sold';
  return {
    day: dayOf(row),
    sku: row.StockCode.toUpperCase(),
    location: row.Country.toLowerCase().replaceAll(' ', '-'),
    kind,
    quantity: Math.abs(quantity),
    // A sale of 6 is 6 fewer; a return of −2 is 2 more; an adjustment of −10 is 10 fewer.
    change: kind === 'adjusted' ? quantity : -quantity,
  };
}

/** Each stock's largest running deficit and a margin: what there must have been before the first row. */
function openingOf(movements: readonly Movement[]): Map<string, number> {
  const running = new Map<string, number>();
  const opening = new Map<string, number>();
  for (const { sku, location, change } of movements) {
    const key = `${sku}~${location}`;
    const now = (running.get(key) ?? 0) + change;
    running.set(key, now);
    opening.set(key, Math.max(opening.get(key) ?? MARGIN, MARGIN - now));
  }
  return opening;
}

/** How the web channel shows stock in the replay; every term of the formula does something. */
export const WEB_TERMS = {
  safetyStock: { 'united-kingdom': 3 } as Readonly<Record<string, number>>,
  percentage: 90,
  buffer: 1,
  cap: 400,
};

/** What the web channel may show of each SKU, from on-hand by `sku~location`. */
export function webAvailability(onHand: ReadonlyMap<string, number>): Map<string, number> {
  const pool = new Map<string, number>();
  for (const [key, units] of onHand) {
    const [sku, location] = key.split('~') as [string, string];
    pool.set(sku, (pool.get(sku) ?? 0) + Math.max(0, units - (WEB_TERMS.safetyStock[location] ?? 0)));
  }
  const { percentage, buffer, cap } = WEB_TERMS;
  return new Map(
    [...pool].map(([sku, units]) => [sku, Math.max(0, Math.min(cap, Math.floor((units * percentage) / 100) - buffer))]),
  );
}

// A stocktake is kept on sheets: streams of some hundred SKUs each, so that a line costs the same in a count of one SKU and
// in that of a store with 40,000, in memory and in the log, and many counters write side by side.
import { hashBucket } from '../hash-bucket.ts';
import type { Sku } from '../stock/stream.ts';

/** SKUs a sheet is meant for. Its stream is read whole when it is not in memory. */
const SHEET_SKUS = 250;
const SHEETS_MAX = 400;

export function sheetsFor(skus: number): number {
  return Math.min(SHEETS_MAX, Math.max(1, Math.ceil(skus / SHEET_SKUS)));
}

/** The number of the sheet of an SKU, from 0. */
export function sheetOf(sku: Sku, sheets: number): number {
  return hashBucket(sku, sheets);
}

/** `~` is in no stocktake id, so a sheet is never mistaken for a stocktake. */
export function sheetId(stocktakeId: string, number: number): string {
  return `${stocktakeId}~${number}`;
}

export function parseSheetId(id: string): { readonly stocktakeId: string; readonly number: number } | undefined {
  const cut = id.lastIndexOf('~');
  return cut < 0 ? undefined : { stocktakeId: id.slice(0, cut), number: Number(id.slice(cut + 1)) };
}

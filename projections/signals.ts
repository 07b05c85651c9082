// Replenishment signals (R22) read from stock levels and velocity at one position: what each stock sells, how long it
// lasts, when to order, and which transfers would even it out. Nothing is stored: a signal follows from both projections.
import type { Policy } from '../domain/channel/policy.ts';
import type { Position } from '../domain/event-log.ts';
import { halfLifeIndex, unitsPerDay } from '../domain/signals/decay.ts';
import { type SignalTerms, signalTerms } from '../domain/signals/policy.ts';
import { type Signal, signalOf } from '../domain/signals/replenishment.ts';
import { type SuggestedTransfer, suggestTransfers, type TransferStock } from '../domain/signals/transfers.ts';
import type { StockLevels } from './stock-levels.ts';
import { ACTIVE, FROZEN, type StockTable } from './stock-table.ts';
import type { Velocity } from './velocity.ts';

export interface StockSignal extends Signal {
  readonly sku: string;
  readonly location: string;
  readonly life: 'active' | 'frozen' | 'retired';
  /** Of the last event of this stock. */
  readonly position: Position;
}

export interface SkuTransfer extends SuggestedTransfer {
  readonly sku: string;
  /** Days of cover before the transfer; undefined: without velocity. */
  readonly coverFrom: number | undefined;
  readonly coverTo: number | undefined;
}

export interface SignalFilter {
  readonly sku?: string | undefined;
  readonly location?: string | undefined;
  /** Only stocks of which it is time to order more. */
  readonly reorder?: boolean | undefined;
  /** Only stocks with an event after this position. */
  readonly changedAfter?: Position | undefined;
  readonly mayUse: (location: string) => boolean;
}

/** A page may be short, even empty, and have a next one: `next` is where it goes on. */
export interface SignalPage<Row> {
  readonly rows: readonly Row[];
  readonly next: number | undefined;
}

export interface Signals {
  /** Stocks in the order of their first event, from place `from` on. */
  page(filter: SignalFilter, from: number, limit: number): SignalPage<StockSignal>;
  /** SKUs in the order of their first event. `location`: as origin or destination. The whole network is looked at. */
  transfers(filter: SignalFilter, from: number, limit: number): SignalPage<SkuTransfer>;
}

export interface SignalsSource {
  levels(): StockLevels;
  velocity(): Velocity;
  policy(): Policy;
}

/** Stocks looked at for one page, about 20 ms, so that a filter that matches nothing does not block. */
const SCAN_ROWS_MAX = 20_000;

export function createSignals(source: SignalsSource): Signals {
  const now = (): Now => {
    const policy = source.policy();
    return {
      stocks: source.levels().table,
      velocity: source.velocity(),
      policy,
      terms: signalTerms(policy.document.signals),
    };
  };
  return {
    page({ sku, ...filter }, from, limit) {
      const at = now();
      if (sku !== undefined) {
        const id = at.stocks.skus.find(sku);
        const ofSku = id < 0 ? [] : [...at.stocks.rowsOfSku(id)].sort((a, b) => a - b);
        return signalsOf(
          at,
          filter,
          ofSku.filter((row) => row >= from),
          limit,
        );
      }
      const end = Math.min(at.stocks.rows, from + SCAN_ROWS_MAX);
      const page = signalsOf(at, filter, span(from, end), limit);
      return { rows: page.rows, next: page.next ?? (end < at.stocks.rows ? end : undefined) };
    },
    transfers({ sku, location, mayUse }, from, limit) {
      const at = now();
      const { skus } = at.stocks;
      const id = sku === undefined ? -1 : skus.find(sku);
      const [first, end] = sku === undefined ? [from, skus.size] : [Math.max(id, from), id + 1];
      const rows: SkuTransfer[] = [];
      let seen = 0;
      for (let n = first; n < end; n++) {
        if (rows.length >= limit || seen >= SCAN_ROWS_MAX) return { rows, next: n };
        const stocks = transferStocks(at, n);
        seen += stocks.length;
        for (const transfer of transfersOf(at, n, stocks)) {
          const isWanted = location === undefined || transfer.from === location || transfer.to === location;
          if (isWanted && mayUse(transfer.from) && mayUse(transfer.to)) rows.push(transfer);
        }
      }
      return { rows, next: undefined };
    },
  };
}

interface Now {
  readonly stocks: StockTable;
  readonly velocity: Velocity;
  readonly policy: Policy;
  readonly terms: SignalTerms;
}

function* span(from: number, end: number): Generator<number> {
  for (let row = from; row < end; row++) yield row;
}

function signalsOf(
  at: Now,
  { location, reorder, changedAfter, mayUse }: SignalFilter,
  rows: Iterable<number>,
  limit: number,
): SignalPage<StockSignal> {
  const found: StockSignal[] = [];
  const { columns, locations } = at.stocks;
  const wanted = location === undefined ? undefined : locations.find(location);
  const shown: boolean[] = [];
  for (const row of rows) {
    const place = columns.location[row]!;
    if (wanted !== undefined && place !== wanted) continue;
    shown[place] ??= mayUse(locations.name(place));
    if (!shown[place] || (changedAfter !== undefined && columns.position[row]! <= changedAfter)) continue;
    const signal = stockSignal(at, row);
    if (reorder && !signal.reorder) continue;
    if (found.length === limit) return { rows: found, next: row };
    found.push(signal);
  }
  return { rows: found, next: undefined };
}

function stockSignal(at: Now, row: number): StockSignal {
  const { columns, skus, locations } = at.stocks;
  const [sku, location] = [skus.name(columns.sku[row]!), locations.name(columns.location[row]!)];
  const life = columns.life[row] === ACTIVE ? 'active' : columns.life[row] === FROZEN ? 'frozen' : 'retired';
  const signal = signalOf(at.stocks.levels(row), velocityOf(at, sku, location), at.terms.at(location));
  return { sku, location, life, position: columns.position[row]!, ...signal };
}

/** Units a day over everybody who sells there, those of the running step included. O(channels that have ever sold). */
function velocityOf({ velocity, terms }: Now, sku: string, location: string): number {
  const { table, step } = velocity;
  const halfLife = halfLifeIndex(terms.halfLifeHours);
  let units = 0;
  for (const row of table.rowsOfStock(table.stockNamed(`${sku}~${location}`, 0)))
    units += table.units(row, halfLife, step);
  return unitsPerDay(units, halfLife);
}

function transferStocks(at: Now, sku: number): readonly TransferStock[] {
  return [...at.stocks.rowsOfSku(sku)].map((row) => {
    const { location, life, ...signal } = stockSignal(at, row);
    const safetyStock = at.policy.safetyStock(signal.sku, location);
    return { location, signal, safetyStock, terms: at.terms.at(location), active: life === 'active' };
  });
}

function transfersOf(at: Now, sku: number, stocks: readonly TransferStock[]): readonly SkuTransfer[] {
  const name = at.stocks.skus.name(sku);
  const cover = (location: string) => stocks.find((stock) => stock.location === location)?.signal.daysOfCover;
  return suggestTransfers(stocks, at.terms.transferUnitsMin).map((transfer) => {
    return { sku: name, ...transfer, coverFrom: cover(transfer.from), coverTo: cover(transfer.to) };
  });
}

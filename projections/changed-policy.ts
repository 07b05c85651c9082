// The figures under another policy, made of those under the one before: only stocks that contribute otherwise are looked
// at, a channel that nothing concerns keeps its figures as they are. The same as computing all anew, and much less.
import type { ChannelPolicy, Policy } from '../domain/channel/policy.ts';
import { type PoolChange, poolChange } from '../domain/policy/difference.ts';
import {
  type Column,
  createTerms,
  noFigures,
  type OnFigure,
  type Pools,
  poolsOf,
  type Terms,
} from './available-to-sell.ts';
import type { StockLevels } from './stock-levels.ts';
import type { StockTable } from './stock-table.ts';

/** `old` must follow `levels`; it does not any more when the new ones do. */
export function poolsUnder(old: Pools, policy: Policy, levels: StockLevels, asOf: bigint, onFigure: OnFigure): Pools {
  const { table } = levels;
  const changes: ChannelChange[] = [];
  const columns = policy.channels.map((channel): Column => {
    const was = old.columns.get(channel.id);
    const change = poolChange(old.policy, policy, channel.id);
    const changedAt = was?.changedAt ?? asOf;
    if (change.locations.size === 0 && change.skus.size === 0 && was !== undefined) {
      return { channel, units: was.units, changedAt };
    }
    const column = { channel, units: copied(was?.units, table.skus.size), changedAt };
    changes.push({ ...change, column });
    return column;
  });
  const terms = createTerms(table, policy, columns);
  if (changes.length > 0) recompute(table, changes, contributionUnder(old.terms), contributionUnder(terms));
  return poolsOf(levels, policy, columns, terms, onFigure, old.pricing);
}

interface ChannelChange extends PoolChange {
  readonly column: Column;
}

/** What the row contributes to the channel; undefined: its location is not in the channel's pool. */
type Contribution = (row: number, channel: string) => number | undefined;

function contributionUnder(terms: Terms): Contribution {
  const units: number[] = [];
  return (row, channel) => {
    const n = terms.contributions(row, units).findIndex((column) => column.channel.id === channel);
    return n < 0 ? undefined : units[n];
  };
}

/** The old column is still what listeners are told from, so it stays. */
function copied(units: Float64Array | undefined, size: number): Float64Array {
  const copy = noFigures(Math.max(units?.length ?? 0, size));
  if (units !== undefined) copy.set(units);
  return copy;
}

/** One pass over the rows, which stops at those of locations that changed, and the rows of SKUs that changed. */
function recompute(
  table: StockTable,
  changes: readonly ChannelChange[],
  before: Contribution,
  after: Contribution,
): void {
  const { sku: skus, location: locations } = table.columns;
  const atLocation: ChannelChange[][] = [];
  const named = new Map(changes.map((change) => [change, idsOf(change.skus, table)]));
  for (const change of changes) {
    for (const name of change.locations) {
      const id = table.locations.find(name);
      if (id >= 0) atLocation[id] = [...(atLocation[id] ?? []), change];
    }
  }
  for (let row = 0; row < table.rows; row++) {
    const here = atLocation[locations[row]!];
    if (here === undefined) continue;
    const sku = skus[row]!;
    for (const change of here) if (!named.get(change)!.has(sku)) move(table, change.column, row, before, after);
  }
  for (const [{ column }, ids] of named) {
    for (const sku of ids) column.units[sku] = poolOf(table, sku, column.channel, after);
  }
}

function idsOf(names: ReadonlySet<string>, { skus }: StockTable): ReadonlySet<number> {
  return new Set([...names].map((name) => skus.find(name)).filter((id) => id >= 0));
}

function move(
  table: StockTable,
  { channel, units }: Column,
  row: number,
  before: Contribution,
  after: Contribution,
): void {
  const sku = table.columns.sku[row]!;
  const now = after(row, channel.id);
  const had = Number.isNaN(units[sku]!) ? 0 : units[sku]!;
  // The last location that ever held the SKU may have left the pool: then there is no figure any more.
  const isGone = now === undefined && !isHeld(table, sku, channel);
  units[sku] = isGone ? Number.NaN : had - (before(row, channel.id) ?? 0) + (now ?? 0);
}

function isHeld(table: StockTable, sku: number, { locations }: ChannelPolicy): boolean {
  for (const row of table.rowsOfSku(sku)) {
    if (locations.includes(table.locations.name(table.columns.location[row]!))) return true;
  }
  return false;
}

/** From nothing; NaN without a figure. */
function poolOf(table: StockTable, sku: number, { id }: ChannelPolicy, after: Contribution): number {
  let pool = Number.NaN;
  for (const row of table.rowsOfSku(sku)) {
    const units = after(row, id);
    if (units !== undefined) pool = (Number.isNaN(pool) ? 0 : pool) + units;
  }
  return pool;
}

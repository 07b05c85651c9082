// Available-to-sell per channel and SKU, kept up incrementally from the stock levels: one event touches one SKU in
// the channels that sell from its location. Holds one number a channel and SKU, the pool of units; the figure follows from
// it (and from the lag price, for a channel that has one). Derived, so never stored: computed in one pass on load.
import { availableToSell, contribution } from '../domain/channel/available-to-sell.ts';
import type { LagPriceParts } from '../domain/channel/lag-price.ts';
import type { ChannelPolicy, Policy } from '../domain/channel/policy.ts';
import type { Quota } from '../domain/channel/quota.ts';
import { START } from '../domain/event-log.ts';
import type { Levels } from '../domain/stock/levels.ts';
import { createLagPrices, type LagPrices } from './lag-prices.ts';
import type { StockLevels, StockWatcher } from './stock-levels.ts';
import { ACTIVE, type StockTable } from './stock-table.ts';
import { createVelocity, type Velocity } from './velocity.ts';

/** A figure that changed; `before` is 0 for one that is new. */
export type OnFigure = (channel: string, sku: string, before: number, after: number, isNew: boolean) => void;

export interface Pools {
  readonly policy: Policy;
  /** By channel. */
  readonly columns: ReadonlyMap<string, Column>;
  readonly terms: Terms;
  readonly pricing: Pricing | undefined;
  /** Units of the pool, or undefined while no location of the channel has ever held the SKU. */
  pool(channel: string, sku: number): number | undefined;
  /** Available-to-sell; undefined as `pool`. */
  figure(channel: string, sku: number): number | undefined;
  /** The figure as it was told last: behind `figure` for the moment in which new lag prices are told. */
  told(channel: string, sku: number): number | undefined;
  /** How the lag price of a SKU was made; undefined: the channel has none. */
  lagPrice(channel: string, sku: string): LagPriceParts | undefined;
  /** Position of the last event that changed a figure of the channel, here. */
  changedAt(channel: string): bigint;
  /** Follows every further change of levels and velocity. */
  follow(): void;
  /** The end of following: other pools are going to. */
  leave(): void;
}

/** What lag prices are made from and with; without it they are their least. */
export interface Pricing {
  readonly velocity: Velocity;
  /** Runs a slice of pricing later; absent: all at once. */
  readonly later?: (run: () => void) => void;
}

export interface Column {
  readonly channel: ChannelPolicy;
  /** By SKU id; NaN: no figure. */
  units: Float64Array;
  changedAt: bigint;
  lagPrices?: LagPrices | undefined;
}

const NO_QUOTAS: readonly Quota[] = [];
const NONE_RESERVED = () => 0;

/** Computes every figure under `policy`. 1 million stocks in 3 channels: well under a second (docs/decisions/0005). */
export function createPools(
  levels: StockLevels,
  policy: Policy,
  asOf: bigint,
  onFigure: OnFigure,
  pricing?: Pricing,
): Pools {
  const { table } = levels;
  const columns = policy.channels.map(
    (channel): Column => ({ channel, units: noFigures(table.skus.size), changedAt: asOf }),
  );
  const terms = createTerms(table, policy, columns);
  const units: number[] = [];
  for (let row = 0; row < table.rows; row++) {
    const sku = table.columns.sku[row]!;
    const sellsHere = terms.contributions(row, units);
    for (let n = 0; n < sellsHere.length; n++) {
      const column = sellsHere[n]!.units;
      column[sku] = (Number.isNaN(column[sku]!) ? 0 : column[sku]!) + units[n]!;
    }
  }
  return poolsOf(levels, policy, columns, terms, onFigure, pricing);
}

/** Lag prices are made anew, all others of what is given. */
export function poolsOf(
  levels: StockLevels,
  policy: Policy,
  ofChannels: readonly Column[],
  terms: Terms,
  onFigure: OnFigure,
  pricing: Pricing | undefined,
): Pools {
  const { table } = levels;
  for (const column of ofChannels) column.lagPrices = lagPricesOf(table, column, onFigure, pricing);
  const columns = new Map(ofChannels.map((column) => [column.channel.id, column]));
  const pool = (channel: string, sku: number) => {
    const units = columns.get(channel)?.units[sku];
    return units === undefined || Number.isNaN(units) ? undefined : units;
  };
  const figure = (id: string, sku: number, price: 'units' | 'told') => {
    const units = pool(id, sku);
    if (units === undefined) return undefined;
    const { channel, lagPrices } = columns.get(id)!;
    return availableToSell(units, channel, lagPrices?.[price](table.skus.name(sku)));
  };
  return {
    policy,
    columns,
    terms,
    pricing,
    pool,
    figure: (channel, sku) => figure(channel, sku, 'units'),
    told: (channel, sku) => figure(channel, sku, 'told'),
    lagPrice: (channel, sku) => columns.get(channel)?.lagPrices?.parts(sku),
    changedAt: (channel) => columns.get(channel)?.changedAt ?? START,
    follow() {
      levels.watch(incremental(table, terms, onFigure));
      pricing?.velocity.watch((position, sold) => {
        for (const { lagPrices } of ofChannels) lagPrices?.stepBegan(position, sold);
      });
    },
    leave() {
      levels.watch(undefined);
      pricing?.velocity.watch(undefined);
      for (const { lagPrices } of ofChannels) lagPrices?.stop();
    },
  };
}

function lagPricesOf(
  table: StockTable,
  column: Column,
  onFigure: OnFigure,
  pricing: Pricing | undefined,
): LagPrices | undefined {
  const { channel } = column;
  if (channel.lagPriced === undefined) return undefined;
  const locations = new Set<string>(channel.locations);
  return createLagPrices({
    channel: channel.id,
    terms: channel.lagPriced,
    sellsFrom: (location) => locations.has(location),
    velocity: pricing?.velocity ?? createVelocity(),
    later: pricing?.later,
    onPrice(sku, before, after, position) {
      const pool = column.units[table.skus.find(sku)];
      if (pool === undefined || Number.isNaN(pool)) return;
      const [was, is] = [availableToSell(pool, channel, before), availableToSell(pool, channel, after)];
      if (was === is) return;
      if (position > column.changedAt) column.changedAt = position;
      onFigure(channel.id, sku, was, is, false);
    },
  });
}

export function noFigures(size: number): Float64Array {
  return new Float64Array(Math.max(1_024, size)).fill(Number.NaN);
}

function incremental(table: StockTable, terms: Terms, onFigure: OnFigure): StockWatcher {
  const before: number[] = [];
  const after: number[] = [];
  return {
    before: (row) => void terms.contributions(row, before),
    after(row) {
      const columns = terms.contributions(row, after);
      for (let n = 0; n < columns.length; n++) move(table, row, columns[n]!, after[n]! - before[n]!, onFigure);
    },
  };
}

function move(table: StockTable, row: number, column: Column, change: number, onFigure: OnFigure): void {
  const sku = table.columns.sku[row]!;
  if (sku >= column.units.length) {
    const larger = noFigures(column.units.length * 2);
    larger.set(column.units);
    column.units = larger;
  }
  const had = column.units[sku]!;
  const isNew = Number.isNaN(had);
  if (change === 0 && !isNew) return;
  const pool = (isNew ? 0 : had) + change;
  column.units[sku] = pool;
  const lagPrice = column.lagPrices?.told(table.skus.name(sku));
  const unitsBefore = isNew ? 0 : availableToSell(had, column.channel, lagPrice);
  const unitsAfter = availableToSell(pool, column.channel, lagPrice);
  if (unitsBefore === unitsAfter && !isNew) return;
  column.changedAt = table.columns.position[row]!;
  onFigure(column.channel.id, table.skus.name(sku), unitsBefore, unitsAfter, isNew);
}

export interface Terms {
  /** What a row contributes to each channel that sells from its location; answers those channels. */
  contributions(row: number, into: number[]): readonly Column[];
  /** What it contributes to one channel, whether or not that sells from its location. */
  contribution(row: number, channel: string): number;
}

/** The policy by id instead of by name. Only SKUs that it names cost a look-up by name. */
export function createTerms(table: StockTable, policy: Policy, columns: readonly Column[]): Terms {
  const named = new Set(policy.document.safetyStock.map((entry) => entry.sku));
  for (const channel of policy.channels) for (const quota of channel.quotas) named.add(quota.sku);
  const isNamed: boolean[] = [];
  const atLocation: { readonly columns: readonly Column[]; readonly safetyStock: number }[] = [];
  const safetyStockOf = new Map(policy.document.locations.map(({ id, safetyStock }) => [id, safetyStock ?? 0]));
  const scratch: { -readonly [K in keyof Levels]: Levels[K] } = {
    onHand: 0,
    reserved: 0,
    quarantined: 0,
    inTransitIn: 0,
    inTransitOut: 0,
  };

  const at = (location: number) => {
    const known = atLocation[location];
    if (known !== undefined) return known;
    const id = table.locations.name(location);
    const sellsHere = columns.filter(({ channel }) => channel.locations.includes(id));
    atLocation[location] = { columns: sellsHere, safetyStock: safetyStockOf.get(id) ?? 0 };
    return atLocation[location]!;
  };
  const levelsOf = (row: number): Levels => {
    const stocks = table.columns;
    scratch.onHand = stocks.onHand[row]!;
    scratch.reserved = stocks.reserved[row]!;
    scratch.quarantined = stocks.quarantined[row]!;
    return scratch;
  };
  /** Units that every channel may count on alike: nothing is said of the SKU. Undefined: it depends on the channel. */
  const ofAll = (row: number): number | undefined => {
    const stocks = table.columns;
    if (stocks.life[row] !== ACTIVE) return 0;
    const sku = stocks.sku[row]!;
    isNamed[sku] ??= named.size > 0 && named.has(table.skus.name(sku));
    if (isNamed[sku]) return undefined;
    return contribution(levelsOf(row), at(stocks.location[row]!).safetyStock, NO_QUOTAS, NONE_RESERVED, '');
  };
  const ofChannel = (row: number) => {
    const stocks = table.columns;
    const [sku, location] = [table.skus.name(stocks.sku[row]!), table.locations.name(stocks.location[row]!)];
    const [safetyStock, quotas] = [policy.safetyStock(sku, location), policy.quotas(sku, location)];
    const reservedBy = (channel: string) => table.reservedBy.of(row, channel);
    return (channel: string) => contribution(levelsOf(row), safetyStock, quotas, reservedBy, channel);
  };
  return {
    contributions(row, into) {
      const { columns: sellsHere } = at(table.columns.location[row]!);
      const units = ofAll(row);
      const unitsOf = units === undefined ? ofChannel(row) : undefined;
      for (let n = 0; n < sellsHere.length; n++) into[n] = unitsOf?.(sellsHere[n]!.channel.id) ?? units!;
      return sellsHere;
    },
    contribution: (row, channel) => ofAll(row) ?? ofChannel(row)(channel),
  };
}

// Answers what `Availability` asks from the stock levels and the pools of channels, at one position: everything here
// is synchronous, so a figure and its explanation are of the same moment.
import { contribution } from '../domain/channel/available-to-sell.ts';
import type { ChannelPolicy, Policy } from '../domain/channel/policy.ts';
import { unusedQuotasOfOthers } from '../domain/channel/quota.ts';
import type { Position } from '../domain/event-log.ts';
import { available } from '../domain/stock/levels.ts';
import type { Availability, AvailabilityRow, Explanation, LocationPart, StockRow } from './availability.ts';
import type { Pools } from './available-to-sell.ts';
import { createSkuOrder } from './sku-order.ts';
import { ACTIVE, FROZEN, type StockTable } from './stock-table.ts';

export interface AvailabilitySource {
  /** They change when a rebuilt model is switched in or the policy changes. */
  table(): StockTable;
  pools(): Pools;
  position(): Position;
}

export type AvailabilityView = Omit<Availability, 'waitFor' | 'onChange'>;

/** SKUs looked at for one page, so that a filter that matches nothing does not block. */
const PAGE_SCAN_MAX = 50_000;

export function createAvailabilityView(source: AvailabilitySource): AvailabilityView {
  const order = createSkuOrder(() => source.table().skus);
  const unitsOf = (channel: ChannelPolicy, sku: number): number | undefined =>
    sku < 0 ? undefined : source.pools().figure(channel.id, sku);
  return {
    position: source.position,
    stock(sku, location) {
      const table = source.table();
      const row = table.find(sku, location);
      return row < 0 ? undefined : stockRow(table, row);
    },
    stockOf(sku) {
      const table = source.table();
      const id = table.skus.find(sku);
      const rows = id < 0 ? [] : Array.from(table.rowsOfSku(id), (row) => stockRow(table, row));
      return rows.sort((a, b) => (a.location < b.location ? -1 : 1));
    },
    reservedBy: (sku, location) => reservedAt(source.table(), sku, location),
    *stocksAt(location) {
      const table = source.table();
      const id = table.locations.find(location);
      if (id < 0) return;
      for (let row = 0; row < table.rows; row++) if (table.columns.location[row] === id) yield stockRow(table, row);
    },
    units(channelId, sku) {
      const channel = source.pools().policy.channel(channelId);
      return channel === undefined ? undefined : unitsOf(channel, source.table().skus.find(sku));
    },
    pool: (channel, sku) => source.pools().pool(channel, source.table().skus.find(sku)),
    free(sku, location, channelId) {
      const row = source.table().find(sku, location);
      return row < 0 ? 0 : source.pools().terms.contribution(row, channelId);
    },
    page(channelId, { after, limit, prefix = '', inStock = false }) {
      const channel = source.pools().policy.channel(channelId);
      if (channel === undefined) return { rows: [] };
      const { skus } = source.table();
      const sorted = order();
      const fromPrefix = after === undefined || after < prefix;
      const first = fromPrefix ? sorted.placeAfter(prefix, true) : sorted.placeAfter(after, false);
      const rows: AvailabilityRow[] = [];
      const end = Math.min(sorted.size, first + PAGE_SCAN_MAX);
      for (let place = first; place < end; place++) {
        const sku = skus.name(sorted.at(place));
        if (!sku.startsWith(prefix)) return { rows };
        const units = unitsOf(channel, sorted.at(place));
        if (units === undefined || (inStock && units === 0)) continue;
        if (rows.length === limit) return { rows, next: rows.at(-1)?.sku ?? after ?? '' };
        rows.push({ sku, units });
      }
      return end === sorted.size ? { rows } : { rows, next: skus.name(sorted.at(end - 1)) };
    },
    explain(channelId, sku) {
      const channel = source.pools().policy.channel(channelId);
      const units = channel && unitsOf(channel, source.table().skus.find(sku));
      if (channel === undefined || units === undefined) return undefined;
      return explanation(source, channel, sku, units);
    },
    changedAt: (channel) => source.pools().changedAt(channel),
    *skus(channel) {
      const { skus } = source.table();
      for (let id = 0; id < skus.size; id++) {
        if (source.pools().pool(channel, id) !== undefined) yield skus.name(id);
      }
    },
  };
}

function explanation(source: AvailabilitySource, channel: ChannelPolicy, sku: string, units: number): Explanation {
  const table = source.table();
  const { policy } = source.pools();
  const rows = channel.locations.map((location) => table.find(sku, location)).filter((row) => row >= 0);
  const locations = rows.map((row) => part(table, policy, channel, row));
  const lagPrice = source.pools().lagPrice(channel.id, sku);
  return {
    channel: channel.id,
    sku,
    units,
    asOf: source.position(),
    policyVersion: policy.version,
    pool: locations.reduce((sum, location) => sum + location.units, 0),
    locations,
    terms: {
      on: channel.on,
      percentage: channel.percentage,
      buffer: channel.buffer,
      ...(lagPrice === undefined ? undefined : { lagPrice }),
      ...(channel.cap === undefined ? undefined : { cap: channel.cap }),
    },
  };
}

function part(table: StockTable, policy: Policy, channel: ChannelPolicy, row: number): LocationPart {
  const { sku, location, levels, life, revision, position } = stockRow(table, row);
  const safetyStock = policy.safetyStock(sku, location);
  const quotas = policy.quotas(sku, location);
  const reservedBy = (other: string) => table.reservedBy.of(row, other);
  const pool = Math.max(0, available(levels) - safetyStock);
  return {
    location,
    levels,
    life,
    available: available(levels),
    safetyStock,
    quotasOfOthers: unusedQuotasOfOthers(pool, quotas, reservedBy, channel.id),
    ...(quotas.length > 0 && { quotas: quotas.map((quota) => ({ ...quota, reserved: reservedBy(quota.channel) })) }),
    units: life === 'active' ? contribution(levels, safetyStock, quotas, reservedBy, channel.id) : 0,
    revision,
    position,
  };
}

function reservedAt(table: StockTable, sku: string, location: string): ReadonlyMap<string, number> {
  const row = table.find(sku, location);
  const entries = row < 0 ? [] : table.reservedBy.entries(row, row + 1);
  return new Map(entries.map(([, channel, units]) => [channel, units]));
}

function stockRow(table: StockTable, row: number): StockRow {
  const { columns } = table;
  const life = columns.life[row];
  return {
    sku: table.skus.name(columns.sku[row]!),
    location: table.locations.name(columns.location[row]!),
    levels: table.levels(row),
    life: life === ACTIVE ? 'active' : life === FROZEN ? 'frozen' : 'retired',
    revision: columns.revision[row]!,
    position: columns.position[row]!,
  };
}

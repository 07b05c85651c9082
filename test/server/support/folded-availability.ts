// Availability folded straight from the events' own levels: a few lines instead of the projection, so that the API's
// tests fail for the API's reasons. `pause` keeps it behind, for read-your-write.
import { availableToSell, contribution } from '../../../domain/channel/available-to-sell.ts';
import type { Policy } from '../../../domain/channel/policy.ts';
import { type EventLog, type Position, START } from '../../../domain/event-log.ts';
import { readStockEvent } from '../../../domain/stock/events.ts';
import { available, type Levels } from '../../../domain/stock/levels.ts';
import { parseStockStream } from '../../../domain/stock/stream.ts';
import type { Availability, LocationPart, StockRow } from '../../../projections/availability.ts';

export interface FoldedAvailability extends Availability {
  catchUp(): Promise<void>;
  pause(isPaused: boolean): void;
}

export function foldedAvailability(log: EventLog, policy: Policy): FoldedAvailability {
  const rows = new Map<string, StockRow>();
  let position: Position = START;
  let isPaused = false;

  const partsOf = (channel: string, sku: string): LocationPart[] =>
    [...rows.values()]
      .filter((row) => row.sku === sku && policy.channel(channel)?.locations.includes(row.location))
      .map((row) => {
        const safetyStock = policy.safetyStock(sku, row.location);
        const units = contribution(row.levels, safetyStock, policy.quotas(sku, row.location), () => 0, channel);
        const { location, levels, life, revision } = row;
        const part = { location, levels, life, revision, position: row.position };
        return { ...part, available: available(levels), safetyStock, quotasOfOthers: 0, units };
      });
  const pool = (channel: string, sku: string): number | undefined => {
    const parts = partsOf(channel, sku);
    return parts.length === 0 ? undefined : parts.reduce((sum, part) => sum + part.units, 0);
  };
  const units = (channel: string, sku: string): number | undefined => {
    const [pooled, terms] = [pool(channel, sku), policy.channel(channel)];
    return pooled === undefined || terms === undefined ? undefined : availableToSell(pooled, terms);
  };
  const skus = (channel: string) =>
    [...new Set([...rows.values()].map(({ sku }) => sku))].filter((sku) => units(channel, sku) !== undefined).sort();
  const catchUp = async () => {
    if (isPaused) return;
    for (const event of await log.readAll(position, 100_000)) {
      position = event.position;
      const names = parseStockStream(event.stream);
      if (names === undefined) continue;
      const levels: Levels = readStockEvent(event).levels;
      rows.set(event.stream, { ...names, levels, life: 'active', revision: event.revision, position });
    }
  };

  return {
    catchUp,
    pause: (paused) => {
      isPaused = paused;
    },
    position: () => position,
    async waitFor(after) {
      await catchUp();
      return position >= after;
    },
    stock: (sku, location) => rows.get(`stock-${sku}~${location}`),
    stockOf: (sku) => [...rows.values()].filter((row) => row.sku === sku),
    reservedBy: () => new Map(),
    stocksAt: (location) => [...rows.values()].filter((row) => row.location === location),
    units,
    pool,
    free: (sku, location, channel) => partsOf(channel, sku).find((part) => part.location === location)?.units ?? 0,
    page(channel, { after = '', limit, prefix = '', inStock = false }) {
      const all = skus(channel)
        .filter((sku) => sku > after && sku.startsWith(prefix))
        .map((sku) => ({ sku, units: units(channel, sku)! }))
        .filter((row) => !inStock || row.units > 0);
      const page = all.slice(0, limit);
      return { rows: page, ...(all.length > limit ? { next: page.at(-1)!.sku } : undefined) };
    },
    explain(channel, sku) {
      const parts = partsOf(channel, sku);
      const terms = policy.channel(channel);
      if (parts.length === 0 || terms === undefined) return undefined;
      const { on, percentage, buffer } = terms;
      const pool = parts.reduce((sum, part) => sum + part.units, 0);
      const figure = { channel, sku, units: units(channel, sku)!, asOf: position, policyVersion: policy.version, pool };
      return { ...figure, locations: parts, terms: { on, percentage, buffer } };
    },
    changedAt: () => position,
    skus,
    onChange: () => () => {},
  };
}

// The lag-priced buffer of one channel, kept up with velocity: a price a SKU, as of the start of the running step of log
// time (five minutes), so at any position it is the same live, restored and rebuilt. Only SKUs whose price may have changed
// are looked at: those that sold, those whose velocity has faded far enough, and all when the channel's lag changed.
import {
  expectationBeyond,
  type LagPriced,
  type LagPriceParts,
  lagPrice,
  lagPriceParts,
} from '../domain/channel/lag-price.ts';
import { halfLifeIndex, stepsDownTo, unitsPerDayAtStart } from '../domain/signals/decay.ts';
import { createCalendar } from './calendar.ts';
import type { OnStep, Velocity } from './velocity.ts';

export interface LagPricesRoom {
  readonly channel: string;
  readonly terms: LagPriced;
  readonly sellsFrom: (location: string) => boolean;
  readonly velocity: Velocity;
  /** Told when a price has changed. Must not throw. */
  readonly onPrice: (sku: string, before: number, after: number, position: bigint) => void;
  /** Runs a slice of work later; absent: all is done at once, within the event that begins the step. */
  readonly later?: ((run: () => void) => void) | undefined;
  /** Rows of velocity looked at in one slice; default 10,000, about a millisecond. */
  readonly sliceRows?: number;
}

export interface LagPrices {
  /** Units held back as of the running step. */
  units(sku: string): number;
  /** Units held back when it was last told: what figures are told with until `onPrice` says otherwise. */
  told(sku: string): number;
  parts(sku: string): LagPriceParts;
  readonly stepBegan: OnStep;
  stop(): void;
}

export function createLagPrices(room: LagPricesRoom): LagPrices {
  const { channel, terms, velocity, onPrice, later, sliceRows = 10_000 } = room;
  const { table } = velocity;
  const halfLife = halfLifeIndex(terms.halfLifeHours);
  const demand = demandOfOthers(room, halfLife);
  /** By id of velocity, for those above unitsMin; all others are priced at it. */
  const prices = new Map<number, number>();
  const due = createCalendar();
  const pending = new Set<number>();
  const beyond: number[] = [];
  let lagMs = velocity.lagMs(channel);
  let position = -1n;
  let isStopped = false;

  const priceOf = (id: number) => prices.get(id) ?? terms.unitsMin;
  const reprice = (id: number) => {
    pending.delete(id);
    const { units, expectedUnits } = lagPrice(demand.perDay(id), lagMs, terms);
    if (units > terms.unitsMin) {
      prices.set(id, units);
      beyond[units] ??= expectationBeyond(units - 1, terms);
      due.put(id, velocity.step + stepsDownTo(expectedUnits, beyond[units], halfLife));
    } else {
      prices.delete(id);
      due.drop(id);
    }
    return units;
  };
  const slice = () => {
    const until = demand.rowsSeen() + sliceRows;
    for (const id of pending) {
      const before = priceOf(id);
      const after = reprice(id);
      if (after !== before) onPrice(table.skus.name(id), before, after, position);
      if (isStopped || demand.rowsSeen() >= until) break;
    }
    return pending.size > 0 && !isStopped;
  };
  const work = inSlices(slice, later);
  const all = function* () {
    for (let id = 0; id < table.skus.size; id++) yield id;
  };
  for (const id of all()) reprice(id);

  return {
    units(sku) {
      const id = table.skus.find(sku);
      return pending.has(id) ? lagPrice(demand.perDay(id), lagMs, terms).units : priceOf(id);
    },
    told: (sku) => priceOf(table.skus.find(sku)),
    parts(sku) {
      const id = table.skus.find(sku);
      return lagPriceParts(id < 0 ? 0 : demand.perDay(id), lagMs, terms);
    },
    stepBegan(at, sold) {
      position = at;
      const before = lagMs;
      lagMs = velocity.lagMs(channel);
      for (const id of lagMs === before ? sold : all()) pending.add(id);
      for (const id of due.upTo(velocity.step)) pending.add(id);
      work();
    },
    stop() {
      isStopped = true;
    },
  };
}

/** Runs `slice` again and again while it says that there is more: each time later, or all at once. */
function inSlices(slice: () => boolean, later: LagPricesRoom['later']): () => void {
  let isScheduled = false;
  const run = () => {
    isScheduled = false;
    if (slice()) start();
  };
  const start = () => {
    if (later === undefined) while (slice());
    else if (!isScheduled) {
      isScheduled = true;
      later(run);
    }
  };
  return start;
}

interface DemandOfOthers {
  /** Units a day that others than the channel sell of a SKU at its locations, as of the start of the running step. O(its rows). */
  perDay(id: number): number;
  /** Since the beginning: what it has cost. */
  rowsSeen(): number;
}

function demandOfOthers({ channel, sellsFrom, velocity }: LagPricesRoom, halfLife: number): DemandOfOthers {
  const { table } = velocity;
  const sells: boolean[] = [];
  let rowsSeen = 0;
  return {
    rowsSeen: () => rowsSeen,
    perDay(id) {
      const own = table.sellers.find(channel);
      let units = 0;
      for (const row of table.rowsOfSku(id)) {
        rowsSeen += 1;
        const location = table.columns.location[row]!;
        sells[location] ??= sellsFrom(table.locations.name(location));
        if (!sells[location] || table.columns.seller[row] === own) continue;
        units += table.unitsAtStart(row, halfLife, velocity.step);
      }
      return unitsPerDayAtStart(units, halfLife);
    },
  };
}

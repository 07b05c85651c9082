// Plays the script of a day over a world, against the shelves, and measures what a retailer feels: orders that cannot be
// sent, buyers who were told sold out beside full shelves, how long each shop showed something wrong.
import { DAY_MINUTES, type Happening, type Minute } from './day.ts';
import type { Moment } from './result.ts';
import { ONLINE_CHANNELS, type OnlineChannel } from './retailer.ts';
import type { Truth } from './truth.ts';
import type { Placed, World } from './world.ts';

export interface Measures {
  accepted: number;
  /** Accepted although no unit was left for them. */
  oversold: number;
  /** Nobody could send them. */
  cancelled: number;
  /** Buyers who wanted units that were there and were not shown. */
  lost: number;
  /** The picker was sent nowhere, or to an empty shelf. */
  wrongPicks: number;
  /** How long a shop showed another figure than it should, one for each time, in milliseconds of the day. */
  readonly lagMs: number[];
  readonly moments: Moment[];
}

/** A clock for a day that passes in so many real milliseconds. */
export interface DayClock {
  minute(): Minute;
  until(at: Minute): Promise<void>;
}

export function startDayClock(dayMs: number): DayClock {
  const start = performance.now();
  const minute = () => ((performance.now() - start) / dayMs) * DAY_MINUTES;
  return {
    minute,
    async until(at) {
      const ms = ((at - minute()) / DAY_MINUTES) * dayMs;
      if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
    },
  };
}

const PICK_AFTER: Minute = 90;
const SAMPLE_EVERY: Minute = 5;
const LOOK_EVERY_MS = 25;

export async function playDay(
  world: World,
  truth: Truth,
  script: readonly Happening[],
  clock: DayClock,
  progress: (at: Minute, measures: Measures) => void,
): Promise<Measures> {
  const measures: Measures = {
    ...{ accepted: 0, oversold: 0, cancelled: 0, lost: 0, wrongPicks: 0, lagMs: [], moments: [] },
  };
  const watch = watchShops(world, truth, clock, measures);
  const picks: { at: Minute; order: Placed }[] = [];
  const picking: Promise<void>[] = [];
  let minutes = 0;
  const upTo = async (at: Minute) => {
    for (; minutes <= at; minutes += 1) {
      await clock.until(minutes);
      world.minute(minutes);
      while (picks.length > 0 && picks[0]!.at <= minutes)
        picking.push(pick(picks.shift()!.order, world, truth, measures, watch));
      if (minutes % SAMPLE_EVERY === 0) {
        measures.moments.push({ at: minutes, ...watch.error(), oversold: measures.oversold });
        progress(minutes, measures);
      }
    }
    await clock.until(at);
  };
  for (const happening of script) {
    await upTo(happening.at);
    const placed = act(happening, world, truth, measures);
    if (placed !== undefined) picks.push({ at: happening.at + PICK_AFTER, order: placed });
    if ('sku' in happening) watch.look(happening.sku);
  }
  await upTo(DAY_MINUTES);
  await Promise.all(picking);
  for (const { order } of picks) await pick(order, world, truth, measures, watch);
  await world.settle();
  watch.close();
  return measures;
}

function act(happening: Happening, world: World, truth: Truth, measures: Measures): Placed | undefined {
  switch (happening.kind) {
    case 'walk-in': {
      const { store, id, sku, units } = happening;
      if (truth.take(sku, store, units)) world.sold(store, id, sku, units);
      return undefined;
    }
    case 'return': {
      const { store, id, sku, units } = happening;
      truth.put(sku, store, units);
      world.returned(store, id, sku, units);
      return undefined;
    }
    case 'delivery': {
      const { id, sku, units } = happening;
      truth.put(sku, 'warehouse', units);
      world.delivered(id, sku, 'warehouse', units);
      return undefined;
    }
    case 'order':
      return buy(happening, world, truth, measures);
    case 'trouble':
      world.trouble(happening.what, happening.begins);
      return undefined;
  }
}

function buy(
  { channel, id, sku, units }: Extract<Happening, { kind: 'order' }>,
  world: World,
  truth: Truth,
  measures: Measures,
): Placed | undefined {
  const theirs = world.shops.get(channel)!.buy(sku, units);
  if (theirs === undefined) {
    if (truth.free(sku) >= units) measures.lost += 1;
    return undefined;
  }
  measures.accepted += 1;
  if (truth.accept({ id, sku, units }) === 'oversold') measures.oversold += 1;
  const placed = { id, channel, theirs, sku, units };
  world.ordered(placed);
  return placed;
}

async function pick(order: Placed, world: World, truth: Truth, measures: Measures, watch: Watch): Promise<void> {
  const told = await world.whereToPick(order);
  let location = told !== undefined && truth.ship(order.id, told) ? told : undefined;
  if (location === undefined) {
    measures.wrongPicks += 1;
    location = truth.whereToPick(order.id).find((place) => truth.ship(order.id, place));
  }
  if (location !== undefined) await world.sent(order, location);
  else {
    truth.cancel(order.id);
    measures.cancelled += 1;
    await world.cancelled(order);
  }
  watch.look(order.sku);
}

interface Watch {
  /** Something of this SKU may have changed. */
  look(sku: string): void;
  /** Units shown too many and too few now, over all shops. */
  error(): Pick<Moment, 'overshown' | 'undershown'>;
  close(): void;
}

/** Looks again and again at what was wrong, so a figure that is put right by itself is seen too. */
function watchShops(world: World, truth: Truth, clock: DayClock, { lagMs }: Measures): Watch {
  const since = new Map<string, Minute>();
  const partsOf = (key: string) => key.split(' ') as [OnlineChannel, string];
  const off = (channel: OnlineChannel, sku: string) =>
    world.shops.get(channel)!.shown(sku) - Math.max(0, truth.free(sku));
  const ended = (began: Minute) => lagMs.push((Math.min(DAY_MINUTES, clock.minute()) - began) * 60_000);
  const lookAt = (channel: OnlineChannel, sku: string) => {
    const key = `${channel} ${sku}`;
    const began = since.get(key);
    const isWrong = off(channel, sku) !== 0;
    if (isWrong && began === undefined) since.set(key, clock.minute());
    if (isWrong || began === undefined) return;
    ended(began);
    since.delete(key);
  };
  const timer = setInterval(() => {
    for (const key of [...since.keys()]) lookAt(...partsOf(key));
  }, LOOK_EVERY_MS);
  return {
    look(sku) {
      for (const channel of ONLINE_CHANNELS) lookAt(channel, sku);
    },
    error() {
      const all = [...since.keys()].map((key) => off(...partsOf(key)));
      const sum = (units: readonly number[]) => units.reduce((total, n) => total + n, 0);
      return { overshown: sum(all.filter((n) => n > 0)), undershown: -sum(all.filter((n) => n < 0)) };
    },
    close() {
      clearInterval(timer);
      for (const began of since.values()) ended(began);
    },
  };
}

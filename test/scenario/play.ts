// Plays the script of a day over a world, against the shelves, and measures what a retailer feels: orders that cannot be
// sent, buyers who were told sold out beside full shelves, how long each shop showed something wrong.
import { type ByCause, noCauses } from './causes.ts';
import { DAY_MINUTES, type Happening, type Minute } from './day.ts';
import type { DayClock } from './fast-time.ts';
import type { Moment } from './result.ts';
import type { Truth } from './truth.ts';
import { causeNow, type Watch, watchShops } from './watch.ts';
import type { Placed, World } from './world.ts';

export interface Measures {
  accepted: number;
  /** Accepted although no unit was left for them. */
  oversold: number;
  /** Why the shop showed too many then. */
  readonly oversoldBy: ByCause;
  /** Nobody could send them. */
  cancelled: number;
  /** Buyers who wanted units that were there and were not shown. */
  lost: number;
  /** The picker was sent nowhere, or to an empty shelf. */
  wrongPicks: number;
  /** How long a shop showed another figure than it should, one for each time, in milliseconds of the day. */
  readonly lagMs: number[];
  /** Minutes of the day that figures of shops were wrong, over all SKUs and shops. */
  readonly wrongMinutes: ByCause;
  readonly moments: Moment[];
}

const PICK_AFTER: Minute = 90;
const SAMPLE_EVERY: Minute = 5;

export async function playDay(
  world: World,
  truth: Truth,
  script: readonly Happening[],
  clock: DayClock,
  progress: (at: Minute, measures: Measures) => void,
): Promise<Measures> {
  const measures: Measures = {
    ...{ accepted: 0, oversold: 0, cancelled: 0, lost: 0, wrongPicks: 0, lagMs: [], moments: [] },
    ...{ oversoldBy: noCauses(), wrongMinutes: noCauses() },
  };
  const watch = watchShops(world, truth, clock.minute, measures);
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
  const cause = causeNow(world, truth, channel, sku);
  const theirs = world.shops.get(channel)!.buy(sku, units);
  if (theirs === undefined) {
    if (truth.free(sku) >= units) measures.lost += 1;
    return undefined;
  }
  measures.accepted += 1;
  if (truth.accept({ id, sku, units }) === 'oversold') {
    measures.oversold += 1;
    // Shown right and oversold cannot be: `cause` is there.
    measures.oversoldBy[cause!] += 1;
  }
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

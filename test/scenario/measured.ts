// What one run came to when everything is at rest: its measures with what the systems say against what is on the shelves.
import type { Measures } from './play.ts';
import type { RunResult } from './result.ts';
import { ONLINE_CHANNELS, type Retailer } from './retailer.ts';
import type { Truth } from './truth.ts';
import type { World } from './world.ts';

export interface Drift {
  readonly system: string;
  readonly units: number;
  readonly lines: number;
}

/** Books against shelves, and every shop against what it should show. */
export async function driftOf(world: World, retailer: Retailer, truth: Truth): Promise<readonly Drift[]> {
  const books = (await world.figures()).map(({ system, units, location }) => {
    const shelves = [...truth.all].filter(([stock]) => location === undefined || stock.endsWith(`~${location}`));
    return { system, ...differences(units, new Map(shelves)) };
  });
  const shops = ONLINE_CHANNELS.map((channel) => {
    const { shown } = world.shops.get(channel)!;
    const figures = (of: (sku: string) => number) =>
      new Map(retailer.articles.map(({ sku }) => [sku, of(sku)] as const));
    return {
      system: channel,
      ...differences(
        figures(shown),
        figures((sku) => Math.max(0, truth.free(sku))),
      ),
    };
  });
  return [...books, ...shops];
}

/** Manual work: each wrong pick, cancellation and line that differs is one piece, and what else people had to do (`byHand`). */
export function resultOf(world: World, measures: Measures, drift: readonly Drift[], byHand: number): RunResult {
  const { accepted, oversold, cancelled, lost, wrongPicks, lagMs, moments, oversoldBy, wrongMinutes } = measures;
  const calls = [...world.shops.values()].map((shop) => shop.calls());
  const sum = (numbers: readonly number[]) => numbers.reduce((total, n) => total + n, 0);
  return {
    ...{ name: world.name, erp: world.erp },
    orders: { accepted, oversold, cancelled, lost },
    calls: { made: sum(calls.map(({ made }) => made)), updates: sum(calls.map(({ updates }) => updates)) },
    manual: wrongPicks + cancelled + sum(drift.map(({ lines }) => lines)) + byHand,
    driftAtEnd: sum(drift.map(({ units }) => units)),
    ...{ lagMs, moments, causes: { oversold: oversoldBy, wrongMinutes } },
  };
}

function differences(said: ReadonlyMap<string, number>, is: ReadonlyMap<string, number>) {
  let [units, lines] = [0, 0];
  for (const key of new Set([...said.keys(), ...is.keys()])) {
    const off = Math.abs((said.get(key) ?? 0) - (is.get(key) ?? 0));
    units += off;
    if (off > 0) lines += 1;
  }
  return { units, lines };
}

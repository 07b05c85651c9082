// One day of one world: its systems are started and filled, the script is played, and when all is at rest what every system
// says is compared with the shelves.
import type { OpenBooks } from './books.ts';
import { type Happening, offlineStore } from './day.ts';
import { type DayTime, fastTime, type Speed } from './fast-time.ts';
import { type Drift, driftOf, resultOf } from './measured.ts';
import { playDay } from './play.ts';
import type { RunResult } from './result.ts';
import type { Retailer } from './retailer.ts';
import { createTruth } from './truth.ts';
import type { World } from './world.ts';

export type OpenWorld = (retailer: Retailer, time: DayTime, openBooks: OpenBooks) => Promise<World>;

export interface Day {
  readonly retailer: Retailer;
  readonly script: readonly Happening[];
  readonly speeds: readonly Speed[];
  readonly openBooks: OpenBooks;
  readonly say: (text: string) => void;
}

const SAY_EVERY = 120;
const OPENS_AT_HOUR = 7;

export async function runDay(
  open: OpenWorld,
  { retailer, script, speeds, openBooks, say }: Day,
): Promise<{ readonly result: RunResult; readonly drift: readonly Drift[] }> {
  const truth = createTruth(retailer, offlineStore(retailer));
  const time = fastTime(speeds);
  const world = await open(retailer, time, openBooks);
  try {
    await world.settle();
    say(`${world.name}: ERP is ${world.erp}; the shops are filled`);
    time.begin();
    const measures = await playDay(world, truth, script, time, (at, { accepted, oversold }) => {
      if (at % SAY_EVERY !== 0) return;
      say(`${world.name}: ${OPENS_AT_HOUR + at / 60}:00, ${accepted} orders, ${oversold} oversold`);
    });
    const drift = await driftOf(world, retailer, truth);
    for (const { system, units, lines } of drift) {
      if (lines > 0) say(`${world.name}: ${system} differs by ${units} units in ${lines} lines`);
    }
    const work = await world.manualWork();
    for (const one of new Set(work.map((text) => text.replace(/:.*/s, '')))) {
      say(`${world.name}: by hand, ${work.filter((text) => text.startsWith(one)).length} × ${one}`);
    }
    return { result: resultOf(world, measures, drift, work.length), drift };
  } finally {
    await world.close();
  }
}

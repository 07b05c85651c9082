// A rehearsal: a retailer trades, at some time something goes wrong, people do what the playbook says, and at the end nothing
// may be lost. Played against the real product on a clock that runs faster.
import { clock } from '../support/curve-panels.ts';
import type { Check } from './checks.ts';
import { commonChecks } from './checks.ts';
import type { Curve, Sample } from './samples.ts';
import { createSampler } from './samples.ts';
import { startTraffic } from './traffic.ts';
import { openWorld, type World, type WorldOptions } from './world.ts';

/** Minutes of the story. */
export type Minute = number;

export interface Act {
  readonly at: Minute;
  /** What happens, for the picture and the screen. */
  readonly says: string;
  readonly by: 'fault' | 'people';
  do(world: World): Promise<void> | void;
}

export interface Rehearsal {
  /** As in docs/playbooks/<name>.md. */
  readonly name: string;
  readonly title: string;
  /** How long it is traded. */
  readonly minutes: Minute;
  /** Seconds of the story in a real one. */
  readonly speed: number;
  /** Sales a minute of the story: at tills, in the web shop, at the marketplace. */
  readonly sales: { readonly tills: number; readonly web: number; readonly marketplace: number };
  /** Called at the beginning; what it opens is closed at the end. */
  readonly world?: () => Prepared | Promise<Prepared>;
  readonly acts: readonly Act[];
  readonly curves: readonly Curve[];
  /** What must hold besides that nothing is lost and all agree. */
  checks?(world: World, samples: readonly Sample[]): Promise<readonly Check[]> | readonly Check[];
}

export type Prepared = Partial<WorldOptions> & { readonly close?: () => Promise<void> };

export interface Played {
  readonly rehearsal: Rehearsal;
  readonly samples: readonly Sample[];
  readonly checks: readonly Check[];
}

const SAMPLES = 240;
const LOOK_MS = 20;

export async function play(rehearsal: Rehearsal, say: (text: string) => void): Promise<Played> {
  const { minutes, speed, acts, sales } = rehearsal;
  const { close, ...options } = (await rehearsal.world?.()) ?? {};
  const world = await openWorld({ seed: 1, ...options }, speed);
  try {
    const sampler = createSampler(world);
    const traffic = startTraffic(world, sales);
    const waiting = [...acts].sort((a, b) => a.at - b.at);
    for (let next = 0; world.minute() < minutes; ) {
      while (waiting[0] !== undefined && waiting[0].at <= world.minute()) {
        const act = waiting.shift()!;
        say(`${clock(act.at)}  ${act.says}`);
        await act.do(world);
      }
      if (world.minute() >= next) {
        await sampler.take();
        next += minutes / SAMPLES;
      }
      await world.rest(LOOK_MS);
    }
    say(`${clock(minutes)}  trading stops; everything is said to everybody`);
    await traffic.stop();
    for (let n = 0; n < 12 || !(await world.isQuiet()); n += 1) {
      await sampler.take();
      await world.rest(5 * LOOK_MS);
      if (n > 1_200) break;
    }
    await sampler.take();
    const checks = [...(await commonChecks(world)), ...((await rehearsal.checks?.(world, sampler.samples)) ?? [])];
    return { rehearsal, samples: sampler.samples, checks };
  } finally {
    await world.close();
    await close?.();
  }
}

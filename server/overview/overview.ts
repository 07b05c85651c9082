// The overview that everybody looks at together: computed once for all who ask within a second, and once a second while
// anybody looks on. Samples are taken all the time, so that there is a curve when somebody comes.
import type { Timers } from '../../adapters/publishing/timers.ts';
import { type Figures, figuresOf, type OverviewRoom } from './figures.ts';
import { createSamples, SAMPLE_MS, type Sample } from './samples.ts';

export interface Overview {
  /** At most a second old. */
  now(): Figures;
  /** Commands a second over the last few seconds. */
  commandsPerSecond(): number;
  samples(): readonly Sample[];
  /** Resolves when there are newer figures than those of `tick`, once a second at most; at once when it stops. */
  next(tick: number, signal: AbortSignal): Promise<number>;
  close(): void;
}

const TICK_MS = 1_000;

export interface OverviewOptions extends OverviewRoom {
  readonly timers: Timers;
}

export function openOverview(room: OverviewOptions): Overview {
  const { timers } = room;
  const samples = createSamples();
  const waiting = new Set<() => void>();
  let figures: Figures | undefined;
  let figuresAt = 0;
  let tick = 0;
  let cancelTick: (() => void) | undefined;
  let [sampledAt, sampledCommands, rate] = [timers.now(), 0, 0];

  const now = () => {
    const at = timers.now();
    if (figures === undefined || at - figuresAt >= TICK_MS) {
      figures = figuresOf(room);
      figuresAt = at;
    }
    return figures;
  };
  const sample = () => {
    const seen = now();
    const { taken, duplicates, refused, failed } = seen.commands;
    const commands = taken + duplicates + refused + failed;
    const at = timers.now();
    rate = at > sampledAt ? ((commands - sampledCommands) * 1_000) / (at - sampledAt) : rate;
    [sampledAt, sampledCommands] = [at, commands];
    samples.add(sampleOf(seen, rate));
    cancelSample = timers.after(SAMPLE_MS, sample);
  };
  let cancelSample = timers.after(SAMPLE_MS, sample);
  const wake = () => {
    tick += 1;
    cancelTick = undefined;
    const woken = [...waiting];
    waiting.clear();
    for (const resume of woken) resume();
  };
  return {
    now,
    commandsPerSecond: () => rate,
    samples: samples.all,
    async next(seen, signal) {
      if (seen < tick || signal.aborted) return tick;
      cancelTick ??= timers.after(TICK_MS, wake);
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.add(resolve);
      const stop = () => resolve();
      signal.addEventListener('abort', stop, { once: true });
      await promise;
      signal.removeEventListener('abort', stop);
      waiting.delete(resolve);
      return tick;
    },
    close() {
      cancelSample();
      cancelTick?.();
      wake();
    },
  };
}

function sampleOf(figures: Figures, commandsPerSecond: number): Sample {
  const channels = figures.channels.flatMap(({ channel, status }) => {
    if (status === undefined) return [];
    const { lag, backlog, inFlight } = status;
    return [[channel, { p50Ms: lag?.p50Ms, p99Ms: lag?.p99Ms, backlog: backlog + inFlight }] as const];
  });
  return {
    at: figures.at,
    commandsPerSecond,
    oversold: figures.oversold.stocks,
    openCases: figures.cases.open,
    channels: new Map(channels),
  };
}

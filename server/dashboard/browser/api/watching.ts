// The overview as it lives: opened while a page shows it, with a history that grows by what arrives.
import { type ReadonlySignal, signal } from '@preact/signals';
import { useLayoutEffect, useMemo } from 'preact/hooks';
import type { z } from 'zod';
import type { OverviewDocument } from '../../../routes/openapi/overview-document.ts';
import { type Live, type LiveState, openLive } from './live.ts';

export type Overview = z.infer<typeof OverviewDocument>;
export type History = NonNullable<Overview['history']>;

export interface Watching {
  readonly overview: ReadonlySignal<Overview | undefined>;
  readonly history: ReadonlySignal<History>;
  readonly live: ReadonlySignal<LiveState>;
  /** When something was heard last, ms since the epoch. */
  readonly heardAt: ReadonlySignal<number>;
  retry(): void;
}

const EMPTY: History = { at: [], channels: {} };
/** Half an hour of samples. */
const POINTS_MAX = 360;
const STEP_MS = 5_000;
/** Figures come every second. */
const SILENCE_MS_MAX = 10_000;

export function useOverview(): Watching {
  const watching = useMemo(() => {
    const overview = signal<Overview | undefined>(undefined);
    const history = signal<History>(EMPTY);
    const live = signal<LiveState>({ state: 'connecting' });
    const heardAt = signal(Date.now());
    let stream: Live | undefined;
    return {
      ...{ overview, history, live, heardAt },
      retry: () => stream?.retry(),
      open() {
        stream = openLive('/v1/operations/overview', SILENCE_MS_MAX, ({ event, data }) => {
          if (event !== 'overview') return;
          const next = JSON.parse(data) as Overview;
          heardAt.value = Date.now();
          history.value = next.history ?? grown(history.value, next);
          overview.value = next;
        });
        const unsubscribe = stream.state.subscribe((now) => {
          live.value = now;
        });
        return () => {
          unsubscribe();
          stream?.close();
        };
      },
    };
  }, []);
  // Before the first paint: the figures come while it paints.
  useLayoutEffect(watching.open, [watching]);
  return watching;
}

/** With what is shown now as one more point, when it is time for one. */
function grown(history: History, overview: Overview): History {
  const at = Date.parse(overview.at);
  if (at - (history.at.at(-1) ?? 0) < STEP_MS) return history;
  const add = (values: readonly (number | null)[] | undefined, value: number | undefined) =>
    [...(values ?? history.at.map(() => null)), value ?? null].slice(-POINTS_MAX);
  const { commands, oversold, cases } = overview;
  const channels = overview.channels.flatMap(({ channel, publishing }) => {
    if (publishing === undefined) return [];
    const before = history.channels[channel];
    const { lag, backlog, inFlight } = publishing;
    const after = {
      p50Ms: add(before?.p50Ms, lag?.p50Ms),
      p99Ms: add(before?.p99Ms, lag?.p99Ms),
      backlog: add(before?.backlog, backlog + inFlight),
    };
    return [[channel, after] as const];
  });
  return {
    at: [...history.at, at].slice(-POINTS_MAX),
    ...(commands && { commandsPerSecond: add(history.commandsPerSecond, commands.perSecond) }),
    ...(oversold && { oversold: add(history.oversold, oversold.stocks) }),
    ...(cases && { openCases: add(history.openCases, cases.open) }),
    channels: Object.fromEntries(channels),
  };
}

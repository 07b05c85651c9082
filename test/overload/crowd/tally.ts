// What the crowd saw in a second: how much it offered, what became of it, and how long what was accepted took.
import { percentile } from '../../../bench/statistics.ts';

export interface Second {
  /** Commands that wanted to be sent, those that no connection was left for included. */
  readonly offered: number;
  readonly accepted: number;
  /** Accepted, by group. */
  readonly acceptedBy: Readonly<Record<string, number>>;
  /** Requests by status, of those that were turned away. */
  readonly refusals: Readonly<Record<string, number>>;
  /** Commands turned away, lines of batches included. */
  readonly refused: number;
  /** Refusals that did not say when to come again. */
  readonly withoutRetryAfter: number;
  /** Requests without an answer, by why. */
  readonly silences: Readonly<Record<string, number>>;
  /** Answers that nobody expects, the first of them as an example. */
  readonly unexpected: number;
  readonly example: string | undefined;
  /** Requests whose commands were accepted, one by one; NaN: none. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly connections: number;
}

export interface Tally {
  offered(commands: number): void;
  accepted(group: string, commands: number, tookMs?: number): void;
  refused(status: number | 'line', commands: number, hasRetryAfter: boolean): void;
  silent(why: string): void;
  unexpected(what: string): void;
  connection(by: 1 | -1): void;
  /** And begins anew. */
  take(): Second;
}

interface Counting {
  offered: number;
  accepted: number;
  acceptedBy: Record<string, number>;
  refusals: Record<string, number>;
  refused: number;
  withoutRetryAfter: number;
  silences: Record<string, number>;
  unexpected: number;
  example: string | undefined;
}

const nothing = (): Counting => ({
  ...{ offered: 0, accepted: 0, acceptedBy: {}, refusals: {}, refused: 0, withoutRetryAfter: 0, silences: {} },
  ...{ unexpected: 0, example: undefined },
});

export function createTally(): Tally {
  let counting = nothing();
  let tooks: number[] = [];
  let connections = 0;
  const add = (to: Record<string, number>, name: string | number, by = 1) => {
    to[name] = (to[name] ?? 0) + by;
  };
  return {
    offered(commands) {
      counting.offered += commands;
    },
    accepted(group, commands, tookMs) {
      counting.accepted += commands;
      add(counting.acceptedBy, group, commands);
      if (tookMs !== undefined) tooks.push(tookMs);
    },
    refused(status, commands, hasRetryAfter) {
      counting.refused += commands;
      add(counting.refusals, status);
      if (!hasRetryAfter) counting.withoutRetryAfter += 1;
    },
    silent: (why) => add(counting.silences, why),
    unexpected(what) {
      counting.unexpected += 1;
      counting.example ??= what.slice(0, 600);
    },
    connection(by) {
      connections += by;
    },
    take() {
      tooks.sort((a, b) => a - b);
      const second = { ...counting, p50Ms: percentile(tooks, 0.5), p99Ms: percentile(tooks, 0.99), connections };
      counting = nothing();
      tooks = [];
      return second;
    },
  };
}

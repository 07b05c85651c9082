// What happened in a run: every step and fault with its virtual time, the marks it met and the promises it broke.
// Two runs of one seed give the same hash; a run that fails prints its last lines.
import { hash } from 'node:crypto';

/** What a set of runs must have met: a simulation that never meets a fault says nothing about it. */
export const MARKS = [
  'conflict',
  'duplicate',
  'torn tail',
  'unknown outcome: lost',
  'unknown outcome: written',
  'unknown outcome: written later',
  'log down',
  'disk full',
  'slow append',
  'log restarted',
  'crash',
  'clean stop',
  'second process down',
  'older projections restored',
  'projections lost',
  'older snapshots restored',
  'snapshot saved',
  'snapshot loaded',
  'passivation',
  'rehydration',
  'oversold',
  'sold by a channel',
  'refused',
  'parked',
  'late fact',
  'sequence gap',
  'clock moved',
  'dead letter of a projection',
  'dead letter of a channel',
  'open breaker',
  'channel fault',
  'call in flight at a crash',
  'subscription dropped',
  'subscription silent',
  'event delivered again',
  'rebuild while serving',
  'read your write',
  'workflow resumed after a crash',
  'crash between appends',
  'order held',
  'order refused',
  'compensated order',
  'order over two locations',
  'order confirmed',
  'commitment short',
  'next units',
  'order partlyFulfilled',
  'order fulfilled',
  'order cancelled',
  'order expired',
  'transfer requested',
  'transfer refused',
  'transfer cancelled',
  'transfer completed',
  'transfer with a discrepancy',
  'hold expired',
] as const;
export type Mark = (typeof MARKS)[number];

export interface Violation {
  /** The invariant or requirement, such as P4 or R4. */
  readonly promise: string;
  readonly what: string;
}

export interface Trace {
  note(what: string): void;
  mark(mark: Mark, what?: string): void;
  violated(promise: string, what: string): void;
  readonly lines: readonly string[];
  readonly marks: ReadonlyMap<Mark, number>;
  readonly violations: readonly Violation[];
  hash(): string;
}

const VIOLATIONS_MAX = 20;

export function createTrace(now: () => number): Trace {
  const start = now();
  const lines: string[] = [];
  const marks = new Map<Mark, number>();
  const violations: Violation[] = [];
  const note = (what: string) => void lines.push(`${((now() - start) / 1_000).toFixed(3)} ${what}`);
  return {
    note,
    mark(mark, what) {
      marks.set(mark, (marks.get(mark) ?? 0) + 1);
      if (what !== undefined) note(what);
    },
    violated(promise, what) {
      if (violations.length < VIOLATIONS_MAX) violations.push({ promise, what });
      note(`BROKEN ${promise}: ${what}`);
    },
    lines,
    marks,
    violations,
    hash: () => hash('sha256', lines.join('\n')),
  };
}

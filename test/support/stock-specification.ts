// given / when / then for the decider. `given` takes commands that are accepted one after another, `when` one more
// command, and the end says what it must give: one event, a refusal, or the revision of an earlier event.
// Whoever expects an event names only the levels it changes: every other quantity must stay as it was.
import { expect } from 'vitest';
import { StockCommand, type StockCommandJson } from '../../domain/stock/commands.ts';
import { type Decision, decide } from '../../domain/stock/decide.ts';
import { StockEvent, type StockEventOf, type StockEventType } from '../../domain/stock/events.ts';
import { evolve } from '../../domain/stock/evolve.ts';
import type { Levels } from '../../domain/stock/levels.ts';
import { emptyStock, type Stock } from '../../domain/stock/stock.ts';
import type { RefusalReason, StockPolicy } from '../../domain/stock/verdict.ts';
import { DAY, MINUTE } from '../../domain/time.ts';

/** 2026-11-23T12:00:00Z: `at` and `received` of a step are milliseconds from here. */
export const NOON = Date.UTC(2026, 10, 23, 12);
export const WINDOW_MS = 45 * DAY;
export const SKEW_MS = 10 * MINUTE;

export const OPEN_POLICY: StockPolicy = { safetyStock: 0, quotas: [], windowMs: WINDOW_MS, clockSkewMsMax: SKEW_MS };

type Fields<C> = C extends unknown ? Omit<C, 'id' | 'sku' | 'location' | 'occurredAt'> : never;
/** A command without what most tests do not care about. */
export type Step = Fields<StockCommandJson> & {
  /** Default: its place among the given steps, `c0`, `c1` … */
  readonly id?: string;
  /** When it happened, ms from NOON. Default: a minute before it is received for facts, not said for requests. */
  readonly at?: number;
  /** When it is received, ms from NOON. Default 0. */
  readonly received?: number;
};

const REQUEST = /^(reservation\.|transfer\.request)/;

export function instantText(ms: number): string {
  return new Date(ms).toISOString();
}

/** The parsed command of a step. */
export function commandOf({ at, received = 0, ...fields }: Step, id: string): StockCommand {
  const occurred = at ?? (REQUEST.test(fields.type) ? undefined : received - MINUTE);
  return StockCommand.parse({
    id,
    sku: '85123A',
    location: 'store-001',
    ...(occurred === undefined ? undefined : { occurredAt: instantText(NOON + occurred) }),
    ...fields,
  });
}

type Unframed<T extends StockEventType> = { readonly type: T } & Omit<
  StockEventOf<T>,
  'type' | 'v' | 'commandId' | 'source' | 'sequence' | 'occurredAt' | 'recordedAt' | 'levels'
>;

export interface Outcome {
  /** The one event, all its own fields, and the levels it changed. Gives the stock after it. */
  thenGives<T extends StockEventType>(event: Unframed<T>, changed?: Partial<Levels>): Stock;
  thenRefuses(reason: RefusalReason): void;
  /** A duplicate of the event at `revision`. */
  thenRecalls(revision: number): void;
  readonly before: Stock;
  readonly decision: Decision;
}

export interface Given {
  readonly stock: Stock;
  under(policy: Partial<StockPolicy>): Given;
  and(...steps: readonly Step[]): Given;
  when(step: Step): Outcome;
}

/** The stock that these commands lead to. Throws if one of them is not accepted: then the test's story is wrong. */
export function given(...steps: readonly Step[]): Given {
  return story(emptyStock(), OPEN_POLICY, 0).and(...steps);
}

function story(stock: Stock, policy: StockPolicy, told: number): Given {
  const judge = (from: Stock, step: Step, id: string) =>
    decide(from, commandOf(step, id), { now: NOON + (step.received ?? 0), policy, source: 'till-1' });
  return {
    stock,
    under: (changes) => story(stock, { ...policy, ...changes }, told),
    and(...steps) {
      const after = steps.reduce((from, step, n) => {
        const decision = judge(from, step, step.id ?? `c${told + n}`);
        if (decision.outcome !== 'accepted') throw new Error(`given ${step.type}: ${JSON.stringify(decision)}`);
        return decision.events.reduce((s, event) => evolve(s, event), from);
      }, stock);
      return story(after, policy, told + steps.length);
    },
    when: (step) => outcome(stock, judge(stock, step, step.id ?? 'when')),
  };
}

function outcome(before: Stock, decision: Decision): Outcome {
  return {
    before,
    decision,
    thenGives(expected, changed = {}) {
      expect(decision).toMatchObject({ outcome: 'accepted' });
      const [event, ...more] = (decision as Extract<Decision, { outcome: 'accepted' }>).events;
      expect(more).toEqual([]);
      const { v: _, commandId: __, source: ___, sequence: ____, occurredAt, recordedAt, levels, ...own } = event!;
      expect(own).toStrictEqual(expected);
      expect({ ...levels }).toStrictEqual({ ...before.levels, ...changed });
      expect(StockEvent.parse(event)).toStrictEqual(event);
      return evolve(before, event!);
    },
    thenRefuses: (reason) => expect(decision).toMatchObject({ outcome: 'refused', reason }),
    thenRecalls: (revision) => expect(decision).toStrictEqual({ outcome: 'duplicate', revision }),
  };
}

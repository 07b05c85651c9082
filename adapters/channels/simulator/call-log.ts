// What a simulated channel was asked: every call with its time and the SKUs it named, so that a test or the scenario can
// judge pace (P13) and daily budgets from the channel's own side.
import type { CallKind } from './faults.ts';

export interface RecordedCall {
  readonly kind: CallKind;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** In the channel's own words; empty where the call names none. */
  readonly skus: readonly string[];
  /** Of the answer; undefined: none was sent, or not yet. */
  status: number | undefined;
}

export interface CallLog {
  /** The latest, oldest first. */
  readonly calls: readonly RecordedCall[];
  /** How many there were of this kind since the start. */
  count(kind: CallKind): number;
  add(call: RecordedCall): RecordedCall;
}

/** The oldest leave: it is a simulator, not a ledger. */
const CALLS_MAX = 20_000;

export function createCallLog(): CallLog {
  const calls: RecordedCall[] = [];
  const counts = new Map<CallKind, number>();
  return {
    calls,
    count: (kind) => counts.get(kind) ?? 0,
    add(call) {
      calls.push(call);
      if (calls.length > CALLS_MAX) calls.splice(0, CALLS_MAX / 10);
      counts.set(call.kind, (counts.get(call.kind) ?? 0) + 1);
      return call;
    },
  };
}

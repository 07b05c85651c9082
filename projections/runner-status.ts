// What the runner says of itself: for /readyz, metrics, the lag alarm (30 s) and whoever runs the place.
import type { Position } from '../domain/event-log.ts';
import type { Instant } from '../domain/time.ts';
import type { Member } from './dead-letters.ts';
import type { Rebuilds } from './rebuild.ts';
import type { SubscriptionState } from './supervised-subscription.ts';

export interface RunnerStatus {
  readonly position: Position;
  /** Head of the log when last asked (every few seconds). */
  readonly head: Position;
  /** `head − position`: events where the log counts positions one by one, else only more than nothing. */
  readonly lagPositions: bigint;
  /** How old the newest folded event is while there are newer ones, ms; 0 when there are none. */
  readonly lagMs: number;
  /** Behind, or the log not answering, for longer than the alarm. */
  readonly lagging: boolean;
  readonly resubscribed: number;
  readonly silentRestarts: number;
  readonly subscriptionFailure: string | undefined;
  /** Why the state could not be stored last; the read model still serves, and catches up again after a restart. */
  readonly storeFailure: string | undefined;
  readonly projections: readonly ProjectionStatus[];
}

export interface ProjectionStatus {
  readonly name: string;
  readonly version: number;
  readonly position: Position;
  /** Why its stored state was not used at the start, if it was not. */
  readonly discarded: string | undefined;
  readonly rebuilding: boolean;
  readonly rebuilds: number;
  readonly deadLetters: number;
  readonly deadLettersForgotten: number;
}

export interface StatusSource {
  readonly position: Position;
  /** Of the last folded event. */
  readonly recordedAt: Instant | undefined;
  readonly now: Instant;
  readonly alarmMs: number;
  readonly subscription: SubscriptionState;
  readonly storeFailure: string | undefined;
  readonly members: readonly Member[];
  readonly rebuilds: Rebuilds;
  readonly discarded: ReadonlyMap<string, string | undefined>;
}

export function runnerStatus(source: StatusSource): RunnerStatus {
  const { position, now, alarmMs, subscription, rebuilds } = source;
  const { head, unreachableSince } = subscription;
  const behind = head > position;
  const upToDateAt = Math.max(source.recordedAt ?? 0, subscription.caughtUpAt ?? 0);
  const lagMs = behind ? Math.max(0, now - upToDateAt) : 0;
  return {
    position,
    head: behind ? head : position,
    lagPositions: behind ? head - position : 0n,
    lagMs,
    lagging: lagMs >= alarmMs || (unreachableSince !== undefined && now - unreachableSince >= alarmMs),
    resubscribed: subscription.resubscribed,
    silentRestarts: subscription.silentRestarts,
    subscriptionFailure: subscription.failure,
    storeFailure: source.storeFailure,
    projections: source.members.map((member) => ({
      name: member.definition.name,
      version: member.projection.version,
      position: member.position,
      discarded: source.discarded.get(member.definition.name),
      rebuilding: rebuilds.isRunning(member.definition.name),
      rebuilds: rebuilds.done(member.definition.name),
      deadLetters: member.deadLetters.length,
      deadLettersForgotten: member.forgotten,
    })),
  };
}

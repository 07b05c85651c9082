// Folds one event into one projection and lets nothing stop the rest: an event that throws is tried three times, then
// set aside as a dead letter. A projection with dead letters is put right by a rebuild once the cause is fixed.
import type { Position, RecordedEvent } from '../domain/event-log.ts';
import { START } from '../domain/event-log.ts';
import type { Instant } from '../domain/time.ts';
import type { Checkpoint, Projection, ProjectionDefinition } from './projection.ts';

export interface DeadLetter {
  readonly projection: string;
  readonly position: Position;
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  readonly reason: string;
  readonly at: Instant;
}

/** A projection on its way through the log. */
export interface Member {
  readonly definition: ProjectionDefinition;
  readonly projection: Projection;
  readonly generation: number;
  position: Position;
  last: Checkpoint | undefined;
  deadLetters: DeadLetter[];
  /** Dead letters beyond the limit: counted, not kept. */
  forgotten: number;
}

export const DEAD_LETTERS_MAX = 10_000;
export const TRIES_MAX = 3;
const REASON_LENGTH_MAX = 500;

export function newMember(definition: ProjectionDefinition, projection: Projection, generation: number): Member {
  return { definition, projection, generation, position: START, last: undefined, deadLetters: [], forgotten: 0 };
}

/** Skips what is already folded: a subscription may deliver an event again. Never throws. */
export function fold(member: Member, event: RecordedEvent, now: () => Instant): void {
  if (event.position <= member.position) return;
  try {
    member.projection.apply(event);
  } catch (error) {
    tryAgain(member, event, error, now);
  }
  member.position = event.position;
  member.last = event;
}

function tryAgain(member: Member, event: RecordedEvent, first: unknown, now: () => Instant): void {
  let reason = first;
  for (let tries = 1; tries < TRIES_MAX; tries++) {
    try {
      member.projection.apply(event);
      return;
    } catch (error) {
      reason = error;
    }
  }
  if (member.deadLetters.length >= DEAD_LETTERS_MAX) {
    member.forgotten += 1;
    return;
  }
  const { position, stream, revision, type } = event;
  const text = (reason instanceof Error ? `${reason.name}: ${reason.message}` : String(reason)).slice(
    0,
    REASON_LENGTH_MAX,
  );
  member.deadLetters.push({
    projection: member.definition.name,
    position,
    stream,
    revision,
    type,
    reason: text,
    at: now(),
  });
}

// When an event came into the log. Streams name it by what it was: events of workflows have `recordedAt`, those of publishing,
// comparing and telling others their own words; whoever asks of any event asks here.
import type { JsonObject } from './event-log.ts';
import type { Instant } from './time.ts';

export const KNOWN_AT = [
  ...(['recordedAt', 'finishedAt', 'at', 'completedAt', 'failedAt', 'comparedAt', 'madeAt', 'takenAt'] as const),
  ...(['readAt', 'foundAt', 'postedAt', 'heldAt', 'stoppedAt', 'askedAt', 'dismissedAt', 'startedAt'] as const),
];

/** Undefined: nobody wrote it down, as of what only repeats what other events said. */
export function knownAt(data: JsonObject): Instant | undefined {
  for (const name of KNOWN_AT) if (typeof data[name] === 'number') return data[name];
  return undefined;
}

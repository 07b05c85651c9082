// An append of unknown outcome is repeated: same ids, same expected revision, so it lands once at most.
import { type Appended, type EventLog, type EventToAppend, UnknownOutcome } from '../domain/event-log.ts';

const REPEATS_MAX = 4;
export const RETRY_BASE_MS = 5;

export interface RepeatRoom {
  readonly log: EventLog;
  readonly random: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** @throws Conflict · Unavailable · UnknownOutcome when it stays unknown */
export async function appendRepeating(
  { log, random, sleep }: RepeatRoom,
  stream: string,
  expectedRevision: number,
  events: readonly EventToAppend[],
  onRepeat: (stream: string) => void = () => {},
): Promise<Appended> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await log.append(stream, expectedRevision, events);
    } catch (error) {
      if (!(error instanceof UnknownOutcome) || attempt >= REPEATS_MAX) throw error;
      onRepeat(stream);
      await sleep(random() * RETRY_BASE_MS * 2 ** attempt);
    }
  }
}

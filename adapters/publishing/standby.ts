// Waits until a channel may be taken: at once when nobody holds it, or after a lease in which whoever holds it owed something
// (an update, a look, an answer) and wrote nothing. Who lives but has nothing to do is asked now and then. Whether the wait was
// right is decided by the append that takes the channel: it fails if anything was written that was not seen here.
import { CHANNEL_EVENT_VERSION } from '../../domain/channel/events.ts';
import { sessionName } from '../../domain/session-name.ts';
import { MINUTE, SECOND } from '../../domain/time.ts';
import { openRecorder } from './record.ts';
import type { Surroundings } from './surroundings.ts';
import { isOwing } from './tenure.ts';
import { type Moment, pause } from './timers.ts';

export interface Standby {
  readonly channel: string;
  readonly with: Pick<Surroundings, 'published' | 'log' | 'hashes' | 'timers' | 'random' | 'clock'>;
  readonly node: string;
  readonly leaseMs: number;
  readonly hasWork: () => boolean;
  /** Ends a rest early: somebody left, say. */
  readonly woken: () => AbortSignal;
  readonly signal: AbortSignal;
}

/** How long a channel is left alone that owes nothing. */
export const QUIET_MS = 15 * MINUTE;
const LOOKS_PER_LEASE = 6;
const ASK_MS = 5 * SECOND;

/** The revision of the last event of whoever held it; undefined: the signal aborted first. */
export async function untilFree(room: Standby): Promise<number | undefined> {
  const { channel, leaseMs, hasWork, signal } = room;
  const { published, timers } = room.with;
  let livedAt: number | undefined;
  let heardAt: Moment = Number.NEGATIVE_INFINITY;
  let owingSince: Moment | undefined;
  while (!signal.aborted) {
    const record = published.channel(channel);
    if (record.holder === undefined) return record.livedAt;
    const now = timers.now();
    if (record.livedAt !== livedAt) {
      owingSince = undefined;
      if (livedAt !== undefined) heardAt = now;
      livedAt = record.livedAt;
    }
    if (isOwing(record, hasWork)) {
      owingSince ??= now;
      if (now - owingSince >= leaseMs) return livedAt;
    } else {
      owingSince = undefined;
      if (now - heardAt >= QUIET_MS) {
        heardAt = now;
        await ask(room).catch(() => {});
      }
    }
    await pause(timers, leaseMs / LOOKS_PER_LEASE, AbortSignal.any([signal, room.woken()]));
  }
  return undefined;
}

/** Not in vain if it fails: it is asked again at the next time. */
async function ask({ channel, with: surroundings, node, signal }: Standby): Promise<void> {
  const { published, timers, clock, random } = surroundings;
  const enough = new AbortController();
  const cancel = timers.after(ASK_MS, () => enough.abort());
  try {
    const recorder = await openRecorder(channel, published.channel(channel), {
      ...surroundings,
      signal: AbortSignal.any([enough.signal, signal]),
      stalled() {},
    });
    const event = { type: 'PublishingAsked', v: CHANNEL_EVENT_VERSION, askedAt: clock.now(), node } as const;
    const cause = `asked-${sessionName(clock.now(), random)}`;
    await recorder.append({ cause, events: [event], unless: 'written' });
  } finally {
    cancel();
  }
}

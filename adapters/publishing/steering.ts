// What people have done with a channel: tell it nothing more, go on, tell it again. Each is an event of the channel's own
// stream, so it outlives a restart, holds in every process that publishes to the channel, and the audit names who and why.
import { CHANNEL_EVENT_VERSION, type SteeringEvent } from '../../domain/channel/events.ts';
import type { Appended } from '../../domain/event-log.ts';
import { sessionName } from '../../domain/session-name.ts';
import { openRecorder } from './record.ts';
import type { Surroundings } from './surroundings.ts';

export type Steering =
  | { readonly action: 'pause'; readonly by: string; readonly reason: string }
  | { readonly action: 'resume'; readonly by: string; readonly reason?: string | undefined }
  | {
      readonly action: 'republish';
      readonly by: string;
      readonly reason?: string | undefined;
      /** At most `REPUBLISHED_SKUS_MAX`; undefined: all that it was ever told. */
      readonly skus?: readonly string[] | undefined;
    };

/** The log is asked again and again for so long; a publisher that writes at the same time comes first now and then. */
const INSIST_MS = 5_000;

/**
 * Resolves when it is in the log and in this process's read model; undefined: it was so already, and nothing was written.
 * @throws Unavailable · UnknownOutcome · Conflict when the log does not take it in time: the same again is harmless
 */
export async function steer(room: Surroundings, channel: string, steering: Steering): Promise<Appended | undefined> {
  const { published, clock, random } = room;
  const enough = new AbortController();
  const cancel = room.timers.after(INSIST_MS, () => enough.abort());
  try {
    const recorder = await openRecorder(channel, published.channel(channel), {
      ...room,
      signal: enough.signal,
      stalled: () => {},
    });
    await published.folded(channel, recorder.end.revision, enough.signal);
    const isPaused = published.channel(channel).paused !== undefined;
    if (steering.action !== 'republish' && isPaused === (steering.action === 'pause')) return undefined;
    const cause = `${steering.action}-${sessionName(clock.now(), random)}`;
    const { revision, position } = await recorder.append({ cause, events: [eventOf(steering, clock.now())] });
    await published.folded(channel, revision, enough.signal);
    return { revision, position };
  } finally {
    cancel();
    enough.abort();
  }
}

function eventOf(steering: Steering, at: number): SteeringEvent {
  const { by, reason } = steering;
  const said = { v: CHANNEL_EVENT_VERSION, at, by, ...(reason === undefined ? {} : { reason }) } as const;
  switch (steering.action) {
    case 'pause':
      return { type: 'PublishingPaused', ...said };
    case 'resume':
      return { type: 'PublishingResumed', ...said };
    case 'republish':
      return {
        type: 'RepublishRequested',
        ...said,
        ...(steering.skus === undefined ? {} : { skus: [...steering.skus] }),
      };
  }
}

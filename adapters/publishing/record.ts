// Appends what a channel was told to the channel's stream, in order and chained by hash. An append is repeated with the
// same events until it is known to be written: nothing else is sent to the channel meanwhile, so the audit misses nothing.

import { type ChannelEvent, channelEventData, channelStream, isOfPublisher } from '../../domain/channel/events.ts';
import { chainHash, eventId, type Hashes } from '../../domain/event-id.ts';
import { type Appended, Conflict, type EventLog, type NewEvent, Unavailable } from '../../domain/event-log.ts';
import { sessionName } from '../../domain/session-name.ts';
import type { Instant } from '../../domain/time.ts';
import { backoffMs } from './backoff.ts';
import { type Moment, pause, type Timers } from './timers.ts';

/** The end of a stream: what the next event is chained to. */
export interface StreamEnd {
  readonly revision: number;
  readonly hash: string;
}

/** Events with one cause; `cause` makes their ids, so it must be new in the stream. */
export interface Cause {
  readonly cause: string;
  readonly traceparent?: string | undefined;
  readonly events: readonly ChannelEvent[];
  /** Not written if meanwhile another process took the channel over, or wrote anything at all; absent: behind it. */
  readonly unless?: 'taken' | 'written' | undefined;
}

export interface Recorded extends Appended {
  /** Another publisher wrote to the stream since the last append: what it told the channel is not known yet. */
  readonly foreign: boolean;
}

/** What must not stand behind what another process wrote was not written. */
export class Overtaken extends Error {
  override readonly name = 'Overtaken';
}

export interface RecorderOptions {
  readonly log: Pick<EventLog, 'append' | 'read'>;
  readonly hashes: Hashes;
  readonly timers: Timers;
  readonly random: () => number;
  readonly signal: AbortSignal;
  /** Called before each repeat, with why. */
  readonly stalled: (reason: string) => void;
}

export interface Recorder {
  readonly end: StreamEnd;
  /** When the last append began that found the channel ours: nobody can have seen us silent since before. Undefined: it is not. */
  readonly oursAt: Moment | undefined;
  /**
   * One at a time. Rejects when the signal aborts or the log is closed: then it is not known to be written.
   * @throws Overtaken as `unless` says
   */
  append(cause: Cause): Promise<Recorded>;
}

/** Names that are new in the channel's stream: numbers, or what is said. */
export function sessionIds(channel: string, now: Instant, random: () => number): (name?: string) => string {
  const session = `${channel}-${sessionName(now, random)}`;
  let last = 0;
  return (name) => `${session}-${name ?? ++last}`;
}

const READ_EVENTS_MAX = 500;
const RETRY_BASE_MS = 100;

/** `known`: an end of the stream seen earlier, from which on it is read to its present end. */
export async function openRecorder(channel: string, known: StreamEnd, options: RecorderOptions): Promise<Recorder> {
  const { log, hashes } = options;
  const stream = channelStream(channel);
  let end = known;
  let isOurs = false;
  let oursAt: Moment | undefined;

  /**
   * Reads on to the end of the stream; the place of the event with one of `ids` that is met last on the way. A process that
   * took the channel over has it from then on.
   */
  async function readOn(ids: ReadonlySet<string>): Promise<{ met: Appended | undefined; foreign: boolean }> {
    let met: Appended | undefined;
    let foreign = false;
    for (;;) {
      const events = await log.read(stream, end.revision + 1, READ_EVENTS_MAX);
      for (const { revision, position, metadata, id, type } of events) {
        end = { revision, hash: String(metadata['hash']) };
        if (ids.has(id)) met = { revision, position };
        else if (isOfPublisher(type)) foreign = true;
        if (type === 'PublishingStarted') isOurs = ids.has(id);
      }
      if (events.length === 0) return { met, foreign };
    }
  }

  await insist(options, () => readOn(new Set()));

  return {
    get end() {
      return end;
    },
    get oursAt() {
      return isOurs ? oursAt : undefined;
    },
    async append({ cause, traceparent, events, unless }) {
      const metadata = { correlationId: cause, ...(traceparent === undefined ? {} : { traceparent }) };
      const takes = events.some(({ type }) => type === 'PublishingStarted');
      let foreign = false;
      // An earlier try may have been written, whatever its answer was.
      let beganAt = options.timers.now();
      return insist(options, async () => {
        const chained = chain(stream, end, cause, metadata, events, hashes);
        if ((unless === 'taken' && !isOurs) || (unless === 'written' && foreign))
          throw new Overtaken(`another process has ${stream}`);
        try {
          const appended = await log.append(stream, end.revision, chained);
          end = { revision: appended.revision, hash: String(chained.at(-1)!.metadata['hash']) };
          isOurs ||= takes;
          oursAt = beganAt;
          return { ...appended, foreign };
        } catch (error) {
          if (!(error instanceof Conflict)) throw error;
          // Ours may be among what was written: an earlier try whose answer was lost, overtaken by another writer.
          const since = await readOn(new Set(chained.map(({ id }) => id)));
          foreign ||= since.foreign;
          if (since.met !== undefined) {
            oursAt = beganAt;
            return { ...since.met, foreign };
          }
          beganAt = options.timers.now();
          throw error;
        }
      });
    },
  };
}

/** Again and again, but for what another process came before with. */
async function insist<R>(options: RecorderOptions, attempt: () => Promise<R>): Promise<R> {
  const { signal, stalled, timers, random } = options;
  for (let n = 1; ; n += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (signal.aborted || error instanceof Overtaken) throw error;
      if (error instanceof Unavailable && error.reason === 'closed') throw error;
      // What came first has been read: the next try stands behind it.
      if (n === 1 && error instanceof Conflict) continue;
      stalled(error instanceof Error ? error.message : String(error));
      await pause(timers, backoffMs(n, RETRY_BASE_MS, random), signal);
      if (signal.aborted) throw error;
    }
  }
}

function chain(
  stream: string,
  after: StreamEnd,
  cause: string,
  metadata: NewEvent['metadata'],
  events: readonly ChannelEvent[],
  hashes: Hashes,
): readonly NewEvent[] {
  let { revision, hash } = after;
  return events.map((event, index) => {
    revision += 1;
    const open: NewEvent = {
      id: eventId(stream, cause, index, hashes),
      type: event.type,
      data: channelEventData(event),
      metadata: { ...metadata, previousHash: hash },
    };
    hash = chainHash(stream, revision, open, hashes);
    return { ...open, metadata: { ...open.metadata, hash } };
  });
}

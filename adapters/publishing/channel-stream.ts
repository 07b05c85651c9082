// The stream of one channel as its publisher writes it: one append after the other, each waited for until both read models
// hold it, so what is sent next is newer than what is recorded and is compared with it.
import type { ChannelRecord } from '../../projections/published-pages.ts';
import { type Cause, openRecorder, type Recorded, type Recorder } from './record.ts';
import type { Surroundings } from './surroundings.ts';
import type { Moment } from './timers.ts';

const CATCH_UP_MS = 1_000;

export interface ChannelStreamOptions {
  readonly channel: string;
  readonly with: Surroundings;
  /** Ends what waits for the read models. */
  readonly calls: AbortSignal;
  /** Publishing is ending: no figure is told any more, so nothing waits for one. */
  readonly isClosed: () => boolean;
  /** Ends what waits for the log. */
  readonly records: AbortSignal;
  /** The log does not take an append, and why; it is tried again. */
  readonly stalled: (reason: string) => void;
  /** It took one. */
  readonly resumed: () => void;
  /** The read model has not reached a record yet. */
  readonly behind: () => void;
}

export interface ChannelStream {
  /** Of the last event known; -1 before `open`. */
  readonly revision: number;
  /** As of a recorder; undefined before `open`. */
  readonly oursAt: Moment | undefined;
  open(): Promise<void>;
  /** @throws Overtaken · Error when publishing ends, or the log is closed */
  append(cause: Cause): Promise<Recorded>;
  /** Resolves when both read models hold the record, or publishing ends. */
  folded(recorded: Recorded): Promise<void>;
  /** The channel's record as of the end of the stream, or as far as it is folded when publishing ends. */
  caughtUp(): Promise<ChannelRecord>;
}

export function openChannelStream(options: ChannelStreamOptions): ChannelStream {
  const { channel, with: surroundings, calls, records } = options;
  const { published, availability, log, hashes, timers, random } = surroundings;
  let recorder: Recorder | undefined;
  let appends: Promise<unknown> = Promise.resolve();

  /** Asked again and again: a rebuilt projection takes the place of the one that was asked. */
  async function foldedUpTo(revision: number): Promise<void> {
    while (!calls.aborted && published.channel(channel).revision < revision) {
      const enough = new AbortController();
      const cancel = timers.after(CATCH_UP_MS, () => enough.abort());
      await published.folded(channel, revision, AbortSignal.any([enough.signal, calls]));
      cancel();
      enough.abort();
    }
  }

  /** Waits for a read model, but not beyond the end of publishing. */
  function reached<R>(reading: Promise<R>): Promise<R | undefined> {
    if (calls.aborted) return Promise.resolve(undefined);
    const ended = Promise.withResolvers<undefined>();
    const onAbort = () => ended.resolve(undefined);
    calls.addEventListener('abort', onAbort, { once: true });
    return Promise.race([reading, ended.promise]).finally(() => calls.removeEventListener('abort', onAbort));
  }

  return {
    get revision() {
      return recorder?.end.revision ?? -1;
    },
    get oursAt() {
      return recorder?.oursAt;
    },
    async open() {
      const { stalled } = options;
      const room = { log, hashes, timers, random, signal: records, stalled };
      recorder ??= await openRecorder(channel, published.channel(channel), room);
    },
    append(cause) {
      const appended = appends.then(() => recorder!.append(cause));
      appended.then(options.resumed, () => {});
      appends = appended.catch(() => {});
      return appended;
    },
    async folded({ revision, position }) {
      await foldedUpTo(revision);
      while (!options.isClosed() && !(await reached(availability.waitFor(position, CATCH_UP_MS)))) options.behind();
    },
    async caughtUp() {
      await foldedUpTo(recorder!.end.revision);
      return published.channel(channel);
    },
  };
}

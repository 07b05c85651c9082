// What may be set on the embedded log, and the limits on what is appended. Everything has a limit and a default.
import type { NewEvent } from '../../../domain/event-log.ts';
import type { Clock } from '../../../domain/time.ts';

export const APPEND_EVENTS_MAX = 1_000;
export const STREAM_CHARS_MAX = 512;
/** As JSON, with stream, id and metadata. EventStoreDB's default is 1 MiB for a whole append. */
export const EVENT_CHARS_MAX = 1024 * 1024;

/** Where a test may stop the process: `after-commit` is written and not yet synced. During the sync a tracer stops it. */
export type CommitPoint = 'before-write' | 'before-commit' | 'after-commit';

export interface SqliteLogOptions {
  /** Created when it is missing. Holds log.sqlite, log.sqlite-wal, log.lock, log.pid and cut-* files. */
  readonly directory: string;
  /** Names the side files of a repair. */
  readonly clock: Clock;
  /** A write failed for another reason than a full disk: nothing is acknowledged any more, end the process non-zero. */
  readonly onFatal?: (error: Error) => void;
  /** Last revisions kept in memory, about 90 bytes each; half of it is kept without being looked up again. */
  readonly headsMax?: number;
  readonly pendingCharsMax?: number;
  readonly frameCacheBytesMax?: number;
  readonly recentEventsMax?: number;
  readonly recentBytesMax?: number;
  /** Events that come together in memory before their places are written to the index. */
  readonly generationEvents?: number;
  /** Rows of the index written in one turn, at most. */
  readonly sliceRows?: number;
  /** Parts the streams are spread over in the index; fixed when the log is created. */
  readonly indexBuckets?: number;
  /** Pages of 4 KiB in the write-ahead log after which it is written back. */
  readonly walPagesMax?: number;
  /** Writes the stream index again from the frames before anything is read. */
  readonly rebuildIndex?: boolean;
  /** Called at the named points of a commit. For crash tests. */
  readonly atPoint?: (point: CommitPoint) => void;
}

export type Limits = Required<Omit<SqliteLogOptions, 'directory' | 'clock' | 'onFatal' | 'rebuildIndex'>>;

export function limitsOf(options: SqliteLogOptions): Limits {
  return {
    headsMax: options.headsMax ?? 3_000_000,
    pendingCharsMax: options.pendingCharsMax ?? 64 * 1024 * 1024,
    frameCacheBytesMax: options.frameCacheBytesMax ?? 32 * 1024 * 1024,
    recentEventsMax: options.recentEventsMax ?? 10_000,
    recentBytesMax: options.recentBytesMax ?? 32 * 1024 * 1024,
    generationEvents: options.generationEvents ?? 200_000,
    sliceRows: options.sliceRows ?? 64,
    indexBuckets: options.indexBuckets ?? 8_192,
    walPagesMax: options.walPagesMax ?? 4_096,
    atPoint: options.atPoint ?? (() => {}),
  };
}

/** @throws RangeError, a fault of the caller */
export function checkAppend(stream: string, events: readonly NewEvent[]): void {
  if (events.length < 1 || events.length > APPEND_EVENTS_MAX) {
    throw new RangeError(`an append takes 1 to ${APPEND_EVENTS_MAX} events, not ${events.length}`);
  }
  if (stream.length < 1 || stream.length > STREAM_CHARS_MAX || stream.includes('\0') || !stream.isWellFormed()) {
    throw new RangeError(`a stream name has 1 to ${STREAM_CHARS_MAX} characters of well-formed text without NUL`);
  }
}

/** @throws RangeError, a fault of the caller */
export function checkTexts(texts: readonly string[]): void {
  for (const text of texts) {
    if (text.length > EVENT_CHARS_MAX) {
      throw new RangeError(`an event has at most ${EVENT_CHARS_MAX} characters as JSON, not ${text.length}`);
    }
  }
}

// Catch-up subscription over a log that is written in this process: read on from the last position, and when
// there is nothing more wait until an append says that the log moved. Pull-based: a slow reader holds no memory.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Position, type RecordedEvent, Unavailable } from '../../domain/event-log.ts';

const BATCH_EVENTS_MAX = 1_000;

export interface Tail {
  /** Something was appended. */
  moved(): void;
  follow(
    after: Position,
    signal: AbortSignal,
    readAll: (after: Position, limit: number) => Promise<readonly RecordedEvent[]>,
  ): AsyncIterable<readonly RecordedEvent[]>;
  close(): void;
}

export function createTail(): Tail {
  let wake = Promise.withResolvers<void>();
  let closed = false;

  const moved = () => {
    const waiting = wake;
    wake = Promise.withResolvers<void>();
    waiting.resolve();
  };

  async function* follow(
    after: Position,
    signal: AbortSignal,
    readAll: (after: Position, limit: number) => Promise<readonly RecordedEvent[]>,
  ): AsyncGenerator<readonly RecordedEvent[]> {
    let stopWaiting = () => {};
    const onAbort = () => stopWaiting();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      let last = after;
      let batchesSinceWait = 0;
      while (!signal.aborted) {
        if (closed) throw new Unavailable('closed', 'the event log is closed');
        const woken = wake.promise;
        const batch = await readAll(last, BATCH_EVENTS_MAX);
        if (batch.length > 0) {
          last = batch[batch.length - 1]!.position;
          // A reader far behind awaits nothing but finished promises: without this no append and no request got a turn.
          if (batchesSinceWait++ > 0) await nextTurn();
          yield batch;
        } else {
          batchesSinceWait = 0;
          if (signal.aborted) return;
          // Not `Promise.race` with one promise for all waits: each race leaves 256 bytes with it for as long as it is pending.
          await new Promise<void>((resolve) => {
            stopWaiting = resolve;
            woken.then(resolve);
          });
        }
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  return {
    moved,
    follow,
    close() {
      closed = true;
      moved();
    },
  };
}

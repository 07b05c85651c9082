// The verdicts of many lines as a stream: a piece is judged when there is room for its answer, so a sender that does not
// read is not judged further, and one that goes away is not judged at all any more.

import { setTimeout as sleep } from 'node:timers/promises';

export interface Pieces {
  /** Lines in all. */
  readonly count: number;
  /** Lines in one piece. */
  readonly size: number;
  /** Of the time, at most; the rest is left to others. All of it where it is not given. */
  readonly share?: number;
  /** The answers of the lines from `from` up to `to`, not included. */
  readonly judge: (from: number, to: number) => Promise<string>;
  /** What is said at the end. */
  readonly last?: () => Promise<string>;
  /** Called once it is over, in whatever way. */
  readonly leave: () => void;
}

export function answerInPieces({ count, size, share = 1, judge, last, leave }: Pieces): ReadableStream<Uint8Array> {
  let from = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const startedAt = performance.now();
          const to = Math.min(from + size, count);
          const text = await judge(from, to);
          from = to;
          controller.enqueue(Buffer.from(text));
          if (from < count) {
            if (share < 1) await sleep((performance.now() - startedAt) * (1 / share - 1));
            return;
          }
          if (last !== undefined) controller.enqueue(Buffer.from(await last()));
          controller.close();
          leave();
        } catch (error) {
          leave();
          throw error;
        }
      },
      cancel: leave,
    },
    { highWaterMark: 1 },
  );
}

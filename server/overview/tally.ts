// What has become of commands since this process began, counted whether anybody exports metrics or not: a few additions
// a command. Watches the actors beside whoever else does.
import type { StockActorsObserver } from '../actors/room.ts';

export interface CommandTally {
  /** Taken with an effect: facts and accepted requests. */
  readonly taken: number;
  /** Had been taken before, and were answered as then. */
  readonly duplicates: number;
  readonly refused: number;
  /** Answered that they be sent again. */
  readonly failed: number;
  /** Appends that another writer overtook; judged again. */
  readonly conflicts: number;
}

export interface CommandCounter {
  /** The same observer, which counts too. */
  watch(other: StockActorsObserver): StockActorsObserver;
  now(): CommandTally;
}

export function createCommandCounter(): CommandCounter {
  const tally = { taken: 0, duplicates: 0, refused: 0, failed: 0, conflicts: 0 };
  return {
    now: () => ({ ...tally }),
    watch: (other) => ({
      ...other,
      appended(batch, startedAt, stream) {
        for (const verdict of batch.verdicts) {
          if (verdict.outcome === 'refused') tally.refused += 1;
          else if (verdict.outcome === 'recalled' || verdict.duplicate) tally.duplicates += 1;
          else tally.taken += 1;
        }
        other.appended(batch, startedAt, stream);
      },
      failed(waiting, reason, detail, stream) {
        tally.failed += waiting.length;
        other.failed(waiting, reason, detail, stream);
      },
      conflicted(stream) {
        tally.conflicts += 1;
        other.conflicted(stream);
      },
    }),
  };
}

// Counts what became of the lines of an upload.
import type { Position } from '../../domain/event-log.ts';
import type { Answer } from '../actors/answer.ts';

export interface Total {
  readonly lines: number;
  /** New events. */
  readonly accepted: number;
  /** New too, but put aside: a fact too old to be judged. */
  readonly parked: number;
  /** Lines that were there already. */
  readonly duplicates: number;
  readonly refused: number;
  /** Bad lines, which are to be corrected. */
  readonly invalid: number;
  /** Not known to be durable: to be sent again. */
  readonly failed: number;
  /** The last event of the upload; undefined: there is none. */
  readonly position: Position | undefined;
}

export interface Tally {
  /** Undefined: a bad line. */
  add(answers: readonly (Answer | undefined)[]): void;
  total(): Total;
}

export function createTally(): Tally {
  const counts = { lines: 0, accepted: 0, parked: 0, duplicates: 0, refused: 0, invalid: 0, failed: 0 };
  let position: Position | undefined;
  return {
    add(answers) {
      for (const answer of answers) {
        counts.lines += 1;
        if (answer === undefined) counts.invalid += 1;
        else if (answer.outcome === 'refused' || answer.outcome === 'failed') counts[answer.outcome] += 1;
        else {
          counts[answer.duplicate ? 'duplicates' : answer.outcome] += 1;
          if (position === undefined || answer.position > position) position = answer.position;
        }
      }
    },
    total: () => ({ ...counts, position }),
  };
}

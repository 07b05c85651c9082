// What every command was answered, by its number: a byte each, so that an hour's millions fit. At the end it is compared
// with the event log.

/** The better one stays: what was accepted once is accepted, what may have been taken is not known to be refused. */
export const OUTCOME = { unsent: 0, refused: 1, unknown: 2, accepted: 3 } as const;
export type Outcome = keyof typeof OUTCOME;

export interface Journal {
  /** The next number, from 0. */
  next(): number;
  note(number: number, outcome: Outcome): void;
  /** A byte for each number so far. */
  bytes(): Uint8Array;
}

export function createJournal(): Journal {
  let outcomes = new Uint8Array(65_536);
  let length = 0;
  return {
    next() {
      if (length === outcomes.length) {
        const larger = new Uint8Array(2 * length);
        larger.set(outcomes);
        outcomes = larger;
      }
      length += 1;
      return length - 1;
    },
    note(number, outcome) {
      outcomes[number] = Math.max(outcomes[number]!, OUTCOME[outcome]);
    },
    bytes: () => outcomes.slice(0, length),
  };
}

// Goes through a file of seals line by line: each signed by a key that is trusted or was handed over to, none taken out or put in.

import type { Seal } from '../../domain/seal/entry.ts';
import { type EntriesEnd, entryChecker, type PublicKey, type SealFault } from '../../domain/seal/entry-checker.ts';
import { sealKeys } from './signing.ts';

/** A signature takes 0.1 ms to verify. */
const LINES_TOGETHER = 20;

/** Gives others a turn. */
export type Turn = () => Promise<void>;

export interface CheckedLines {
  /** Of the lines that are believed. */
  readonly bytes: number;
  readonly last: string | undefined;
  readonly end: EntriesEnd;
  /** The first line that is not believed; nothing from there on is. */
  readonly fault: SealFault | undefined;
}

/** `take` is given the seals that are believed, in order. */
export async function checkLines(
  lines: readonly string[],
  trusted: readonly PublicKey[],
  take: (seal: Seal) => void,
  turn?: Turn,
): Promise<CheckedLines> {
  const checker = entryChecker(trusted, sealKeys);
  let bytes = 0;
  let last: string | undefined;
  for (const [n, line] of lines.entries()) {
    const checked = checker.next(line);
    if ('what' in checked) return { bytes, last, end: checker.end(), fault: { line: n + 1, what: checked.what } };
    if (checked.entry.kind === 'seal') take(checked.entry);
    bytes += Buffer.byteLength(line) + 1;
    last = line;
    if (turn !== undefined && n % LINES_TOGETHER === 0) await turn();
  }
  return { bytes, last, end: checker.end(), fault: undefined };
}

/** For whoever holds one key: a file whose first lines an older one signed is checked from the hand-over on as far as this key can. */
export function trustedBySigner([first]: readonly string[], key: PublicKey): readonly PublicKey[] {
  const named = first === undefined ? undefined : /"key":"([\w-]{43})"/.exec(first)?.[1];
  return named === undefined || named === key.id ? [key] : [{ id: named, verifies: () => true }];
}

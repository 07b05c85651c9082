// Goes through what was sealed before, again and again, a stretch before each seal: as `evenstock verify` does, but never all of a
// long log at once. Where the log is not what was sealed it stays, and says so each time, until it is again.
import type { Hashes } from '../../domain/event-id.ts';
import { NotAsSealed } from '../../domain/seal/not-as-sealed.ts';
import { NOTHING_COMPARED, rangeOf, type SealMark, sealComparison } from '../../projections/seal-comparison.ts';
import { type Gently, gentlePages } from './gentle-pages.ts';
import { sha256 } from './signing.ts';

/** @throws NotAsSealed · Unavailable */
export type CompareAgain = (seals: readonly SealMark[]) => Promise<void>;

export function comparingAgain(room: Gently & { readonly hashes: Hashes }, eventsMax: number): CompareAgain {
  let compared = NOTHING_COMPARED;
  /** Up to a seal. What comes behind it may be wrong, and nobody knows before the next. */
  let proven = NOTHING_COMPARED;
  return async (seals) => {
    const last = seals.at(-1);
    if (last === undefined) return;
    if (compared.count >= last.count || !isOf(proven.intact, seals)) compared = proven = NOTHING_COMPARED;
    const comparison = sealComparison(seals, { sha256, hashes: room.hashes }, compared);
    const stretch = { upTo: BigInt(last.position), eventsMax };
    for await (const page of gentlePages(room, compared.position, stretch)) {
      for (const event of page) comparison.take(event);
      if (comparison.broken !== undefined) break;
    }
    const now = comparison.now();
    if (now.intact !== compared.intact) proven = comparison.proven;
    const fault = faultIn(now.count - compared.count < eventsMax, comparison);
    compared = fault === undefined ? now : proven;
    if (fault !== undefined) throw new NotAsSealed([fault], true);
  };
}

function faultIn(isAtEnd: boolean, { broken, awaited, proven }: ReturnType<typeof sealComparison>): string | undefined {
  const wrong = broken ?? (isAtEnd ? awaited : undefined);
  return wrong && rangeOf(wrong, proven.intact);
}

function isOf(mark: SealMark | undefined, seals: readonly SealMark[]): boolean {
  return mark === undefined || seals.some(({ number, root }) => number === mark.number && root === mark.root);
}

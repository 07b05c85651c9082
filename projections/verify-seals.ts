// Is the log still what was sealed? Compares it at each seal. What differs is named from the witness, if there is one that fits a
// seal: stream and revision, or the place in the log.
import type { Hashes } from '../domain/event-id.ts';
import type { RecordedEvent } from '../domain/event-log.ts';
import type { Seal } from '../domain/seal/entry.ts';
import { leafHash, merkleTree, type Sha256 } from '../domain/seal/merkle-tree.ts';
import { leafOf, rangeOf, sealComparison, textOf } from './seal-comparison.ts';
import { type Altered, alteredStreams } from './verify-witness.ts';

export interface SealedLog {
  /** Signed and in order. */
  readonly seals: readonly Seal[];
  readonly sha256: Sha256;
  readonly hashes: Hashes;
  /** Lines of the witness up to a length; undefined: there is none. */
  readonly witness: ((bytes: number) => AsyncIterable<string>) | undefined;
}

export interface SealProof {
  readonly seals: number;
  /** Events under the last seal, and those that came after it. */
  readonly sealed: number;
  readonly unsealed: number;
  /** Every way in which the log is not what was sealed; none: it is. */
  readonly faults: readonly string[];
  readonly altered: readonly Altered[];
}

type Pages = () => AsyncIterable<readonly RecordedEvent[]>;

/** Reads the log once; up to twice more to name what was altered. Memory: that of one page, and of the streams when something was altered. @throws Unavailable */
export async function verifySeals(pages: Pages, sealed: SealedLog): Promise<SealProof> {
  const { seals } = sealed;
  const comparison = sealComparison(seals, sealed);
  for await (const page of pages()) for (const event of page) comparison.take(event);
  const { broken, awaited } = comparison;
  const there = comparison.now();
  const last = seals.at(-1);
  const count = {
    seals: seals.length,
    sealed: last?.count ?? 0,
    unsealed: Math.max(0, there.count - (last?.count ?? 0)),
  };
  const faults: string[] = [];
  if (broken !== undefined) faults.push(rangeOf(broken, there.intact));
  if (awaited !== undefined) {
    const upTo = there.count === 0 ? '' : ` up to position ${there.position}`;
    faults.push(
      `seal ${last!.number} covers ${last!.count} events up to position ${last!.position}, and the log has ${there.count}${upTo}: the end was cut off, or events were taken out`,
    );
  }
  if (faults.length === 0) return { ...count, faults, altered: [] };
  const named = await nameAltered(pages, sealed);
  return { ...count, faults: [...faults, ...named.faults], altered: named.altered };
}

/** @throws nothing of a witness that cannot be read: that is a fault of its own */
async function nameAltered(
  pages: Pages,
  { seals, sha256, hashes, witness }: SealedLog,
): Promise<Pick<SealProof, 'faults' | 'altered'>> {
  const last = seals.at(-1)!;
  if (witness === undefined)
    return { faults: ['there is no witness beside the seals to name what was altered'], altered: [] };
  const lines = () => witness(last.witnessBytes);
  const wrong = await witnessFault(lines, last, sha256);
  if (wrong !== undefined) return { faults: [wrong], altered: [] };
  const all = async function* () {
    for await (const page of pages()) for (const event of page) yield leafOf(event, hashes);
  };
  const end = await endOfSealed(all(), last, sha256);
  const actual = async function* () {
    let left = end;
    for await (const leaf of all()) {
      if (left-- <= 0) return;
      yield leaf;
    }
  };
  return { faults: [], altered: await alteredStreams(lines, actual) };
}

/** Events up to the last that was sealed: more or fewer than were, when some were put in or taken out before it. */
async function endOfSealed(leaves: AsyncIterable<string>, last: Seal, sha256: Sha256): Promise<number> {
  let place = 0;
  let end: number | undefined;
  for await (const leaf of leaves) {
    place += 1;
    if (textOf(leafHash(Buffer.from(leaf), sha256)) === last.leaf) end = place;
  }
  return end ?? last.count;
}

async function witnessFault(
  lines: () => AsyncIterable<string>,
  seal: Seal,
  sha256: Sha256,
): Promise<string | undefined> {
  const tree = merkleTree(sha256);
  try {
    for await (const line of lines()) tree.add(leafHash(Buffer.from(line), sha256));
  } catch (error) {
    return `the witness cannot be read: ${(error as Error).message}`;
  }
  const isSealed = tree.count === seal.count && textOf(tree.root()) === seal.root;
  return isSealed ? undefined : 'the witness was altered too: nothing can be named from it';
}

// Compares a log with its seals, event by event in log order: grows the Merkle tree again and looks at its root wherever a seal
// ends. Can be left and gone on with, so that a long log is compared stretch by stretch.
import { chainHash, type Hashes } from '../domain/event-id.ts';
import { type Position, type RecordedEvent, START } from '../domain/event-log.ts';
import { leafText, type Seal } from '../domain/seal/entry.ts';
import { leafHash, merkleTree, type Sha256 } from '../domain/seal/merkle-tree.ts';

/** What a seal says of the log. */
export type SealMark = Pick<Seal, 'number' | 'count' | 'position' | 'root'>;

/** How far a log has been compared. */
export interface Compared {
  readonly count: number;
  readonly peaks: readonly Uint8Array[];
  readonly position: Position;
  /** The last seal that the log fits. */
  readonly intact: SealMark | undefined;
}

export interface SealComparison {
  take(event: RecordedEvent): void;
  /** The first seal that the log does not fit. */
  readonly broken: SealMark | undefined;
  /** The first that it has not come to. */
  readonly awaited: SealMark | undefined;
  /** Where it ends now, and where it was at the last seal that the log fits: to go on from. */
  now(): Compared;
  readonly proven: Compared;
}

export const NOTHING_COMPARED: Compared = { count: 0, peaks: [], position: START, intact: undefined };

/** `seals`: in order. */
export function sealComparison(
  seals: readonly SealMark[],
  { sha256, hashes }: { readonly sha256: Sha256; readonly hashes: Hashes },
  from: Compared = NOTHING_COMPARED,
): SealComparison {
  const tree = merkleTree(sha256, from.count, from.peaks);
  let { position } = from;
  let proven = from;
  let broken: SealMark | undefined;
  let place = seals.findIndex(({ count }) => count > from.count);
  if (place < 0) place = seals.length;
  return {
    take(event) {
      tree.add(leafHash(Buffer.from(leafOf(event, hashes)), sha256));
      ({ position } = event);
      for (let seal = seals[place]; seal?.count === tree.count; seal = seals[++place]) {
        const isWhole = textOf(tree.root()) === seal.root && String(position) === seal.position;
        if (!isWhole) broken ??= seal;
        else if (broken === undefined) proven = { count: tree.count, peaks: tree.peaks(), position, intact: seal };
      }
    },
    get broken() {
      return broken;
    },
    get awaited() {
      return seals[place];
    },
    get proven() {
      return proven;
    },
    now: () => ({ count: tree.count, peaks: tree.peaks(), position, intact: proven.intact }),
  };
}

export function leafOf(event: RecordedEvent, hashes: Hashes): string {
  return leafText(event, chainHash(event.stream, event.revision, event, hashes));
}

/** For people. */
export function rangeOf(broken: SealMark, intact: SealMark | undefined): string {
  const from = intact === undefined ? 'the first event' : `seal ${intact.number} (position ${intact.position})`;
  return `between ${from} and seal ${broken.number} (position ${broken.position}) the log is not what was sealed`;
}

/** As seals write hashes. */
export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}

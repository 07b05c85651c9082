// The part of the log since the last seal: its leaves are added to the tree and to the witness, and its hash chains are followed
// from the events that each stream had before, so that what was altered before it could be sealed is found and named.
import { chainHash, type Hashes } from '../../domain/event-id.ts';
import { type EventLog, type Position, type RecordedEvent, START } from '../../domain/event-log.ts';
import { leafText, type Seal } from '../../domain/seal/entry.ts';
import { leafHash, type MerkleTree } from '../../domain/seal/merkle-tree.ts';
import { NotAsSealed } from '../../domain/seal/not-as-sealed.ts';
import { type ChainEnd, chainEnd, chainWalk, isChained } from '../../projections/chain-walk.ts';
import { textOf } from '../../projections/seal-comparison.ts';
import { FAULTS_MAX } from '../../projections/verify-chain.ts';
import { sha256 } from './signing.ts';

export interface SealedPart {
  /** Of the last event, and of the one before it. */
  readonly position: Position;
  readonly before: Position;
  /** Of the last event. */
  readonly leaf: Uint8Array;
}

export interface PartRoom {
  /** The file of seals. */
  readonly file: string;
  readonly hashes: Hashes;
  /** Events after a position, up to the head or to wherever the seal is to end. */
  readonly pages: (after: Position) => AsyncIterable<readonly RecordedEvent[]>;
  /** Finds what a stream had before; without it the first event of a stream since the last seal is believed to follow it. */
  readonly read?: EventLog['read'] | undefined;
  /** Broken hash chains are sealed as they are: somebody has looked, and they are to stay. */
  readonly despiteFaults?: boolean | undefined;
  readonly progress?: (events: number) => void;
}

/** Undefined: nothing has come in. @throws NotAsSealed · Unavailable */
export async function addPart(
  room: PartRoom,
  tree: MerkleTree,
  last: Seal | undefined,
  witness: (leaf: string) => Promise<void> | undefined,
): Promise<SealedPart | undefined> {
  const chains = followChains(room, last !== undefined);
  let isFirst = last !== undefined;
  let position = last === undefined ? START : BigInt(last.position);
  let part: SealedPart | undefined;
  for await (const page of room.pages(last === undefined ? START : BigInt(last.before))) {
    for (const event of page) {
      const hash = chainHash(event.stream, event.revision, event, room.hashes);
      const text = leafText(event, hash);
      const leaf = leafHash(Buffer.from(text), sha256);
      if (isFirst) {
        isFirst = false;
        if (event.position !== position || textOf(leaf) !== last!.leaf) throw notWhatWasSealed(room.file, last!);
        chains.sealed(event);
        continue;
      }
      await chains.follow(event, hash);
      tree.add(leaf);
      part = { position: event.position, before: position, leaf };
      position = event.position;
      await witness(text);
    }
    room.progress?.(tree.count);
  }
  if (isFirst) throw notWhatWasSealed(room.file, last!);
  if (chains.faults.length > 0 && !room.despiteFaults) throw new NotAsSealed(chains.faults);
  return part;
}

interface Chains {
  readonly faults: readonly string[];
  /** The last event that was sealed. */
  sealed(event: RecordedEvent): void;
  follow(event: RecordedEvent, hash: string): Promise<void> | void;
}

function followChains({ read }: PartRoom, fromMiddle: boolean): Chains {
  const walk = chainWalk();
  const faults: string[] = [];
  const tell = ({ stream, revision, position }: RecordedEvent, what: string | undefined) => {
    if (what === undefined || faults.length >= FAULTS_MAX) return;
    faults.push(`${stream}@${revision} (position ${position}): ${what}`);
  };
  const begin = async (event: RecordedEvent, hash: string) => {
    const end = read === undefined ? asItSays(event) : await endBefore(read, event);
    if (end === undefined) tell(event, 'the event before it is not there');
    walk.goOnFrom(event.stream, end ?? asItSays(event));
    tell(event, walk.step(event, hash));
  };
  return {
    faults,
    sealed: (event) => walk.goOnFrom(event.stream, chainEnd(event)),
    follow: (event, hash) =>
      fromMiddle && event.revision > 0 && !walk.knows(event.stream)
        ? begin(event, hash)
        : tell(event, walk.step(event, hash)),
  };
}

async function endBefore(read: EventLog['read'], { stream, revision }: RecordedEvent): Promise<ChainEnd | undefined> {
  const [before] = await read(stream, revision - 1, 1);
  // The first that there is from there on: another one when it is gone.
  return before?.revision === revision - 1 ? chainEnd(before) : undefined;
}

function asItSays(event: RecordedEvent): ChainEnd {
  const hash = isChained(event) ? String(event.metadata['previousHash']) : '';
  return { revision: event.revision - 1, hash };
}

function notWhatWasSealed(file: string, { number, position, count }: Seal): NotAsSealed {
  const what = `the log does not hold what seal ${number} of ${file} sealed (${count} events up to position ${position})`;
  return new NotAsSealed([`${what}: run evenstock verify`], true);
}

// Follows the hash chains of all streams through the log in its order: says of each event whether it is what was written and
// follows the one before it. From the first event on, or from the middle, where the end of a stream is given with its next event.
import { CHAIN_GENESIS } from '../domain/event-id.ts';
import type { RecordedEvent } from '../domain/event-log.ts';

/** The last event of a stream so far; revision -1 with the hash `0` before the first. */
export interface ChainEnd {
  readonly revision: number;
  readonly hash: string;
}

export interface ChainWalk {
  /** Streams met. Each takes about 150 bytes. */
  readonly streams: number;
  knows(stream: string): boolean;
  /** Goes on from there: what came before is not looked at. */
  goOnFrom(stream: string, end: ChainEnd): void;
  /** Moves on. @returns what is wrong with it; `hash` is that of its content (`chainHash`) */
  step(event: RecordedEvent, hash: string): string | undefined;
}

export function chainWalk(): ChainWalk {
  const ends = new Map<string, ChainEnd>();
  return {
    get streams() {
      return ends.size;
    },
    knows: (stream) => ends.has(stream),
    goOnFrom: (stream, end) => void ends.set(stream, end),
    step(event, hash) {
      const end = ends.get(event.stream) ?? { revision: -1, hash: CHAIN_GENESIS };
      ends.set(event.stream, chainEnd(event));
      return isChained(event) ? faultOf(event, end, hash) : undefined;
    },
  };
}

/** Without a hash it was written by something else than Evenstock. */
export function isChained({ metadata }: RecordedEvent): boolean {
  return metadata['hash'] !== undefined;
}

export function chainEnd({ revision, metadata }: RecordedEvent): ChainEnd {
  return { revision, hash: String(metadata['hash'] ?? '') };
}

function faultOf(event: RecordedEvent, end: ChainEnd, hash: string): string | undefined {
  if (event.revision !== end.revision + 1) return `revision ${event.revision} follows ${end.revision}`;
  if (event.metadata['previousHash'] !== end.hash) return 'it does not follow the event before it';
  return hash === event.metadata['hash'] ? undefined : 'its content is not what was written';
}

// Proof that nothing was altered: walks the whole log, recomputes each event's hash over its content and the hash of
// the event before it in its stream, and recomputes the levels that each stock event claims to lead to.
import { chainHash, type Hashes } from '../domain/event-id.ts';
import type { EventLog, RecordedEvent } from '../domain/event-log.ts';
import { readStockEvent } from '../domain/stock/events.ts';
import { evolve } from '../domain/stock/evolve.ts';
import type { Levels } from '../domain/stock/levels.ts';
import { levelsAfter } from '../domain/stock/movement.ts';
import { emptyStock } from '../domain/stock/stock.ts';
import { parseStockStream } from '../domain/stock/stream.ts';
import { chainWalk, isChained } from './chain-walk.ts';
import { logPages } from './log-pages.ts';

const PAGE_EVENTS = 2_000;
/** Faults that are told one by one. */
export const FAULTS_MAX = 100;

export interface ChainFault {
  readonly stream: string;
  readonly revision: number;
  readonly position: bigint;
  readonly what: string;
}

export interface ChainProof {
  readonly events: number;
  readonly streams: number;
  /** Events without a hash: written by something else than Evenstock. */
  readonly unchained: number;
  readonly faults: readonly ChainFault[];
}

export function verifyChain(log: Pick<EventLog, 'readAll'>, hashes: Hashes): Promise<ChainProof> {
  return verifyChains(logPages(log), hashes);
}

/** Memory: about 150 bytes a stream. */
export async function verifyChains(
  pages: AsyncIterable<readonly RecordedEvent[]>,
  hashes: Hashes,
  onProgress: (events: number) => void = () => {},
): Promise<ChainProof> {
  const walk = chainWalk();
  const faults: ChainFault[] = [];
  let events = 0;
  let unchained = 0;
  for await (const page of pages) {
    for (const event of page) {
      if (!isChained(event)) unchained += 1;
      const what = walk.step(event, chainHash(event.stream, event.revision, event, hashes));
      if (what !== undefined && faults.length < FAULTS_MAX) faults.push({ ...placeOf(event), what });
    }
    events += page.length;
    onProgress(events);
  }
  return { events, streams: walk.streams, unchained, faults };
}

/** Folds one stock's events and compares each one's levels with the arithmetic done again. */
export async function verifyLevels(log: EventLog, stream: string, memoryMs: number): Promise<readonly ChainFault[]> {
  if (parseStockStream(stream) === undefined) return [];
  const faults: ChainFault[] = [];
  let stock = emptyStock();
  for (;;) {
    const page = await log.read(stream, stock.revision + 1, PAGE_EVENTS);
    for (const recorded of page) {
      const event = readStockEvent(recorded);
      const expected = levelsAfter(stock, event);
      if (!sameLevels(expected, event.levels)) {
        faults.push({
          ...placeOf(recorded),
          what: `its levels are ${JSON.stringify(event.levels)}, not ${JSON.stringify(expected)}`,
        });
      }
      stock = evolve(stock, event, memoryMs);
    }
    if (page.length < PAGE_EVENTS || faults.length >= FAULTS_MAX) return faults;
  }
}

function sameLevels(one: Levels, other: Levels): boolean {
  return (Object.keys(one) as (keyof Levels)[]).every((name) => one[name] === other[name]);
}

function placeOf({ stream, revision, position }: RecordedEvent): Omit<ChainFault, 'what'> {
  return { stream, revision, position };
}

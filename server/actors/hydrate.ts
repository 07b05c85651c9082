// Brings a stock back: the snapshot, if there is a good one, and the events after it. Without a snapshot all events.

import type { Snapshots } from '../../adapters/snapshots.ts';
import { CHAIN_GENESIS } from '../../domain/event-id.ts';
import type { EventLog } from '../../domain/event-log.ts';
import { readStockEvent } from '../../domain/stock/events.ts';
import { evolve } from '../../domain/stock/evolve.ts';
import { emptyStock, type Stock, stockFromJson } from '../../domain/stock/stock.ts';

const PAGE_EVENTS = 1_000;

export interface Hydrated {
  readonly stock: Stock;
  readonly lastHash: string;
  /** Revision the snapshot was taken at, -1 without one. */
  readonly snapshotRevision: number;
}

/**
 * @param memoryMs how long command ids are remembered, see `evolve`
 * @throws Unavailable · LogCorrupt · UnknownEventVersion
 */
export async function hydrate(
  stream: string,
  log: EventLog,
  snapshots: Snapshots | undefined,
  memoryMs: number,
): Promise<Hydrated> {
  const stored = snapshots?.load(stream);
  // A snapshot folded under a shorter memory has forgotten ids that must still be known.
  const snapshot = stored !== undefined && stored.memoryMs >= memoryMs ? stored : undefined;
  let stock = snapshot === undefined ? emptyStock() : stockFromJson(snapshot.stock);
  let lastHash = snapshot?.hash ?? CHAIN_GENESIS;
  const snapshotRevision = stock.revision;
  for (;;) {
    const page = await log.read(stream, stock.revision + 1, PAGE_EVENTS);
    for (const recorded of page) {
      stock = evolve(stock, readStockEvent(recorded), memoryMs);
      lastHash = (recorded.metadata['hash'] as string | undefined) ?? '';
    }
    if (page.length < PAGE_EVENTS) return { stock, lastHash, snapshotRevision };
  }
}

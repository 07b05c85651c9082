// GET /v1/stock/{sku}/{location} and its history: what is known of one stock, and every event that made it so.
import { hash } from 'node:crypto';
import { z } from 'zod';
import type { RecordedEvent } from '../../domain/event-log.ts';
import { readStockEvent } from '../../domain/stock/events.ts';
import { available, oversold } from '../../domain/stock/levels.ts';
import { stockStream } from '../../domain/stock/stream.ts';
import { countsAt } from '../../projections/as-of.ts';
import type { StockTransit } from '../../projections/transits.ts';
import { requireLocation } from '../auth.ts';
import { HttpProblem } from '../problems.ts';
import { type Api, type ApiContext, admit, json } from './api.ts';
import { isNotModified, notModified, readQuery, segment, waitForPosition } from './intake/query.ts';
import { countTo, Position } from './openapi/parameters.ts';
import { readStockAt } from './stock-at.ts';
import { pastTimes, TIMES } from './times.ts';

export const StockQuery = z.strictObject({ after: Position.optional(), ...TIMES });

export async function getStock(api: Api, c: ApiContext): Promise<Response> {
  const client = admit(api, c, 'stock:read');
  const sku = segment(c, 'sku');
  const location = segment(c, 'location');
  requireLocation(client, location);
  const { after, ...given } = readQuery(c, StockQuery);
  const times = pastTimes(api, given);
  await waitForPosition(api, after);
  if (times !== undefined) return json(await readStockAt(api.log, sku, location, times));
  const row = api.availability.stock(sku, location);
  if (row === undefined) throw unknownStock(sku, location);
  const { levels, life, revision, position } = row;
  const transfers = api.processes.transfers.atStock(sku, location, TRANSFERS_MAX);
  const etag = etagOf(revision, transfers);
  if (isNotModified(c, etag)) return notModified(etag);
  const figures = { ...levels, available: available(levels), oversold: oversold(levels) };
  return json(
    { sku, location, ...figures, transfers, life, revision, position },
    { etag, 'cache-control': 'no-cache' },
  );
}

/** Transfers shown with a stock; all of a location are in the list of transfers. */
const TRANSFERS_MAX = 100;

/** A transfer may change before its stocks hear of it. */
function etagOf(revision: number, transfers: readonly StockTransit[]): string {
  return transfers.length === 0
    ? `"${revision}"`
    : `"${revision}-${hash('sha1', JSON.stringify(transfers), 'base64url')}"`;
}

const HISTORY_LIMIT_MAX = 1_000;

export const HistoryQuery = z.strictObject({
  after: Position.optional(),
  cursor: countTo(Number.MAX_SAFE_INTEGER).optional().meta({ description: 'Revision to start from; `next` of a page' }),
  limit: countTo(HISTORY_LIMIT_MAX, 1).default(100).meta({ description: 'Events a page' }),
  ...TIMES,
});

export async function getHistory(api: Api, c: ApiContext): Promise<Response> {
  const client = admit(api, c, 'stock:read');
  const sku = segment(c, 'sku');
  const location = segment(c, 'location');
  requireLocation(client, location);
  const { after, cursor = 0, limit, ...given } = readQuery(c, HistoryQuery);
  const times = pastTimes(api, given);
  await waitForPosition(api, after);
  // One more than asked tells whether there is a next page.
  const read = await api.log.read(stockStream(sku, location), cursor, limit + 1);
  if (read.length === 0 && cursor === 0) throw unknownStock(sku, location);
  const page = read.slice(0, limit);
  // Only those that count at these times: what their figure was made from. A page may be short, even empty, and have a next one.
  const shown = times === undefined ? page : page.filter((event) => countsAt(readStockEvent(event), times));
  const entries = shown.map(historyEntry);
  return json({ sku, location, entries, ...(read.length > limit ? { next: cursor + limit } : undefined) });
}

/** An event as people read it: instants as text, in the current version. */
export function historyEntry(recorded: RecordedEvent) {
  const { type, v: _, occurredAt, recordedAt, levels, commandId, source, sequence, ...what } = readStockEvent(recorded);
  return {
    revision: recorded.revision,
    position: recorded.position,
    eventId: recorded.id,
    event: type,
    occurredAt: new Date(occurredAt).toISOString(),
    recordedAt: new Date(recordedAt).toISOString(),
    commandId,
    source,
    sequence,
    ...('expiresAt' in what ? { ...what, expiresAt: new Date(what.expiresAt).toISOString() } : what),
    levels: { ...levels, available: available(levels) },
  };
}

export type HistoryEntry = ReturnType<typeof historyEntry>;

function unknownStock(sku: string, location: string): HttpProblem {
  return new HttpProblem('unknown-stock', `Nothing has been recorded of SKU ${sku} at ${location}`);
}

// One view of everything that happened, for auditors: whatever the stream, each event says who, what, when it happened, when
// it was known, and why. Read in log order, page by page: memory is that of one page.
import { parseChannelStream } from '../domain/channel/events.ts';
import type { EventLog, Json, JsonObject, Position, RecordedEvent } from '../domain/event-log.ts';
import { START } from '../domain/event-log.ts';
import { parseInboundStream } from '../domain/inbound/events.ts';
import { knownAt } from '../domain/known-at.ts';
import { parseStockStream, stockStream } from '../domain/stock/stream.ts';
import type { Instant } from '../domain/time.ts';

export interface AuditEntry {
  readonly position: Position;
  readonly stream: string;
  readonly revision: number;
  readonly event: string;
  readonly sku?: string;
  readonly location?: string;
  readonly channel?: string;
  /** By the clock of its source; of what has no source when it began. */
  readonly happenedAt?: string;
  /** When it came into the log. */
  readonly knownAt?: string;
  /** The source or person that said it, and the API key it came with. */
  readonly who?: string;
  readonly key?: string;
  /** The command that made it; what that followed from; what it belongs to (an order, a transfer, a run). */
  readonly command?: string;
  readonly cause?: string;
  readonly belongsTo?: string;
  readonly eventId: string;
  /** All else that was recorded of it. */
  readonly what: JsonObject;
}

export interface AuditFilter {
  /** Only this stream, by its index. SKU and location together name one too. */
  readonly stream?: string | undefined;
  readonly sku?: string | undefined;
  readonly location?: string | undefined;
  readonly channel?: string | undefined;
  /** Type of event. */
  readonly type?: string | undefined;
  /** Recorded from … up to. */
  readonly from?: Instant | undefined;
  readonly to?: Instant | undefined;
}

export interface AuditPage {
  readonly entries: readonly AuditEntry[];
  /** Everything up to here was looked at. */
  readonly upTo: Position;
}

const PAGE_EVENTS = 1_000;

/** Those after `after` that fit and may be seen, in log order. A page may have none. @throws Unavailable */
export async function* auditPages(
  log: Pick<EventLog, 'read' | 'readAll'>,
  filter: AuditFilter,
  sees: (event: RecordedEvent) => boolean,
  after: Position = START,
): AsyncGenerator<AuditPage> {
  const fits = (event: RecordedEvent) => event.position > after && sees(event) && fitsFilter(event, filter);
  let upTo = after;
  for await (const events of pages(log, filter, after)) {
    const last = events.at(-1)!.position;
    if (last > upTo) upTo = last;
    yield { entries: events.filter(fits).map((event) => auditEntry(event, filter)), upTo };
  }
}

async function* pages(
  log: Pick<EventLog, 'read' | 'readAll'>,
  { stream, sku, location, channel }: AuditFilter,
  after: Position,
): AsyncGenerator<readonly RecordedEvent[]> {
  const isOneStock = stream === undefined && channel === undefined && sku !== undefined && location !== undefined;
  const only = isOneStock ? stockStream(sku, location) : stream;
  let [from, upTo] = [0, after];
  for (;;) {
    const events = await (only === undefined ? log.readAll(upTo, PAGE_EVENTS) : log.read(only, from, PAGE_EVENTS));
    if (events.length === 0) return;
    yield events;
    from += events.length;
    upTo = events.at(-1)!.position;
  }
}

function fitsFilter(event: RecordedEvent, { sku, location, channel, type, from, to }: AuditFilter): boolean {
  if (type !== undefined && event.type !== type) return false;
  if (channel !== undefined && channelOf(event) !== channel) return false;
  if (from !== undefined || to !== undefined) {
    const known = knownAt(event.data);
    if (known === undefined || known < (from ?? 0) || known > (to ?? Number.POSITIVE_INFINITY)) return false;
  }
  if (sku === undefined && location === undefined) return true;
  const stock = parseStockStream(event.stream);
  if (sku !== undefined && stock?.sku !== sku && !mentions(event.data, sku)) return false;
  return location === undefined || stock?.location === location || mentions(event.data, location);
}

/** Stands it anywhere as a whole text? So an order, a transfer or a batch to a channel is found by its SKUs. */
function mentions(value: Json | undefined, text: string): boolean {
  if (typeof value === 'string') return value === text;
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some((part) => mentions(part, text));
}

function channelOf({ stream, data }: RecordedEvent): string | undefined {
  return parseChannelStream(stream) ?? parseInboundStream(stream) ?? textIn(data, 'channel');
}

export function auditEntry(event: RecordedEvent, { sku }: AuditFilter = {}): AuditEntry {
  const { position, stream, revision, type, id, data, metadata } = event;
  const { v: _, occurredAt: __, recordedAt: ___, commandId, source, ...what } = data;
  const stock = parseStockStream(stream);
  const known = knownAt(data);
  const happened = numberIn(data, 'occurredAt') ?? numberIn(data, 'startedAt') ?? known;
  const sourceId = typeof source === 'object' ? textIn(source as JsonObject, 'id') : source;
  return {
    ...{ position, stream, revision, event: type },
    ...defined({ sku: stock?.sku, location: stock?.location, channel: channelOf(event) }),
    ...defined({ happenedAt: isoOf(happened), knownAt: isoOf(known) }),
    ...defined({
      who: textIn(data, 'author') ?? textIn(data, 'by') ?? (typeof sourceId === 'string' ? sourceId : undefined),
      key: textIn(metadata, 'client') ?? textIn(data, 'client'),
      command: typeof commandId === 'string' ? commandId : undefined,
      cause: textIn(metadata, 'causationId'),
      belongsTo: textIn(metadata, 'correlationId'),
    }),
    eventId: id,
    what: sku === undefined ? what : ofSku(what, sku),
  };
}

/** Of a batch to a channel the one SKU that was asked for. */
function ofSku(what: JsonObject, sku: string): JsonObject {
  const rows = Object.entries(what).map(([name, value]) => {
    const isBatch = Array.isArray(value) && value.every((row) => Array.isArray(row));
    return [name, isBatch ? value.filter((row) => (row as readonly Json[])[0] === sku) : value];
  });
  return Object.fromEntries(rows) as JsonObject;
}

function numberIn(data: JsonObject, name: string): number | undefined {
  return typeof data[name] === 'number' ? data[name] : undefined;
}

function textIn(data: JsonObject, name: string): string | undefined {
  return typeof data[name] === 'string' ? data[name] : undefined;
}

function isoOf(at: Instant | undefined): string | undefined {
  return at === undefined || !Number.isFinite(at) || Math.abs(at) > 8.64e15 ? undefined : new Date(at).toISOString();
}

function defined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}

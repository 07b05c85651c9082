// What waits of what channels told, and how far their polls are taken: folded from the streams `inbound-<channel>`, so that
// a server that starts again reads only what came after. Kept in a page for each channel and 64 for its waiting messages.
import { CHAIN_GENESIS } from '../domain/event-id.ts';
import { NO_STREAM } from '../domain/event-log.ts';
import { hashBucket } from '../domain/hash-bucket.ts';
import { parseInboundStream, readInboundEvent } from '../domain/inbound/events.ts';
import { type Intake, intakeChange, type Waiting } from '../domain/inbound/intake.ts';
import type { Page, Projection, ProjectionDefinition } from './projection.ts';

/** With what is needed to append after it. */
export interface StoredIntake extends Intake {
  /** -1 before the first event. */
  readonly revision: number;
  readonly hash: string;
}

export interface InboundRecords extends Projection {
  channel(channel: string): StoredIntake;
}

export const INBOUND_PROJECTION: ProjectionDefinition<InboundRecords> = { name: 'inbound', create: createInbound };

const BUCKETS = 64;

interface Row extends StoredIntake {
  watermark: string | undefined;
  advancedAt: number | undefined;
  revision: number;
  hash: string;
  readonly waiting: Map<string, Waiting>;
}

export function createInbound(): InboundRecords {
  const channels = new Map<string, Row>();
  const changed = new Set<string>();
  const rowOf = (channel: string): Row => {
    const known = channels.get(channel) ?? nothing();
    channels.set(channel, known);
    return known;
  };
  return {
    name: INBOUND_PROJECTION.name,
    version: 1,
    apply(recorded) {
      const channel = parseInboundStream(recorded.stream);
      if (channel === undefined || recorded.revision <= (channels.get(channel)?.revision ?? NO_STREAM)) return;
      const event = readInboundEvent(recorded);
      const row = rowOf(channel);
      const id = 'id' in event ? event.id : undefined;
      const change = intakeChange(event, recorded.revision, id === undefined ? undefined : row.waiting.get(id));
      if ('watermark' in change) Object.assign(row, change);
      else {
        if (change.row === undefined) row.waiting.delete(change.id);
        else row.waiting.set(change.id, change.row);
        changed.add(`${channel}~${hashBucket(change.id, BUCKETS)}`);
      }
      row.revision = recorded.revision;
      row.hash = String(recorded.metadata['hash'] ?? '');
      changed.add(channel);
    },
    *takeChangedPages() {
      const keys = [...changed].sort();
      changed.clear();
      for (const key of keys) yield pageOf(key, rowOf(key.split('~')[0]!));
    },
    restore(pages) {
      for (const { key, bytes } of pages) restorePage(key, bytes, rowOf(key.split('~')[0]!));
    },
    channel: (channel) => channels.get(channel) ?? nothing(),
  };
}

function nothing(): Row {
  return { watermark: undefined, advancedAt: undefined, revision: NO_STREAM, hash: CHAIN_GENESIS, waiting: new Map() };
}

/** In this order in every row: the same state gives the same bytes, restored or folded. */
const COLUMNS = ['id', 'about', 'why', 'reason', 'name', 'refusal', 'from', 'rawAt', 'watermark', 'since'] as const;

function pageOf(key: string, row: Row): Page {
  const bucket = key.split('~')[1];
  if (bucket === undefined) {
    const { watermark = null, advancedAt = null, revision, hash } = row;
    return { key, bytes: Buffer.from(JSON.stringify([watermark, advancedAt, revision, hash])) };
  }
  const rows = [...row.waiting.values()]
    .filter(({ id }) => hashBucket(id, BUCKETS) === Number(bucket))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  return { key, bytes: Buffer.from(JSON.stringify(rows.map((one) => COLUMNS.map((column) => one[column] ?? null)))) };
}

function restorePage(key: string, bytes: Uint8Array, row: Row): void {
  const values = JSON.parse(Buffer.from(bytes).toString()) as unknown[];
  if (!key.includes('~')) {
    const [watermark, advancedAt, revision, hash] = values as [string | null, number | null, number, string];
    Object.assign(row, { watermark: watermark ?? undefined, advancedAt: advancedAt ?? undefined, revision, hash });
    return;
  }
  for (const cells of values as unknown[][]) {
    const waiting = Object.fromEntries(
      COLUMNS.map((column, n) => [column, cells[n] ?? undefined]),
    ) as unknown as Waiting;
    row.waiting.set(waiting.id, waiting);
  }
}

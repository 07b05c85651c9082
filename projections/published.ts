// What each channel was told and last acknowledged, per SKU: the other half of the publishing backlog (the first is
// available-to-sell). Folded from the channels' streams alone, so a publisher that starts again knows from the log
// what is left to say. Kept in pages of about catalogue / 512 SKUs, so a batch rewrites little.
import {
  type ChannelEventOf,
  parseChannelStream,
  type RecordedUpdate,
  readChannelEvent,
} from '../domain/channel/events.ts';
import { CHAIN_GENESIS } from '../domain/event-id.ts';
import { NO_STREAM, type Position, type RecordedEvent, START } from '../domain/event-log.ts';
import type { Instant } from '../domain/time.ts';
import type { Page, Projection } from './projection.ts';

/** What is known of one SKU at one channel. */
export interface Shown {
  /** Units the channel acknowledged last; undefined: it never has. */
  readonly units: number | undefined;
  /** Version of the last attempt, whatever came of it. */
  readonly version: Position;
  /** An attempt since then may or may not have been applied: the channel may show up to this many. */
  readonly uncertainUpTo: number | undefined;
  /** The channel refused this value; it is parked until the value or the policy changes. */
  readonly refused: { readonly units: number; readonly reason: string } | undefined;
}

export interface ChannelRecord {
  /** Of the channel's stream. */
  readonly revision: number;
  readonly hash: string;
  /** The policy it was last published under; empty: never. */
  readonly policy: string;
  /** Nothing was in flight when the stream ended. */
  readonly stopped: boolean;
  /** What was sent and is not recorded has at least this version. */
  readonly floor: Position;
  readonly confirmed: number;
  readonly refused: number;
  readonly unknown: number;
  readonly postponed: number;
  readonly lastConfirmedAt: Instant | undefined;
  readonly lagMs: number;
}

export interface PublishedReader {
  shown(channel: string, sku: string): Shown | undefined;
  /** Every SKU the channel was ever told about. */
  skus(channel: string): Iterable<string>;
  channel(channel: string): ChannelRecord;
  /** Resolves when the channel's stream is folded up to `revision`, or `signal` aborts. */
  folded(channel: string, revision: number, signal: AbortSignal): Promise<void>;
}

export interface Published extends Projection, PublishedReader {}

const NEVER: Shown = { units: undefined, version: START, uncertainUpTo: undefined, refused: undefined };

/** What is known of a SKU after one more attempt. Pure; the publisher uses it too, for what is not folded yet. */
export function afterUpdate(
  before: Shown | undefined,
  version: Position,
  [, units, outcome, reason]: RecordedUpdate,
  reasons: readonly string[],
): Shown {
  const was = before ?? NEVER;
  switch (outcome) {
    case 'confirmed':
      return { units, version, uncertainUpTo: undefined, refused: undefined };
    case 'retryLater':
      return { ...was, version };
    case 'unknown':
      return { ...was, version, uncertainUpTo: Math.max(units, was.uncertainUpTo ?? 0), refused: undefined };
    case 'refused':
      return { ...was, version, refused: { units, reason: (reason === undefined ? '' : reasons[reason]) ?? '' } };
  }
}

const BUCKETS = 512;
const NOTHING: ChannelRecord = {
  revision: NO_STREAM,
  hash: CHAIN_GENESIS,
  policy: '',
  stopped: true,
  floor: START,
  confirmed: 0,
  refused: 0,
  unknown: 0,
  postponed: 0,
  lastConfirmedAt: undefined,
  lagMs: 0,
};

interface ChannelState {
  record: ChannelRecord;
  readonly buckets: (Map<string, Shown> | undefined)[];
}

interface Model {
  readonly channels: Map<string, ChannelState>;
  /** Keys of the pages that changed: `channel` for its record, `channel~n` for a bucket of SKUs. */
  readonly changed: Set<string>;
  readonly waiting: Set<{ readonly channel: string; readonly revision: number; readonly resolve: () => void }>;
}

export function createPublished(): Published {
  const model: Model = { channels: new Map(), changed: new Set(), waiting: new Set() };
  const { channels, changed, waiting } = model;
  const recordOf = (channel: string) => channels.get(channel)?.record ?? NOTHING;

  return {
    name: 'published',
    version: 1,
    apply: (recorded) => fold(model, recorded),

    *takeChangedPages() {
      const keys = [...changed].sort();
      changed.clear();
      for (const key of keys) {
        const [channel, bucket] = key.split('~') as [string, string?];
        const { record, buckets } = stateOf(model, channel);
        yield { key, bytes: bucket === undefined ? headerBytes(record) : rowBytes(buckets[Number(bucket)]!) };
      }
    },

    restore(pages: Iterable<Page>) {
      for (const { key, bytes } of pages) {
        const [channel, bucket] = key.split('~') as [string, string?];
        const state = stateOf(model, channel);
        if (bucket === undefined) state.record = readHeader(bytes);
        else state.buckets[Number(bucket)] = readRows(bytes);
      }
    },

    shown: (channel, sku) => channels.get(channel)?.buckets[bucketOf(sku)]?.get(sku),

    *skus(channel) {
      for (const bucket of channels.get(channel)?.buckets ?? []) if (bucket !== undefined) yield* bucket.keys();
    },

    channel: recordOf,

    folded(channel, revision, signal) {
      if (signal.aborted || recordOf(channel).revision >= revision) return Promise.resolve();
      return new Promise<void>((resolve) => {
        const waiter = { channel, revision, resolve };
        waiting.add(waiter);
        signal.addEventListener('abort', () => waiting.delete(waiter) && resolve(), { once: true });
      });
    },
  };
}

/** Reads whichever instance serves now: a rebuild puts another one in its place. */
export function currentPublished(current: () => PublishedReader): PublishedReader {
  return {
    shown: (channel, sku) => current().shown(channel, sku),
    skus: (channel) => current().skus(channel),
    channel: (channel) => current().channel(channel),
    folded: (channel, revision, signal) => current().folded(channel, revision, signal),
  };
}

function stateOf({ channels }: Model, channel: string): ChannelState {
  const known = channels.get(channel);
  if (known !== undefined) return known;
  const state: ChannelState = { record: NOTHING, buckets: [] };
  channels.set(channel, state);
  return state;
}

function fold(model: Model, recorded: RecordedEvent): void {
  const channel = parseChannelStream(recorded.stream);
  if (channel === undefined || recorded.revision <= stateOf(model, channel).record.revision) return;
  const event = readChannelEvent(recorded);
  const state = stateOf(model, channel);
  const hash = String(recorded.metadata['hash']);
  let change: Partial<ChannelRecord> = { stopped: true };
  if (event.type === 'AvailabilityPublished') change = published(model, channel, event);
  else if (event.type === 'PublishingStarted') change = started(model, channel, event.policy, recorded.position);
  state.record = { ...state.record, ...change, revision: recorded.revision, hash };
  model.changed.add(channel);
  for (const waiter of model.waiting) {
    if (waiter.channel !== channel || waiter.revision > recorded.revision) continue;
    model.waiting.delete(waiter);
    waiter.resolve();
  }
}

function published(
  model: Model,
  channel: string,
  event: ChannelEventOf<'AvailabilityPublished'>,
): Partial<ChannelRecord> {
  const { record } = stateOf(model, channel);
  const version = BigInt(event.version);
  const counts = { confirmed: 0, refused: 0, unknown: 0, retryLater: 0 };
  for (const update of event.updates) {
    counts[update[2]] += 1;
    put(model, channel, update[0], (before) => afterUpdate(before, version, update, event.reasons));
  }
  return {
    stopped: false,
    floor: BigInt(event.floor),
    confirmed: record.confirmed + counts.confirmed,
    refused: record.refused + counts.refused,
    unknown: record.unknown + counts.unknown,
    postponed: record.postponed + counts.retryLater,
    ...(counts.confirmed > 0 ? { lastConfirmedAt: event.finishedAt, lagMs: event.lagMs } : {}),
  };
}

/** Another policy may make a refused value acceptable: what was parked is tried again. */
function started(model: Model, channel: string, policy: string, position: Position): Partial<ChannelRecord> {
  const { record, buckets } = stateOf(model, channel);
  if (record.policy !== policy) {
    for (const bucket of buckets) {
      for (const [sku, shown] of bucket ?? []) {
        if (shown.refused !== undefined) put(model, channel, sku, () => ({ ...shown, refused: undefined }));
      }
    }
  }
  return { policy, stopped: false, floor: record.stopped ? position : record.floor };
}

function put(model: Model, channel: string, sku: string, change: (before: Shown | undefined) => Shown): void {
  const { buckets } = stateOf(model, channel);
  const n = bucketOf(sku);
  let bucket = buckets[n];
  if (bucket === undefined) {
    bucket = new Map();
    buckets[n] = bucket;
  }
  bucket.set(sku, change(bucket.get(sku)));
  model.changed.add(`${channel}~${n}`);
}

/** FNV-1a of the SKU: pages must be the same on every machine. */
function bucketOf(sku: string): number {
  let hash = 0x811c9dc5;
  for (let n = 0; n < sku.length; n += 1) hash = Math.imul(hash ^ sku.charCodeAt(n), 0x01000193);
  return (hash >>> 0) % BUCKETS;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const bytesOf = (value: unknown) =>
  encoder.encode(JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? String(part) : part)));

function headerBytes(record: ChannelRecord): Uint8Array {
  return bytesOf(Object.keys(NOTHING).map((field) => record[field as keyof ChannelRecord] ?? null));
}

function readHeader(bytes: Uint8Array): ChannelRecord {
  const values = JSON.parse(decoder.decode(bytes)) as unknown[];
  const read = Object.fromEntries(Object.keys(NOTHING).map((field, n) => [field, values[n] ?? undefined]));
  return { ...read, floor: BigInt(read['floor'] as string) } as unknown as ChannelRecord;
}

type Row = [
  sku: string,
  units: number | null,
  version: string,
  uncertainUpTo: number | null,
  refused: [number, string] | null,
];

function rowBytes(bucket: ReadonlyMap<string, Shown>): Uint8Array {
  const rows = [...bucket].sort(([a], [b]) => (a < b ? -1 : 1));
  return bytesOf(
    rows.map(([sku, { units, version, uncertainUpTo, refused }]) => [
      sku,
      units ?? null,
      version,
      uncertainUpTo ?? null,
      refused === undefined ? null : [refused.units, refused.reason],
    ]),
  );
}

function readRows(bytes: Uint8Array): Map<string, Shown> {
  const bucket = new Map<string, Shown>();
  for (const [sku, units, version, uncertainUpTo, refused] of JSON.parse(decoder.decode(bytes)) as Row[]) {
    bucket.set(sku, {
      units: units ?? undefined,
      version: BigInt(version),
      uncertainUpTo: uncertainUpTo ?? undefined,
      refused: refused === null ? undefined : { units: refused[0], reason: refused[1] },
    });
  }
  return bucket;
}

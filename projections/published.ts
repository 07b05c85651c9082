// What each channel was told and last acknowledged, per SKU: the other half of the publishing backlog (the first is
// available-to-sell). Folded from the channels' streams, and from the sales they report (domain/channel/sale.ts), so a
// publisher that starts again knows from the log what is left to say. Kept in pages of about catalogue / 512 SKUs.
import { type ChannelEventOf, parseChannelStream, readChannelEvent } from '../domain/channel/events.ts';
import { bundlesOrdered, type ChannelSale, channelSale } from '../domain/channel/sale.ts';
import { NO_STREAM, type Position, type RecordedEvent } from '../domain/event-log.ts';
import { parseOrderStream } from '../domain/order/workflow.ts';
import type { Page, Projection } from './projection.ts';
import {
  bucketOf,
  type ChannelRecord,
  readRecord,
  readRows,
  recordBytes,
  rowBytes,
  UNRECORDED,
} from './published-pages.ts';
import { afterSale, afterUpdate, type Shown, wasTold } from './shown.ts';

export interface PublishedReader {
  shown(channel: string, sku: string): Shown | undefined;
  /** Every SKU the channel was ever told about. */
  skus(channel: string): Iterable<string>;
  channel(channel: string): ChannelRecord;
  /** Resolves when the channel's stream is folded up to `revision`, or `signal` aborts. */
  folded(channel: string, revision: number, signal: AbortSignal): Promise<void>;
  /**
   * Calls `listener` when a sale made uncertain what a channel shows of a SKU, synchronously after the event: nothing else
   * may change, not even a figure. Returns its removal.
   */
  onSold(listener: OnSold): () => void;
}

export type OnSold = (channel: string, sku: string) => void;

export interface Published extends Projection, PublishedReader {}

interface ChannelState {
  record: ChannelRecord;
  readonly buckets: (Map<string, Shown> | undefined)[];
}

interface Model {
  readonly channels: Map<string, ChannelState>;
  /** Keys of the pages that changed: `channel` for its record, `channel~n` for a bucket of SKUs. */
  readonly changed: Set<string>;
  readonly waiting: Set<{ readonly channel: string; readonly revision: number; readonly resolve: () => void }>;
  readonly soldListeners: Set<OnSold>;
}

export function createPublished(): Published {
  const model: Model = { channels: new Map(), changed: new Set(), waiting: new Set(), soldListeners: new Set() };
  const { channels, changed, waiting, soldListeners } = model;
  const recordOf = (channel: string) => channels.get(channel)?.record ?? UNRECORDED;

  return {
    name: 'published',
    version: 2,
    apply: (recorded) => fold(model, recorded),

    *takeChangedPages() {
      const keys = [...changed].sort();
      changed.clear();
      for (const key of keys) {
        const [channel, bucket] = key.split('~') as [string, string?];
        const { record, buckets } = stateOf(model, channel);
        yield { key, bytes: bucket === undefined ? recordBytes(record) : rowBytes(buckets[Number(bucket)]!) };
      }
    },

    restore(pages: Iterable<Page>) {
      for (const { key, bytes } of pages) {
        const [channel, bucket] = key.split('~') as [string, string?];
        const state = stateOf(model, channel);
        if (bucket === undefined) state.record = readRecord(bytes);
        else state.buckets[Number(bucket)] = readRows(bytes);
      }
    },

    shown(channel, sku) {
      const row = channels.get(channel)?.buckets[bucketOf(sku)]?.get(sku);
      return row !== undefined && wasTold(row) ? row : undefined;
    },

    *skus(channel) {
      for (const bucket of channels.get(channel)?.buckets ?? []) {
        for (const [sku, row] of bucket ?? []) if (wasTold(row)) yield sku;
      }
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

    onSold(listener) {
      const own: OnSold = (...sale) => listener(...sale);
      soldListeners.add(own);
      return () => soldListeners.delete(own);
    },
  };
}

/** Reads whichever instance serves now: a rebuild puts another one in its place, and listeners move with it. */
export function currentPublished(
  current: () => PublishedReader,
  onSwitch: (listener: () => void) => () => void,
): PublishedReader {
  return {
    shown: (channel, sku) => current().shown(channel, sku),
    skus: (channel) => current().skus(channel),
    channel: (channel) => current().channel(channel),
    folded: (channel, revision, signal) => current().folded(channel, revision, signal),
    onSold(listener) {
      let leave = current().onSold(listener);
      const stay = onSwitch(() => {
        leave();
        leave = current().onSold(listener);
      });
      return () => {
        stay();
        leave();
      };
    },
  };
}

function stateOf({ channels }: Model, channel: string): ChannelState {
  const known = channels.get(channel);
  if (known !== undefined) return known;
  const state: ChannelState = { record: UNRECORDED, buckets: [] };
  channels.set(channel, state);
  return state;
}

function fold(model: Model, recorded: RecordedEvent): void {
  const channel = parseChannelStream(recorded.stream);
  if (channel !== undefined) {
    told(model, channel, recorded);
    return;
  }
  const sale = channelSale(recorded);
  if (sale !== undefined) sold(model, sale, recorded.position);
  if (recorded.type !== 'OrderPlaced' || parseOrderStream(recorded.stream) === undefined) return;
  for (const ordered of bundlesOrdered(recorded)) sold(model, ordered, recorded.position);
}

function told(model: Model, channel: string, recorded: RecordedEvent): void {
  const { revision, position } = recorded;
  if (revision <= stateOf(model, channel).record.revision) return;
  const event = readChannelEvent(recorded);
  const state = stateOf(model, channel);
  const hash = String(recorded.metadata['hash']);
  let change: Partial<ChannelRecord> = { stopped: true };
  if (event.type === 'AvailabilityPublished') change = published(model, channel, event);
  else if (event.type === 'PublishingStarted') change = started(model, channel, event.policy, position);
  const since = state.record.revision === NO_STREAM ? position : state.record.since;
  state.record = { ...state.record, ...change, since, revision, hash };
  model.changed.add(channel);
  for (const waiter of model.waiting) {
    if (waiter.channel !== channel || waiter.revision > revision) continue;
    model.waiting.delete(waiter);
    waiter.resolve();
  }
}

/**
 * Only for a channel that is published to, and from then on. A SKU it was not told yet counts too: its first call may
 * be under way, and be recorded after this sale.
 */
function sold(model: Model, { channel, sku }: ChannelSale, position: Position): void {
  const state = model.channels.get(channel);
  if (state === undefined || state.record.revision === NO_STREAM || position < state.record.since) return;
  if (!put(model, channel, sku, (before) => afterSale(before, position))) return;
  for (const listener of model.soldListeners) listener(channel, sku);
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

/** False: `change` left the row as it was. */
function put(model: Model, channel: string, sku: string, change: (before: Shown | undefined) => Shown): boolean {
  const { buckets } = stateOf(model, channel);
  const n = bucketOf(sku);
  let bucket = buckets[n];
  if (bucket === undefined) {
    bucket = new Map();
    buckets[n] = bucket;
  }
  const before = bucket.get(sku);
  const after = change(before);
  if (after === before) return false;
  bucket.set(sku, after);
  model.changed.add(`${channel}~${n}`);
  return true;
}

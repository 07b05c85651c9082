// What each channel was told and last acknowledged, per SKU: the other half of the publishing backlog (the first is
// available-to-sell). Folded from the channels' streams, and from the sales they report (domain/channel/sale.ts), so a
// publisher that starts again knows from the log what is left to say. Kept in pages of about catalogue / 512 SKUs.
import { createBucketedNames } from './bucketed-names.ts';
import type { Page, Projection } from './projection.ts';
import { fold, type Model, type OnDoubt, type OnSteered, shownOf, stateOf } from './published-fold.ts';
import {
  BUCKETS,
  type ChannelRecord,
  readRecord,
  readRows,
  recordBytes,
  rowBytes,
  UNRECORDED,
} from './published-pages.ts';
import { type Shown, wasTold } from './shown.ts';

export interface PublishedReader {
  shown(channel: string, sku: string): Shown | undefined;
  /** Every SKU the channel was ever told about. */
  skus(channel: string): Iterable<string>;
  channel(channel: string): ChannelRecord;
  /** Resolves when the channel's stream is folded up to `revision`, or `signal` aborts. */
  folded(channel: string, revision: number, signal: AbortSignal): Promise<void>;
  /**
   * Calls `listener` when a sale, or a request to tell it again, made uncertain what a channel shows of a SKU, synchronously
   * after the event: nothing else may change, not even a figure. Returns its removal.
   */
  onDoubt(listener: OnDoubt): () => void;
  /**
   * Calls `listener` when publishing to a channel was paused or resumed, all is to be told again, or a process took it or left
   * it. Returns its removal.
   */
  onSteered(listener: OnSteered): () => void;
}

export interface Published extends Projection, PublishedReader {}

export function createPublished(): Published {
  const model: Model = {
    skus: createBucketedNames(BUCKETS),
    channels: new Map(),
    changed: new Set(),
    waiting: new Set(),
    doubtListeners: new Set(),
    steeredListeners: new Set(),
  };
  const { skus, channels, changed, waiting } = model;
  const recordOf = (channel: string) => channels.get(channel)?.record ?? UNRECORDED;
  const rowsOf = function* (channel: string, bucket: number): Iterable<[sku: string, shown: Shown]> {
    const { table } = stateOf(model, channel);
    for (const id of skus.inBucket(bucket)) {
      const shown = table.get(id);
      if (shown !== undefined) yield [skus.name(id), shown];
    }
  };

  return {
    name: 'published',
    version: 7,
    apply: (recorded) => fold(model, recorded),

    *takeChangedPages() {
      const keys = [...changed].sort();
      changed.clear();
      for (const key of keys) {
        const [channel, bucket] = key.split('~') as [string, string?];
        const isRecord = bucket === undefined;
        yield { key, bytes: isRecord ? recordBytes(recordOf(channel)) : rowBytes(rowsOf(channel, Number(bucket))) };
      }
    },

    restore(pages: Iterable<Page>) {
      for (const { key, bytes } of pages) {
        const [channel, bucket] = key.split('~') as [string, string?];
        const state = stateOf(model, channel);
        if (bucket === undefined) state.record = readRecord(bytes);
        else for (const [sku, shown] of readRows(bytes)) state.table.set(skus.intern(sku), shown);
      }
    },

    shown(channel, sku) {
      const row = shownOf(model, channel, sku);
      return row !== undefined && wasTold(row) ? row : undefined;
    },

    *skus(channel) {
      const table = channels.get(channel)?.table;
      for (const id of table?.skus() ?? []) if (wasTold(table!.get(id)!)) yield skus.name(id);
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

    onDoubt: (listener) => listening(model.doubtListeners, (...doubt: Parameters<OnDoubt>) => listener(...doubt)),
    onSteered: (listener) => listening(model.steeredListeners, (...to: Parameters<OnSteered>) => listener(...to)),
  };
}

function listening<L>(listeners: Set<L>, own: L): () => void {
  listeners.add(own);
  return () => listeners.delete(own);
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
    onDoubt: (listener) => followed(() => current().onDoubt(listener), onSwitch),
    onSteered: (listener) => followed(() => current().onSteered(listener), onSwitch),
  };
}

function followed(join: () => () => void, onSwitch: (listener: () => void) => () => void): () => void {
  let leave = join();
  const stay = onSwitch(() => {
    leave();
    leave = join();
  });
  return () => {
    stay();
    leave();
  };
}

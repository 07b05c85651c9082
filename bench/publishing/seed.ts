// The log of a retailer that has published: stocks of one warehouse, and channels that show all of it. Written as the
// product writes it, without the hours that the channels' rate limits would take.
import { systemHashes } from '../../adapters/platform.ts';
import { batchEvents } from '../../adapters/publishing/batch-record.ts';
import { openRecorder } from '../../adapters/publishing/record.ts';
import type { Timers } from '../../adapters/publishing/timers.ts';
import { CHANNEL_EVENT_VERSION as v } from '../../domain/channel/events.ts';
import type { EventLog } from '../../domain/event-log.ts';
import type { Clock } from '../../domain/time.ts';
import { UNRECORDED } from '../../projections/published-pages.ts';
import { skuName } from '../load/request.ts';
import type { Stocks } from './stocks.ts';

/** Units of every stock. */
export const UNITS = 10;

export interface SeedOptions {
  readonly log: EventLog;
  readonly stocks: Stocks;
  readonly skus: number;
  readonly channels: readonly string[];
  readonly clock: Clock;
  readonly timers: Timers;
}

const UPDATES_PER_BATCH = 1_000;

export async function seedPublished(options: SeedOptions): Promise<void> {
  const { stocks, skus, channels } = options;
  for (let from = 0; from < skus; from += 500) {
    await Promise.all(Array.from({ length: Math.min(500, skus - from) }, (_, n) => stocks.receive(from + n, UNITS)));
  }
  for (const channel of channels) await tellAll(channel, options);
}

/** A clean stop stands at the end: who starts then has nothing to doubt. */
async function tellAll(channel: string, { log, skus, clock, timers }: SeedOptions): Promise<void> {
  const { signal } = new AbortController();
  const room = { log, hashes: systemHashes, timers, random: Math.random, signal, stalled: () => {} };
  const recorder = await openRecorder(channel, UNRECORDED, room);
  const at = clock.now();
  const started = { type: 'PublishingStarted', v, startedAt: at, policy: '' } as const;
  const { position: version } = await recorder.append({ cause: `${channel}-start`, events: [started] });
  for (let from = 0; from < skus; from += UPDATES_PER_BATCH) {
    const count = Math.min(UPDATES_PER_BATCH, skus - from);
    const updates = Array.from({ length: count }, (_, n) => ({ sku: skuName(from + n), units: UNITS }));
    const batchId = `${channel}-${from}`;
    const events = batchEvents({
      ...{ batchId, version, floor: version, startedAt: at, finishedAt: at, lagMs: 0, detail: undefined },
      ...{ acknowledgement: 'applied', readBack: false, lane: 'urgent', updates },
      outcomes: new Map(updates.map(({ sku }) => [sku, { kind: 'confirmed' }])),
    });
    await recorder.append({ cause: batchId, events });
  }
  await recorder.append({ cause: `${channel}-stop`, events: [{ type: 'PublishingStopped', v, stoppedAt: at }] });
}

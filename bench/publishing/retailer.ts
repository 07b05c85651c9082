// The publishing engine over the real read model and a log in memory, in time that stands still while anything works. The
// channels are whatever connectors it is given; every call of theirs is counted.

import type { Connector } from '../../adapters/channels/channel.ts';
import { createMemoryLog } from '../../adapters/event-log/memory.ts';
import { systemHashes } from '../../adapters/platform.ts';
import { type Publishing, publishingPolicyOf, startPublishing } from '../../adapters/publishing/publisher.ts';
import type { ChannelPolicy, Policy } from '../../domain/channel/policy.ts';
import { type EventLog, START } from '../../domain/event-log.ts';
import { currentPublished } from '../../projections/published.ts';
import { openReadModel } from '../../projections/read-model.ts';
import { stakesOf } from '../../projections/stakes.ts';
import { PUBLISHED_PROJECTION } from '../../server/projections.ts';
import { systemTime } from '../../server/wiring/time.ts';
import { seedPublished } from './seed.ts';
import { createStillTime, type StillTime } from './still-time.ts';
import { createStocks, type Stocks } from './stocks.ts';

export interface RetailerOptions {
  /** For the read model. */
  readonly directory: string;
  readonly policy: Policy;
  /** All of which every channel shows at the start. */
  readonly skus: number;
  /** `time` is the one that everything else goes by. */
  readonly connect: (channel: ChannelPolicy, time: StillTime) => Connector;
}

export interface Retailer {
  readonly time: StillTime;
  readonly stocks: Stocks;
  readonly publishing: Publishing;
  /** What the channel is to be told and is not known to show: waiting, under way, or accepted and not seen. */
  open(channel: string): number;
  close(): Promise<void>;
}

export async function openRetailer(options: RetailerOptions): Promise<Retailer> {
  const { directory, policy, skus, connect } = options;
  const channels = policy.channels.map(({ id }) => id);
  const log = watched(createMemoryLog());
  const time = createStillTime(() => log.appending === 0 && readModel.availability.position() >= log.last);
  const stocks = createStocks(log, time.clock);
  await seedPublished({ log, stocks, skus, channels, ...time });
  const readModel = await openReadModel({
    ...{ log, directory, policy, time: systemTime, projections: [PUBLISHED_PROJECTION] },
  });
  await readModel.waitFor(await log.head(), 60_000);
  const publishing = startPublishing({
    ...{ availability: readModel.availability, log, ...time, hashes: systemHashes, random: Math.random },
    published: currentPublished(() => readModel.projection(PUBLISHED_PROJECTION), readModel.onSwitch),
    policy: publishingPolicyOf(policy),
    stakes: stakesOf(readModel, () => policy),
    connect: (channel) => connect(channel, time),
  });
  return {
    ...{ time, stocks, publishing },
    open(channel) {
      const { backlog, inFlight, readBack } = publishing.status(channel)!;
      return backlog + inFlight + (readBack?.waiting ?? 0);
    },
    async close() {
      const closed = publishing.close();
      await time.pass(10_000);
      await closed;
      await readModel.close();
      await log.close();
    },
  };
}

/** Knows how far the log is, at once. */
function watched(log: EventLog): EventLog & { readonly appending: number; readonly last: bigint } {
  let appending = 0;
  let last = START;
  return {
    ...log,
    get appending() {
      return appending;
    },
    get last() {
      return last;
    },
    async append(...given) {
      appending += 1;
      try {
        const appended = await log.append(...given);
        if (appended.position > last) last = appended.position;
        return appended;
      } finally {
        appending -= 1;
      }
    },
  };
}

// Events of a channel's stream as it tells them, and the read model that folds them.
import {
  CHANNEL_EVENT_VERSION,
  type ChannelEvent,
  channelEventData,
  type ReadValue,
} from '../../domain/channel/events.ts';
import type { RecordedEvent } from '../../domain/event-log.ts';
import { STOCK_EVENT_VERSION } from '../../domain/stock/events.ts';
import { createPublished, type Published } from '../../projections/published.ts';

const v = CHANNEL_EVENT_VERSION;
export type Update = [string, number, 'confirmed' | 'retryLater' | 'unknown' | 'refused', ...number[]];

export const told = (version: number, updates: Update[], reasons: string[] = []): ChannelEvent => ({
  type: 'AvailabilityPublished',
  v,
  batchId: `b-${version}`,
  startedAt: 1_000 * version,
  finishedAt: 1_000 * version + 500,
  version: String(version),
  floor: String(version),
  lagMs: 40,
  acknowledgement: 'applied',
  updates,
  reasons,
});
export const started = (policy: string): ChannelEvent => ({ type: 'PublishingStarted', v, startedAt: 1, policy });
export const stopped: ChannelEvent = { type: 'PublishingStopped', v, stoppedAt: 2 };
export const took = (node: string): ChannelEvent => {
  return { type: 'PublishingStarted', v, startedAt: 1, policy: 'p1', node, session: `${node}-1` };
};
export const held: ChannelEvent = { type: 'PublishingHeld', v, heldAt: 2 };
export const asked: ChannelEvent = { type: 'PublishingAsked', v, askedAt: 2, node: 'other' };
export const leftUnsure: ChannelEvent = { type: 'PublishingStopped', v, stoppedAt: 2, unsure: true };
export const paused: ChannelEvent = { type: 'PublishingPaused', v, at: 3, by: 'ada', reason: 'why' };
export const resumed: ChannelEvent = { type: 'PublishingResumed', v, at: 4, by: 'bob' };
export const readBack = (values: readonly ReadValue[]): ChannelEvent => {
  return { type: 'AvailabilityReadBack', v, at: 6, lagMs: 7, values: [...values], reasons: [] };
};
export const doubted = (skus?: string[]): ChannelEvent => {
  return { type: 'RepublishRequested', v, at: 5, by: 'bob', ...(skus && { skus }) };
};

export function recorded(channel: string, events: readonly ChannelEvent[], from = 0): RecordedEvent[] {
  return events.map((event, n) => ({
    id: `${channel}-${from + n}`,
    type: event.type,
    data: channelEventData(event),
    metadata: { hash: `h${from + n}` },
    stream: `channel-${channel}`,
    revision: from + n,
    position: BigInt(10 * (from + n)),
  }));
}

export const sale = (sku: string, position: bigint, channel = 'shop'): RecordedEvent => ({
  id: `sale-${position}`,
  type: 'UnitsSold',
  data: { v: STOCK_EVENT_VERSION, channel, quantity: 1 },
  metadata: {},
  stream: `stock-${sku}~x`,
  revision: 0,
  position,
});

export function folded(events: readonly RecordedEvent[]): Published {
  const published = createPublished();
  for (const event of events) published.apply(event);
  return published;
}

export const pagesOf = (published: Published): Map<string, string> =>
  new Map([...published.takeChangedPages()].map(({ key, bytes }) => [key, new TextDecoder().decode(bytes)]));

// GET /v1/channels/{channel}/publishing: what waits for the channel, what it refuses and why, and what was told to it last,
// as its own stream in the log says: also from before a restart, by whichever process published.
import { z } from 'zod';
import { type ChannelEvent, channelStream, readChannelEvent } from '../../domain/channel/events.ts';
import type { RecordedEvent } from '../../domain/event-log.ts';
import { type Api, type ApiContext, admit, json } from './api.ts';
import { channelOf } from './availability.ts';
import { publishingView } from './channels.ts';
import { readQuery } from './intake/query.ts';
import { countTo } from './openapi/parameters.ts';

const EVENTS_MAX = 100;
const REFUSED_SHOWN = 1_000;

export const PublishingHistoryQuery = z.strictObject({
  limit: countTo(EVENTS_MAX, 1).default(20).meta({ description: 'Events of the channel, newest first' }),
});

export async function getPublishing(api: Api, c: ApiContext): Promise<Response> {
  const client = admit(api, c, 'availability:read');
  const channel = channelOf(api, c, client);
  const { limit } = readQuery(c, PublishingHistoryQuery);
  const { told } = api;
  const last = told?.lastRevision(channel) ?? -1;
  const events = await api.log.read(channelStream(channel), Math.max(0, last + 1 - limit), limit);
  return json({
    channel,
    publishing: publishingView(api, channel),
    refused: told?.refused(channel, REFUSED_SHOWN) ?? [],
    events: events.map(eventView).reverse(),
  });
}

function eventView(recorded: RecordedEvent) {
  const event = readChannelEvent(recorded);
  return { event: event.type, position: recorded.position, at: text(instantOf(event)), ...detailsOf(event) };
}

function instantOf(event: ChannelEvent): number {
  switch (event.type) {
    case 'PublishingStarted':
    case 'AvailabilityPublished':
      return event.startedAt;
    case 'PublishingStopped':
      return event.stoppedAt;
    case 'PublishingHeld':
      return event.heldAt;
    case 'PublishingAsked':
      return event.askedAt;
    default:
      return event.at;
  }
}

function detailsOf(event: ChannelEvent): object {
  switch (event.type) {
    case 'AvailabilityPublished':
      return {
        ...{
          batch: event.batchId,
          lane: event.lane ?? 'urgent',
          tookMs: Math.max(0, event.finishedAt - event.startedAt),
        },
        ...{ lagMs: event.lagMs, updates: event.updates.length },
        outcomes: countBy(event.updates, ([, , outcome]) => outcome),
        detail: event.detail ?? event.reasons[0],
      };
    case 'AvailabilityReadBack':
      return {
        ...{ lagMs: event.lagMs, updates: event.values.length },
        outcomes: countBy(event.values, ([, , , verdict]) => verdict),
        detail: event.reasons[0],
      };
    case 'PublishingPaused':
    case 'PublishingResumed':
      return { by: event.by, detail: event.reason };
    case 'RepublishRequested':
      return { by: event.by, detail: event.reason, updates: event.skus?.length };
    case 'PublishingStarted':
    case 'PublishingAsked':
      return { by: event.node };
    case 'PublishingHeld':
    case 'PublishingStopped':
      return {};
  }
}

function countBy<T>(values: readonly T[], of: (value: T) => string): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[of(value)] = (counts[of(value)] ?? 0) + 1;
  return counts;
}

function text(at: number): string {
  return new Date(at).toISOString();
}

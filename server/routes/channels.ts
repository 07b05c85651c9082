// GET /v1/channels and /v1/channels/{channel}: the policy of a channel and how publishing to it goes. GET /v1/sources: what
// sources sent that has not arrived. All are for operations.
import { z } from 'zod';
import { mayUseChannel } from '../auth.ts';
import type { InboundStatus } from '../inbound/inbound-channel.ts';
import { HttpProblem } from '../problems.ts';
import { type Api, type ApiContext, admit, json } from './api.ts';
import { channelOf } from './availability.ts';
import { readQuery } from './intake/query.ts';

const NoQuery = z.strictObject({});

export function getChannel(api: Api, c: ApiContext): Response {
  const client = admit(api, c, 'availability:read');
  const id = channelOf(api, c, client);
  readQuery(c, NoQuery);
  const policy = api.policy();
  const { on, locations, buffer, lagPriced, percentage, cap, connector } = policy.channel(id)!;
  return json({
    channel: id,
    policy: { version: policy.version, on, locations, buffer, lagPriced, percentage, cap },
    // A channel without a connector reads the API: nothing is published to it.
    publishing: publishingView(api, id),
    connector: connector?.type,
    inbound: inboundView(api.processes.inbound.status(id)),
    changedAt: api.availability.changedAt(id),
    asOf: api.availability.position(),
  });
}

/** Those that the key may see, in the order of the policy. */
export function getChannels(api: Api, c: ApiContext): Response {
  const client = admit(api, c, 'availability:read');
  readQuery(c, NoQuery);
  const seen = api.policy().channels.filter(({ id }) => mayUseChannel(client, id));
  const channels = seen.map(({ id, connector }) => {
    return { channel: id, connector: connector?.type, publishing: publishingView(api, id) };
  });
  return json({ channels, asOf: api.availability.position() });
}

/** Undefined: nothing is published to it. */
export function publishingView(api: Api, channel: string): object | undefined {
  const status = api.channelStatus?.(channel);
  if (status === undefined) return undefined;
  const { lastAcknowledgedAt, paused, ...rest } = status;
  return {
    ...rest,
    lastAcknowledgedAt: text(lastAcknowledgedAt),
    paused: paused && { ...paused, at: text(paused.at) },
  };
}

function inboundView(status: InboundStatus | undefined) {
  if (status === undefined) return undefined;
  const { failure, webhook, poll, waiting, oldest } = status;
  return {
    failure,
    webhook: webhook && { ...webhook, lastReceivedAt: text(webhook.lastReceivedAt) },
    poll: poll && { ...poll, lastSuccessAt: text(poll.lastSuccessAt), nextAt: text(poll.nextAt) },
    waiting,
    oldest: oldest.map(({ id, about, why, reason, since }) => ({ id, about, why, reason, since: text(since) })),
  };
}

/** Sources are not bound to a location, so a key that is limited to some sees none. */
export function getSources(api: Api, c: ApiContext): Response {
  const client = admit(api, c, 'stock:read');
  if (client.locations !== 'all') throw new HttpProblem('forbidden', 'This needs a key that may see all locations');
  readQuery(c, NoQuery);
  const sources = (api.sourceGaps?.() ?? []).map((gaps) => ({ ...gaps, lastSeenAt: text(gaps.lastSeenAt) }));
  return json({ sources });
}

function text(at: number | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at).toISOString();
}

// GET /v1/channels/{channel}: its policy and how publishing to it goes. GET /v1/sources: what sources sent that has
// not arrived. Both are for operations.
import { z } from 'zod';
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
  const status = api.channelStatus?.(id);
  return json({
    channel: id,
    policy: { version: policy.version, on, locations, buffer, lagPriced, percentage, cap },
    // A channel without a connector reads the API: nothing is published to it.
    publishing: status === undefined ? undefined : { ...status, lastAcknowledgedAt: text(status.lastAcknowledgedAt) },
    connector: connector?.type,
    changedAt: api.availability.changedAt(id),
    asOf: api.availability.position(),
  });
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

// GET /v1/availability/…: what each channel may sell, and why. The list is conditional: a channel that polls it
// with If-None-Match gets 304 until one of its figures changes.
import { z } from 'zod';
import { InstantText } from '../../domain/stock/commands.ts';
import { Sku } from '../../domain/stock/stream.ts';
import type { Instant } from '../../domain/time.ts';
import type { Times } from '../../projections/as-of.ts';
import type { Explanation } from '../../projections/availability.ts';
import type { FigureAt } from '../../projections/explain-at.ts';
import type { Client } from '../auth/keys.ts';
import { mayUseLocation, requireChannel, requireScope } from '../auth.ts';
import { HttpProblem } from '../problems.ts';
import { type Api, type ApiContext, admit, charge, json } from './api.ts';
import { readFigureAt } from './figure-at.ts';
import { isNotModified, notModified, readQuery, segment, waitForPosition } from './intake/query.ts';
import { countTo, Flag, Position } from './openapi/parameters.ts';
import { pastTimes, TIMES, timesView } from './times.ts';

const PAGE_LIMIT_MAX = 5_000;

export const AvailabilityQuery = z.strictObject({
  after: Position.optional(),
  cursor: Sku.optional().meta({ description: 'The last SKU of the page before; its `next`' }),
  limit: countTo(PAGE_LIMIT_MAX, 1).default(500).meta({ description: 'SKUs a page' }),
  prefix: Sku.optional().meta({ description: 'Only SKUs that start with this' }),
  inStock: Flag.optional().meta({ description: 'true: only SKUs with units to sell; false, the default: all' }),
});

/** The channel a request names, known and permitted. @throws HttpProblem `forbidden`, `unknown-channel` */
export function channelOf(api: Api, c: ApiContext, client: Client): string {
  const channel = segment(c, 'channel');
  requireChannel(client, channel);
  if (api.policy().channel(channel) === undefined) {
    throw new HttpProblem('unknown-channel', `The policy has no channel ${channel}`);
  }
  return channel;
}

export async function getAvailability(api: Api, c: ApiContext): Promise<Response> {
  const client = admit(api, c, 'availability:read');
  const channel = channelOf(api, c, client);
  const { after, cursor, limit, prefix, inStock } = readQuery(c, AvailabilityQuery);
  await waitForPosition(api, after);
  const { availability } = api;
  // Weak: `asOf` moves with every event, the figures only with those of this channel.
  const etag = `W/"${availability.changedAt(channel)}-${api.policy().version.replaceAll(/[^\x21\x23-\x7e]/g, '_')}"`;
  if (isNotModified(c, etag)) return notModified(etag);
  const { rows, next } = availability.page(channel, {
    limit,
    ...(cursor === undefined ? undefined : { after: cursor }),
    ...(prefix === undefined ? undefined : { prefix }),
    ...(inStock === undefined ? undefined : { inStock }),
  });
  const headers = { etag, 'cache-control': 'no-cache' };
  return json({ channel, asOf: availability.position(), availability: rows, next }, headers);
}

export const FigureQuery = z.strictObject({ after: Position.optional(), ...TIMES });

export async function getFigure(api: Api, c: ApiContext): Promise<Response> {
  const client = admit(api, c, 'availability:read');
  const { after, ...given } = readQuery(c, FigureQuery);
  const times = pastTimes(api, given);
  const sku = segment(c, 'sku');
  if (times === undefined) {
    const channel = channelOf(api, c, client);
    await waitForPosition(api, after);
    const units = api.availability.units(channel, sku);
    if (units === undefined) throw unknownFigure(channel, sku);
    return json({ channel, sku, units, asOf: api.availability.position() });
  }
  const channel = permittedChannel(c, client);
  await waitForPosition(api, after);
  const { units, asOf, policyVersion, lagPriceLeftOut } = await explanationAt(api, client, { channel, sku, ...times });
  return json({ channel, sku, units, asOf, at: timesView(times), policyVersion, lagPriceLeftOut });
}

export const ExplanationQuery = FigureQuery.extend({
  at: InstantText.optional().meta({
    description: 'The same as `knownAt`: by what had been recorded and under the policy in force then',
  }),
});

/** Of a past time: the policy of today need not know it any more. @throws HttpProblem `forbidden` */
function permittedChannel(c: ApiContext, client: Client): string {
  const channel = segment(c, 'channel');
  requireChannel(client, channel);
  return channel;
}

/** @throws HttpProblem `unknown-channel` or `unknown-availability` of that time · `rate-limited`: it costs a read for each stock */
function explanationAt(api: Api, client: Client, figure: Omit<FigureAt, 'policy'>): Promise<Explanation> {
  const history = api.processes.policies.history();
  return readFigureAt(api.log, history, figure, (stocks) => charge(api, client, stocks));
}

/** @throws HttpProblem `invalid-parameter` */
function explanationTimes(api: Api, { at, asOf, knownAt }: Times & { readonly at?: Instant | undefined }) {
  if (at !== undefined && knownAt !== undefined) {
    const message = 'is the same as knownAt: give one of them';
    throw new HttpProblem('invalid-parameter', `at ${message}`, { errors: [{ path: 'at', rule: 'rule', message }] });
  }
  return pastTimes(api, { asOf, knownAt: knownAt ?? at });
}

/** The parts show locations, so it also needs stock:read and a key that may see every one of them. */
export async function getExplanation(api: Api, c: ApiContext): Promise<Response> {
  const client = admit(api, c, 'availability:read');
  requireScope(client, 'stock:read');
  const sku = segment(c, 'sku');
  const { after, ...given } = readQuery(c, ExplanationQuery);
  const times = explanationTimes(api, given);
  const channel = times === undefined ? channelOf(api, c, client) : permittedChannel(c, client);
  await waitForPosition(api, after);
  const explanation =
    times === undefined
      ? api.availability.explain(channel, sku)
      : await explanationAt(api, client, { channel, sku, ...times });
  if (explanation === undefined) throw unknownFigure(channel, sku);
  const parts = [explanation, ...(explanation.bundle?.components ?? [])].flatMap(({ locations }) => locations);
  const hidden = parts.find(({ location }) => !mayUseLocation(client, location));
  if (hidden !== undefined) {
    const detail = `The explanation shows ${hidden.location}, and this key is limited to other locations`;
    throw new HttpProblem('forbidden', detail);
  }
  const shown = client.channels === 'all' ? explanation : withoutQuotas(explanation);
  return json(times === undefined ? shown : { ...shown, at: timesView(times) });
}

/** Quotas name other channels: a key that is limited to some sees what they come to. */
function withoutQuotas({ bundle, ...explanation }: Explanation): Explanation {
  const bare = (locations: Explanation['locations']) => locations.map(({ quotas: _, ...location }) => location);
  const components = bundle?.components.map((one) => ({ ...one, locations: bare(one.locations) }));
  const shown = { ...explanation, locations: bare(explanation.locations) };
  return bundle === undefined ? shown : { ...shown, bundle: { ...bundle, components: components! } };
}

function unknownFigure(channel: string, sku: string): HttpProblem {
  return new HttpProblem('unknown-availability', `No location of ${channel} has ever held SKU ${sku}`);
}

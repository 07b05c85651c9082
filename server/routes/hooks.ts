// POST /v1/hooks/{channel}: what a channel tells by webhook. No API key: the adapter proves the bytes as they came. Whoever
// cannot prove them learns nothing, not even whether there is such a channel. 200 means: durable, it need not come again.
import { Conflict, Unavailable, UnknownOutcome } from '../../domain/event-log.ts';
import { ChannelId } from '../../domain/stock/stream.ts';
import type { Client } from '../auth/keys.ts';
import { HttpProblem } from '../problems.ts';
import { type Api, type ApiContext, json, type Route, traceparentOf } from './api.ts';
import { readBody } from './intake/body.ts';

export const HOOK_BYTES_MAX = 256 * 1024;
/** Deliveries of one channel, and of all that are for no channel: enough for a sale, too few for guessing. */
const PER_SECOND = 200;
const RETRY_AFTER_MS = 5_000;

async function postHook(api: Api, c: ApiContext, traceparent = traceparentOf(c)): Promise<Response> {
  const channel = ChannelId.safeParse(c.req.param('channel')).data;
  const known = channel !== undefined && api.policy().channel(channel) !== undefined ? channel : '';
  const denied = api.rate.take(senderOf(known), 1);
  if (denied !== undefined) throw new HttpProblem('rate-limited', 'Too many deliveries', denied, denied.headers);
  const rawBody = await readBody(c, HOOK_BYTES_MAX);
  const request = { rawBody, headers: c.req.raw.headers, url: calledUrl(c.req.url, api.publicUrl) };
  let received: Awaited<ReturnType<typeof api.processes.inbound.receive>>;
  try {
    received = await api.processes.inbound.receive(known, request, traceparent);
  } catch (error) {
    if (!(error instanceof Unavailable || error instanceof UnknownOutcome || error instanceof Conflict)) throw error;
    throw new HttpProblem('unavailable', 'Nothing was kept: send it again', { retryAfterMs: RETRY_AFTER_MS });
  }
  switch (received) {
    case 'taken':
      return json({ received: true });
    case 'busy':
      throw new HttpProblem('overloaded', 'Too much waits: send it again', { retryAfterMs: RETRY_AFTER_MS });
    case 'unverified':
      throw new HttpProblem('unauthenticated', 'It is not from the channel');
  }
}

/** As the sender knows it: behind a proxy the address of this server is another. */
function calledUrl(url: string, publicUrl: string | undefined): string {
  return publicUrl === undefined ? url : publicUrl.replace(/\/+$/, '') + url.slice(new URL(url).origin.length);
}

/** Whom the rate is counted for; no key of a client has such an id. */
function senderOf(channel: string): Client {
  return {
    id: `hook:${channel}`,
    scopes: new Set(),
    locations: new Set(),
    channels: new Set(),
    ratePerSecond: PER_SECOND,
  };
}

export const HOOKS_ROUTES: readonly Route[] = [['post', '/v1/hooks/:channel', postHook]];

// /v1/webhooks: how telling them goes, and telling one of events once more. A webhook may be told of events of all channels
// and locations, so a key that is limited to some sees none of them.
import { z } from 'zod';
import { type Position, START } from '../../domain/event-log.ts';
import { Reason } from '../../domain/stock/commands.ts';
import type { Client } from '../auth/keys.ts';
import { HttpProblem } from '../problems.ts';
import { firstBefore } from '../webhooks/place-at.ts';
import type { WebhookStatus } from '../webhooks/webhooks.ts';
import { type Api, type ApiContext, admit, json, type Route } from './api.ts';
import { isLimited } from './feed-event.ts';
import { answerJson } from './intake/json-request.ts';
import { readQuery } from './intake/query.ts';
import { webhookHistory } from './webhook-history.ts';

const NoQuery = z.strictObject({});

export const WebhookReplay = z
  .strictObject({
    after: z
      .string()
      .regex(/^\d{1,20}$/, 'must be a position')
      .optional()
      .meta({ description: 'Events after this position of the log are sent once more' }),
    from: z.iso.datetime({ offset: true }).optional().meta({ description: 'Instead: events recorded from then on' }),
    reason: Reason,
  })
  .refine(({ after, from }) => after === undefined || from === undefined, {
    path: ['from'],
    error: 'give `after` or `from`, not both; neither: from the beginning',
  })
  .meta({ id: 'WebhookReplay' });

export const WEBHOOKS_ROUTES: readonly Route[] = [
  ['get', '/v1/webhooks', getWebhooks],
  ['get', '/v1/webhooks/:webhook', getWebhook],
  ['post', '/v1/webhooks/:webhook/replay', postWebhookReplay],
];

function getWebhooks(api: Api, c: ApiContext): Response {
  requireAll(admit(api, c, 'webhooks:read'));
  readQuery(c, NoQuery);
  const { webhooks } = api.processes;
  return json({ webhooks: webhooks.ids().map((id) => webhookView(id, statusOf(api, id))) });
}

async function getWebhook(api: Api, c: ApiContext): Promise<Response> {
  requireAll(admit(api, c, 'webhooks:read'));
  readQuery(c, NoQuery);
  const id = c.req.param('webhook') ?? '';
  const status = statusOf(api, id);
  return json({ ...webhookView(id, status), history: await webhookHistory(id, status.revision, api.log) });
}

function postWebhookReplay(api: Api, c: ApiContext): Promise<Response> {
  return answerJson(api, c, { scope: 'webhooks:write', schema: WebhookReplay }, async (client, asked) => {
    requireAll(client);
    const id = c.req.param('webhook') ?? '';
    statusOf(api, id);
    const after = await placeOf(api, asked);
    const answer = await api.processes.webhooks.replay(id, { after, by: client.id, reason: asked.reason });
    if (answer === undefined || answer.kind === 'away') throw notToldHere(id);
    if (answer.kind === 'ahead') {
      const message = `lies ahead of what was sent, which is up to ${answer.upTo}`;
      throw new HttpProblem('position-ahead', `/after ${message}`, {
        errors: [{ path: '/after', rule: 'position-ahead', message }],
      });
    }
    return json({ webhook: id, after: after === START ? undefined : String(after) });
  });
}

async function placeOf({ log }: Api, { after, from }: z.output<typeof WebhookReplay>): Promise<Position> {
  if (from !== undefined) return firstBefore(Date.parse(from), log);
  return after === undefined ? START : BigInt(after);
}

export function webhookView(id: string, status: WebhookStatus) {
  const { nextTryAt, outageSince, lastSetAside, lastDeliveredAt, revision: _, ...rest } = status;
  return {
    webhook: id,
    ...rest,
    lastSetAside: lastSetAside.map((one) => ({ ...one, at: text(one.at) })),
    lastDeliveredAt: text(lastDeliveredAt),
    nextTryAt: text(nextTryAt),
    outageSince: text(outageSince),
  };
}

function statusOf(api: Api, id: string): WebhookStatus {
  const status = api.processes.webhooks.status(id);
  if (status !== undefined) return status;
  if (api.policy().document.webhooks?.some((one) => one.id === id)) throw notToldHere(id);
  throw new HttpProblem('unknown-webhook', `The policy has no webhook ${id}`);
}

function notToldHere(id: string): HttpProblem {
  return new HttpProblem('unavailable', `${id} is not told by this process now`, { retryAfterMs: AWAY_MS });
}
const AWAY_MS = 30_000;

/** @throws HttpProblem `forbidden` */
function requireAll(client: Client): void {
  if (isLimited(client))
    throw new HttpProblem('forbidden', 'This needs a key without limits to channels and locations');
}

function text(at: number | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at).toISOString();
}

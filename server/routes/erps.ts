// /v1/erps: how posting to the ERPs goes, what waits apart, and trying it again. The books are of all locations, so a key
// that is limited to some sees none of them.
import { z } from 'zod';
import type { ParkedMovement } from '../../domain/erp/events.ts';
import { Reason } from '../../domain/stock/commands.ts';
import { Sku } from '../../domain/stock/stream.ts';
import type { Client } from '../auth/keys.ts';
import type { ErpStatus } from '../erp/status.ts';
import { HttpProblem } from '../problems.ts';
import { type Api, type ApiContext, admit, json, type Route } from './api.ts';
import { answerJson } from './intake/json-request.ts';
import { readQuery } from './intake/query.ts';

const NoQuery = z.strictObject({});
const PARKED_SHOWN = 100;

export const ErpRetry = z
  .strictObject({
    sku: Sku.optional().meta({ description: 'Only movements of this SKU; default: all that wait apart' }),
  })
  .meta({ id: 'ErpRetry' });

export const ErpDismissal = z
  .strictObject({
    references: z
      .array(z.string().min(1).max(100))
      .min(1)
      .max(100)
      .meta({ description: 'Of movements that wait apart' }),
    reason: Reason,
  })
  .meta({ id: 'ErpDismissal' });

export const ERPS_ROUTES: readonly Route[] = [
  ['get', '/v1/erps', getErps],
  ['get', '/v1/erps/:erp', getErp],
  ['post', '/v1/erps/:erp/retry', postErpRetry],
  ['post', '/v1/erps/:erp/dismiss', postErpDismissal],
];

function getErps(api: Api, c: ApiContext): Response {
  requireAll(admit(api, c, 'reconciliation:read'));
  readQuery(c, NoQuery);
  const { erps } = api.processes;
  const elsewhere = api.policy().document.erps?.find(({ id }) => isElsewhere(api, id));
  if (elsewhere !== undefined) throw postedElsewhere(elsewhere.id);
  return json({ erps: erps.ids().map((id) => statusView(id, statusOf(api, id))) });
}

function getErp(api: Api, c: ApiContext): Response {
  requireAll(admit(api, c, 'reconciliation:read'));
  readQuery(c, NoQuery);
  const id = c.req.param('erp') ?? '';
  const status = statusOf(api, id);
  const { erps } = api.processes;
  const waitingApart = erps.parked(id, PARKED_SHOWN).map(parkedView);
  return json({ ...statusView(id, status), waitingApart, dismissed: erps.dismissed(id, PARKED_SHOWN) });
}

function postErpRetry(api: Api, c: ApiContext): Promise<Response> {
  return answerJson(api, c, { scope: 'reconciliation:write', schema: ErpRetry }, async (client, { sku }) => {
    requireAll(client);
    const id = c.req.param('erp') ?? '';
    const movements = api.processes.erps.retry(id, sku);
    if (movements === undefined) throw noSuchErp(api, id);
    return json({ erp: id, movements });
  });
}

function postErpDismissal(api: Api, c: ApiContext): Promise<Response> {
  return answerJson(api, c, { scope: 'reconciliation:write', schema: ErpDismissal }, async (client, asked) => {
    requireAll(client);
    const id = c.req.param('erp') ?? '';
    const answer = await api.processes.erps.dismiss(id, { ...asked, by: client.id });
    if (answer === undefined) throw noSuchErp(api, id);
    if (answer.kind === 'away')
      throw new HttpProblem('unavailable', `${id}: ${answer.reason}`, { retryAfterMs: AWAY_MS });
    const { dismissed, found } = answer;
    return json({ erp: id, dismissed, found });
  });
}
const AWAY_MS = 30_000;

export function statusView(id: string, status: ErpStatus) {
  const { nextTryAt, outageSince, lastReadAt, lastPosted, ...rest } = status;
  return {
    erp: id,
    ...rest,
    lastPosted: lastPosted && { ...lastPosted, at: text(lastPosted.at) },
    nextTryAt: text(nextTryAt),
    outageSince: text(outageSince),
    lastReadAt: text(lastReadAt),
  };
}

export function parkedView({ movement, why, reason, parkedAt }: ParkedMovement) {
  const { occurredAt, recordedAt, ...rest } = movement;
  const times = { occurredAt: text(occurredAt), recordedAt: text(recordedAt), parkedAt: text(parkedAt) };
  return { ...rest, ...times, why, ...(reason === '' ? {} : { reason }) };
}

function statusOf(api: Api, id: string): ErpStatus {
  const status = api.processes.erps.status(id);
  if (status === undefined) throw noSuchErp(api, id);
  return status;
}

/** Nothing here follows it: the policy does not know it, or another node posts to it. */
function noSuchErp(api: Api, id: string): HttpProblem {
  return isElsewhere(api, id) ? postedElsewhere(id) : new HttpProblem('unknown-erp', `The policy has no ERP ${id}`);
}

function isElsewhere({ policy, processes: { erps } }: Api, id: string): boolean {
  return !erps.ids().includes(id) && (policy().document.erps?.some((erp) => erp.id === id) ?? false);
}

function postedElsewhere(id: string): HttpProblem {
  const detail = `ERP ${id} is in the policy, and another node posts to it: this one only serves (NODE_ROLE=api). Ask that node`;
  return new HttpProblem('unavailable', detail);
}

/** @throws HttpProblem `forbidden` */
function requireAll({ locations }: Client): void {
  if (locations !== 'all') throw new HttpProblem('forbidden', 'This needs a key that may see all locations');
}

function text(at: number | undefined): string | undefined {
  return at === undefined || !Number.isFinite(at) ? undefined : new Date(at).toISOString();
}

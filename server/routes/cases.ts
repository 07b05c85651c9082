// /v1/cases: what needs somebody, and what they say to it. A key that is limited to locations or channels sees and works
// on the cases that are about them.
import { z } from 'zod';
import type { Case } from '../../domain/exception/case.ts';
import { CaseCommand, CaseId, Owner } from '../../domain/exception/case-commands.ts';
import { caseWorkflow } from '../../domain/exception/case-workflow.ts';
import { CASE_KINDS } from '../../domain/exception/cause.ts';
import { OrderId } from '../../domain/order/commands.ts';
import { Severity } from '../../domain/policy/escalation.ts';
import { Id } from '../../domain/stock/commands.ts';
import { ChannelId, LocationId, Sku } from '../../domain/stock/stream.ts';
import { MINUTE } from '../../domain/time.ts';
import { TransferId } from '../../domain/transfer/commands.ts';
import { workflowStream } from '../../domain/workflow.ts';
import { CASE_CURSOR, listCases } from '../../projections/case-list.ts';
import type { Client } from '../auth/keys.ts';
import { mayUseChannel, mayUseLocation } from '../auth.ts';
import type { CaseAnswer } from '../cases/desk.ts';
import { failureDetail, HttpProblem } from '../problems.ts';
import { type Api, type ApiContext, admit, charge, json, type Route, traceparentOf } from './api.ts';
import { caseHappening, caseView } from './case-view.ts';
import { answerJson } from './intake/json-request.ts';
import { readQuery, segmentBy, waitForPosition } from './intake/query.ts';
import { workflowResponse } from './intake/workflow-answer.ts';
import { countTo, Flag, Position } from './openapi/parameters.ts';

/** `open`: somebody still has to look, assigned or not. */
const STATUSES = ['open', 'assigned', 'resolved', 'dismissed', 'cleared', 'all'] as const;
const AGE_MINUTES_MAX = 10_000_000;

export const CasesQuery = z.strictObject({
  status: z.enum(STATUSES).default('open').meta({ description: 'open: assigned ones too' }),
  kind: z.enum(CASE_KINDS).optional(),
  owner: Owner.optional(),
  severity: Severity.optional(),
  channel: ChannelId.optional(),
  location: LocationId.optional(),
  sku: Sku.optional(),
  orderId: OrderId.optional(),
  transferId: TransferId.optional(),
  source: Id.optional().meta({ description: 'A till, a webhook, an ERP: whatever sends us something or is told' }),
  olderThanMinutes: countTo(AGE_MINUTES_MAX).optional(),
  overdue: Flag.optional().meta({ description: 'Later than their time' }),
  after: Position.optional(),
  cursor: z.string().regex(CASE_CURSOR, 'must be `next` of a page').optional(),
  limit: countTo(1_000, 1).default(100).meta({ description: 'Cases a page at most' }),
});

async function getCases(api: Api, c: ApiContext): Promise<Response> {
  const client = admit(api, c, 'cases:read');
  const { after, cursor, limit, olderThanMinutes, overdue, ...filter } = readQuery(c, CasesQuery);
  await waitForPosition(api, after);
  const { cases } = api.processes;
  const now = cases.now();
  const asked = {
    ...filter,
    ageMsMin: olderThanMinutes === undefined ? undefined : olderThanMinutes * MINUTE,
    isOverdue: overdue,
    sees: (state: Case) => maySee(client, state),
  };
  const list = listCases(cases.reader(), asked, { now, limit, cursor });
  const views = list.cases.map((state) => caseView(state, now));
  return json({ cases: views, next: list.next, counts: list.counts, asOf: api.availability.position() });
}

export const CaseQuery = z.strictObject({});
const HISTORY_MAX = 1_000;

async function getCase(api: Api, c: ApiContext): Promise<Response> {
  const client = admit(api, c, 'cases:read');
  const id = segmentBy(c, 'caseId', CaseId);
  readQuery(c, CaseQuery);
  const { state, revision } = await caseOf(api, client, id);
  const from = Math.max(0, revision + 1 - HISTORY_MAX);
  const history = await api.log.read(workflowStream(caseWorkflow, id), from, HISTORY_MAX);
  return json({ ...caseView(state, api.processes.cases.now()), revision, history: history.map(caseHappening) });
}

async function postCaseCommand(api: Api, c: ApiContext, traceparent = traceparentOf(c)): Promise<Response> {
  const id = segmentBy(c, 'caseId', CaseId);
  return answerJson(api, c, { scope: 'cases:write', schema: CaseCommand }, async (client, command) => {
    await caseOf(api, client, id);
    const answer = await api.processes.cases.submit(id, command, { source: client.id, traceparent });
    return workflowResponse(answer, command.id, 'case', (state) => caseView(state, api.processes.cases.now()));
  });
}

const BULK_MAX = 500;
/** Cases worked on at once for one request. */
const BULK_AT_ONCE = 16;

export const BulkCaseCommand = z
  .strictObject({
    cases: z
      .array(CaseId)
      .min(1)
      .max(BULK_MAX)
      .refine((ids) => new Set(ids).size === ids.length, 'must not name a case twice'),
    command: CaseCommand,
  })
  .meta({ id: 'BulkCaseCommand', description: 'One command for each of some cases' });

async function postBulk(api: Api, c: ApiContext, traceparent = traceparentOf(c)): Promise<Response> {
  return answerJson(api, c, { scope: 'cases:write', schema: BulkCaseCommand }, async (client, { cases, command }) => {
    charge(api, client, cases.length - 1);
    const results: object[] = [];
    for (let at = 0; at < cases.length; at += BULK_AT_ONCE) {
      const some = cases.slice(at, at + BULK_AT_ONCE).map(async (id) => {
        const { state } = (await api.processes.cases.state(id)) ?? {};
        if (state === undefined) return { case: id, outcome: 'refused', ...unknownCase(id) };
        if (!maySee(client, state)) return { case: id, outcome: 'refused', ...FORBIDDEN };
        const sender = { source: client.id, traceparent };
        return { case: id, ...resultOf(await api.processes.cases.submit(id, command, sender)) };
      });
      results.push(...(await Promise.all(some)));
    }
    return json({ commandId: command.id, results });
  });
}

export const CASES_ROUTES: readonly Route[] = [
  ['get', '/v1/cases', getCases],
  ['post', '/v1/cases/commands', postBulk],
  ['get', '/v1/cases/:caseId', getCase],
  ['post', '/v1/cases/:caseId/commands', postCaseCommand],
];

function resultOf(answer: CaseAnswer) {
  if (answer.outcome === 'refused') return answer;
  if (answer.outcome === 'failed') {
    const { outcome, reason, retryAfterMs } = answer;
    return { outcome, reason, detail: failureDetail(answer), retryAfterMs };
  }
  const { outcome, duplicate, revision, state } = answer;
  const { status, owner, lastRetry } = state;
  return { outcome, duplicate, revision, status, owner, lastRetry };
}

const FORBIDDEN = { reason: 'forbidden', detail: 'this key is limited to other locations or channels' } as const;
const unknownCase = (id: string) => ({ reason: 'unknown-case', detail: `there is no case ${id}` }) as const;

/** @throws HttpProblem `unknown-case`, `forbidden` */
async function caseOf(
  api: Api,
  client: Client,
  id: string,
): Promise<{ readonly state: Case; readonly revision: number }> {
  const found = await api.processes.cases.state(id);
  if (found === undefined) throw new HttpProblem('unknown-case', unknownCase(id).detail);
  if (!maySee(client, found.state)) throw new HttpProblem('forbidden', FORBIDDEN.detail);
  return found;
}

/** What it is about is within what the key is limited to, and it is about something of that kind at all. */
function maySee(client: Client, { subject }: Pick<Case, 'subject'>): boolean {
  const { location, channel } = subject;
  if (location !== undefined && !mayUseLocation(client, location)) return false;
  if (channel !== undefined && !mayUseChannel(client, channel)) return false;
  const isLimited = client.locations !== 'all' || client.channels !== 'all';
  if (!isLimited) return true;
  return (client.locations !== 'all' && location !== undefined) || (client.channels !== 'all' && channel !== undefined);
}

// What the routes of reconciliation take and answer. The shapes describe; tests parse real answers with them.
import { z } from 'zod';
import { DIFFERENCE_CLASSES, Difference } from '../../../domain/reconciliation/difference.ts';
import { ClassTotals, LineFault, RunId } from '../../../domain/reconciliation/events.ts';
import { PLANS } from '../../../domain/reconciliation/plan.ts';
import { StatementLine } from '../../../domain/reconciliation/statement.ts';
import { GoLiveQuery } from '../go-live.ts';
import { ReconciliationRequest, StartQuery } from '../reconciliation/post.ts';
import { ListQuery, ReportQuery } from '../reconciliations.ts';
import { BODY, JSON_TYPE, type Operation, READ } from './operation.ts';
import { Position } from './parameters.ts';

const count = z.int().min(0);
const instant = z.iso.datetime({ offset: true });
const subject = {
  channel: z.string().optional(),
  system: z.string().optional(),
  location: z.string().optional(),
};

const summary = {
  id: RunId,
  ...subject,
  state: z.enum(['reading', 'comparing', 'correcting', 'completed', 'failed']),
  cause: z.enum(['on-demand', 'schedule']),
  by: z.string(),
  shadow: z.boolean().meta({ description: 'The channel is in shadow mode: nothing is corrected' }),
  correction: z.enum(['republish', 'count', 'case', 'none']),
  policyVersion: z.string(),
  startedAt: instant,
  endedAt: instant.optional(),
  reason: z.string().optional().meta({ description: 'Why it failed' }),
  statement: z.strictObject({
    from: z.enum(['adapter', 'upload']),
    rows: count.optional(),
    asOf: instant.optional(),
    complete: z.boolean().optional(),
    badLines: count.optional(),
  }),
  comparison: z
    .strictObject({
      cut: z.string().meta({ description: 'Position of the log that every figure is of' }),
      skus: count,
      equal: count,
      different: count,
      reportedUnits: count,
      ourUnits: z.int(),
      classes: ClassTotals.meta({ description: 'SKUs, absolute units and, where prices are known, cents by class' }),
      notListed: count.meta({ description: 'Beyond the 50,000 that one run lists and corrects' }),
    })
    .optional(),
  corrected: z.strictObject({ republish: count, count, case: count, inFlight: count, notPossible: count }),
};

export const ReconciliationSummary = z.strictObject(summary).meta({ id: 'ReconciliationSummary' });

export const ReconciliationAnswer = z
  .strictObject({ ...summary, duplicate: z.boolean(), position: Position })
  .meta({ id: 'ReconciliationAnswer' });

export const ReportedDifference = Difference.extend({
  class: z.enum(DIFFERENCE_CLASSES),
  since: instant.optional().meta({ description: 'The last moment at which it is known to have been right' }),
  asOf: instant,
  firstSeenAt: instant.optional().meta({ description: 'When the run began that found it first; absent: it is new' }),
  attempts: count.meta({ description: 'Corrections before this run that did not help' }),
  plan: z.enum(PLANS),
  outcome: z.enum(['done', 'in-flight', 'not-possible']).optional(),
  outcomeDetail: z.string().optional(),
}).meta({ id: 'ReconciliationDifference' });

export const ReconciliationReport = z
  .strictObject({
    ...summary,
    badLines: z.array(LineFault).meta({ description: 'Lines of an upload that are not compared; the first 500' }),
    differences: z.array(ReportedDifference),
    next: count.optional().meta({ description: 'The `cursor` of the next page; absent on the last' }),
  })
  .meta({ id: 'ReconciliationReport' });

export const ReconciliationList = z
  .strictObject({
    reconciliations: z.array(ReconciliationSummary),
    schedule: z.array(z.strictObject({ ...subject, everyMinutes: z.number(), dueAt: instant })),
  })
  .meta({ id: 'ReconciliationList' });

export const GoLiveDocument = z
  .strictObject({
    channel: z.string(),
    ready: z.boolean(),
    live: z.boolean().meta({ description: 'It is live already' }),
    run: RunId.optional().meta({ description: 'The comparison that was looked at' }),
    checks: z.array(
      z.strictObject({
        name: z.enum(['policy', 'connector', 'compared', 'mismatches', 'mapped', 'backlog', 'cases']),
        ok: z.boolean(),
        detail: z.string(),
        todo: z.string().optional(),
      }),
    ),
  })
  .meta({ id: 'GoLiveDocument' });

export const RECONCILIATION_OPERATIONS = [
  {
    method: 'post',
    path: '/v1/reconciliations',
    id: 'postReconciliation',
    tag: 'Reconciliation',
    summary: 'Compare a channel or a location with its statement now',
    description:
      'JSON: the channel is asked for its statement. CSV (with a header) or NDJSON: the body is the statement, a line an ' +
      'SKU, and the query says of what. A bad line costs no other; the report names it.',
    scopes: ['reconciliation:write'],
    query: StartQuery,
    headers: ['Idempotency-Key'],
    body: {
      [JSON_TYPE]: ReconciliationRequest,
      'text/csv': z.string().meta({ example: 'sku,units\n85123A,3\n' }),
      'application/x-ndjson': StatementLine,
    },
    answers: {
      200: ['It is over', JSON_TYPE, ReconciliationAnswer],
      202: ['It goes on; ask for it by its id', JSON_TYPE, ReconciliationAnswer],
    },
    problems: [
      ...BODY,
      ...(['invalid-command', 'invalid-statement', 'no-statement', 'unknown-channel', 'unknown-location'] as const),
      ...(['reconciliation-running', 'too-many-open', 'unavailable', 'unknown-outcome', 'disk-full'] as const),
    ],
  },
  {
    method: 'get',
    path: '/v1/reconciliations',
    id: 'getReconciliations',
    tag: 'Reconciliation',
    summary: 'Runs, newest first, and what is scheduled',
    scopes: ['reconciliation:read'],
    query: ListQuery,
    answers: { 200: ['Those this key may see', JSON_TYPE, ReconciliationList] },
    problems: READ,
  },
  {
    method: 'get',
    path: '/v1/reconciliations/{run}',
    id: 'getReconciliation',
    tag: 'Reconciliation',
    summary: 'What a run found and did',
    description: 'With `Accept: text/csv` every difference as CSV, with `Accept: text/html` a page to read.',
    scopes: ['reconciliation:read'],
    query: ReportQuery,
    headers: ['Accept'],
    answers: { 200: ['The report', JSON_TYPE, ReconciliationReport] },
    alsoAs: ['text/csv', 'text/html'],
    problems: [...READ, 'unknown-reconciliation'],
  },
  {
    method: 'get',
    path: '/v1/channels/{channel}/go-live',
    id: 'getGoLive',
    tag: 'Reconciliation',
    summary: 'May the channel leave shadow mode',
    scopes: ['reconciliation:read'],
    query: GoLiveQuery,
    answers: { 200: ['The checklist', JSON_TYPE, GoLiveDocument] },
    problems: [...READ, 'unknown-channel'],
  },
] as const satisfies readonly Operation[];

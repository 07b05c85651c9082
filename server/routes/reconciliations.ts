// /v1/reconciliations: compare a channel or a location now, with the statement read from the channel or uploaded, and read
// what was found: as JSON, as CSV or as a page.
import { z } from 'zod';
import { SystemName } from '../../domain/policy/system-of-record.ts';
import { DIFFERENCE_CLASSES } from '../../domain/reconciliation/difference.ts';
import { RunId } from '../../domain/reconciliation/events.ts';
import type { Subject } from '../../domain/reconciliation/subject.ts';
import { ChannelId, LocationId } from '../../domain/stock/stream.ts';
import { HttpProblem } from '../problems.ts';
import type { StoredRun } from '../reconciliation/run-record.ts';
import { type Api, type ApiContext, admit, headerOf, json, type Route } from './api.ts';
import { readQuery, segmentBy } from './intake/query.ts';
import { countTo } from './openapi/parameters.ts';
import { reportCsv } from './reconciliation/csv.ts';
import { PAGE_POLICY, reportPage } from './reconciliation/page.ts';
import { postReconciliation } from './reconciliation/post.ts';
import { maySee, requireSubject } from './reconciliation/subject-access.ts';
import { differenceView, runView, text } from './reconciliation/view.ts';

const PAGE_LIMIT_MAX = 1_000;

export const ListQuery = z.strictObject({
  channel: ChannelId.optional(),
  location: LocationId.optional(),
  system: SystemName.optional(),
  limit: countTo(PAGE_LIMIT_MAX, 1).default(50).meta({ description: 'Runs, newest first' }),
});

export const ReportQuery = z.strictObject({
  class: z.enum(DIFFERENCE_CLASSES).optional().meta({ description: 'Only differences of this class' }),
  cursor: countTo(1_000_000).optional().meta({ description: 'The `next` of the page before' }),
  limit: countTo(PAGE_LIMIT_MAX, 1).default(500).meta({ description: 'Differences a page' }),
});

export const RECONCILIATIONS_ROUTES: readonly Route[] = [
  ['post', '/v1/reconciliations', postReconciliation],
  ['get', '/v1/reconciliations', getReconciliations],
  ['get', '/v1/reconciliations/:run', getReconciliation],
];

/** Only what the key may see. */
export function getReconciliations(api: Api, c: ApiContext): Response {
  const client = admit(api, c, 'reconciliation:read');
  const { limit, ...asked } = readQuery(c, ListQuery);
  const { reconciliation } = api.processes;
  const isMeant = (subject: Subject) =>
    maySee(client, subject) &&
    Object.entries(asked).every(([name, value]) => (subject as Readonly<Record<string, string>>)[name] === value);
  const reconciliations: unknown[] = [];
  for (const run of reconciliation.found().runs()) {
    if (reconciliations.length >= limit) break;
    if (isMeant(run.subject)) reconciliations.push(runView(run));
  }
  const schedule = reconciliation
    .dues()
    .filter(({ subject }) => isMeant(subject))
    .map(({ subject, everyMs, at }) => ({ ...subject, everyMinutes: everyMs / 60_000, dueAt: text(at) }));
  return json({ reconciliations, schedule });
}

export async function getReconciliation(api: Api, c: ApiContext): Promise<Response> {
  const client = admit(api, c, 'reconciliation:read');
  const id = segmentBy(c, 'run', RunId);
  const query = readQuery(c, ReportQuery);
  const stored = await api.processes.reconciliation.read(id);
  if (stored === undefined) throw new HttpProblem('unknown-reconciliation', `There is no reconciliation ${id}`);
  requireSubject(client, stored.record.run.subject);
  const accept = headerOf(c, 'accept') ?? '';
  if (accept.includes('text/csv')) return download(reportCsv(ofClass(stored, query.class), stored.corrections), id);
  if (accept.includes('text/html')) return page(reportPage(stored));
  return json(reportView(stored, query));
}

function ofClass({ differences }: StoredRun, wanted: string | undefined) {
  return wanted === undefined ? differences : differences.filter((difference) => difference.class === wanted);
}

function reportView(stored: StoredRun, { class: wanted, cursor = 0, limit }: z.output<typeof ReportQuery>) {
  const { run } = stored.record;
  const all = ofClass(stored, wanted);
  const outcomes = new Map(stored.corrections.map((made) => [made.sku, made]));
  const differences = all.slice(cursor, cursor + limit).map((difference) => {
    const { outcome, detail } = outcomes.get(difference.sku) ?? {};
    return { ...differenceView(difference), outcome, outcomeDetail: detail };
  });
  const next = cursor + limit < all.length ? cursor + limit : undefined;
  return { ...runView(run), badLines: run.taken?.faults ?? [], differences, next };
}

function download(body: string, id: string): Response {
  const headers = {
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': `attachment; filename="reconciliation-${id}.csv"`,
    'cache-control': 'no-store',
  };
  return new Response(body, { status: 200, headers });
}

function page(body: string): Response {
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': PAGE_POLICY,
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  };
  return new Response(body, { status: 200, headers });
}

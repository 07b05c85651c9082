// GET /v1/stocktakes/{id}/lines: the lines of a stocktake by status, as JSON or as CSV for a spreadsheet.
import { z } from 'zod';
import { StocktakeId } from '../../domain/count/commands.ts';
import { LINE_STATUSES } from '../../domain/count/machine.ts';
import { Sku } from '../../domain/stock/stream.ts';
import { DAY } from '../../domain/time.ts';
import { requireLocation } from '../auth.ts';
import { type ReportLine, type ReportPlace, reportPage } from '../counts/report.ts';
import { cell } from '../csv-cell.ts';
import { HttpProblem } from '../problems.ts';
import { type Api, type ApiContext, admit, headerOf, json } from './api.ts';
import { text } from './count-view.ts';
import { readQuery, segmentBy, waitForPosition } from './intake/query.ts';
import { countTo, Position } from './openapi/parameters.ts';

const Cursor = z
  .string()
  .regex(/^\d{1,3}~/, 'must be `next` of a page')
  .refine((cursor) => Sku.safeParse(cursor.slice(cursor.indexOf('~') + 1)).success, 'must be `next` of a page')
  .transform((cursor): ReportPlace => {
    const cut = cursor.indexOf('~');
    return { sheet: Number(cursor.slice(0, cut)), after: cursor.slice(cut + 1) };
  })
  .meta({ description: '`next` of a page' });

export const StocktakeLinesQuery = z.strictObject({
  status: z.enum(LINE_STATUSES).optional(),
  after: Position.optional(),
  cursor: Cursor.optional(),
  limit: countTo(1_000, 1).default(100).meta({ description: 'Lines a page' }),
});

export async function getStocktakeLines(api: Api, c: ApiContext): Promise<Response> {
  const client = admit(api, c, 'counts:read');
  const id = segmentBy(c, 'stocktakeId', StocktakeId);
  const { status, after, cursor, limit } = readQuery(c, StocktakeLinesQuery);
  await waitForPosition(api, after);
  const { counts } = api.processes;
  const row = counts.rows().stocktake(id);
  if (row === undefined) throw new HttpProblem('unknown-stocktake', `There is no stocktake ${id}`);
  requireLocation(client, row.location);
  const windowMs = api.policy().document.duplicateWindowDays * DAY;
  const { lines, next } = await reportPage({ log: api.log, counts, windowMs }, row, { status, from: cursor, limit });
  const nextText = next === undefined ? undefined : `${next.sheet}~${next.after}`;
  if (wantsCsv(c)) return csvResponse(lines, nextText, c.req.url);
  return json({ stocktakeId: id, lines: lines.map(lineView), next: nextText });
}

function lineView({ countedAt, ...line }: ReportLine) {
  return { ...line, countedAt: text(countedAt) };
}

function wantsCsv(c: ApiContext): boolean {
  return (headerOf(c, 'accept') ?? '')
    .split(',')
    .some((type) => type.split(';')[0]!.trim().toLowerCase() === 'text/csv');
}

const COLUMNS = [
  ...(['sku', 'status', 'known', 'counted', 'countedAt', 'expected', 'variance', 'reason'] as const),
  ...(['expectedAtCount', 'varianceAtCount', 'lateFacts', 'counter', 'device', 'decidedBy'] as const),
];

/** RFC 4180, with a header. The next page is in `Link` (RFC 8288). */
function csvResponse(lines: readonly ReportLine[], next: string | undefined, url: string): Response {
  const rows = lines.map((line) => {
    const view = lineView(line);
    return COLUMNS.map((column) => cell(view[column])).join(',');
  });
  const headers = new Headers({
    'content-type': 'text/csv; charset=utf-8; header=present',
    'cache-control': 'no-store',
  });
  if (next !== undefined) {
    const { pathname, searchParams } = new URL(url);
    searchParams.set('cursor', next);
    headers.set('link', `<${pathname}?${searchParams}>; rel="next"`);
  }
  return new Response(`${[COLUMNS.join(','), ...rows].join('\r\n')}\r\n`, { status: 200, headers });
}

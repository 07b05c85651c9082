// GET /v1/signals…: velocity, cover and reorder points of stocks, and transfers that would even them out; as JSON, CSV or
// NDJSON. A key limited to locations sees those; of transfers, the ones with both ends in them.
import { z } from 'zod';
import { LocationId, Sku } from '../../domain/stock/stream.ts';
import type { SignalFilter, SkuTransfer, StockSignal } from '../../projections/signals.ts';
import type { Client } from '../auth/keys.ts';
import { mayUseLocation, requireLocation } from '../auth.ts';
import { cell } from '../csv-cell.ts';
import { type Api, type ApiContext, admit, headerOf, json, parsePosition, type Route } from './api.ts';
import { readQuery, waitForPosition } from './intake/query.ts';
import { countTo, Flag, Position } from './openapi/parameters.ts';

const PAGE_LIMIT_MAX = 2_000;

const Page = {
  after: Position.optional(),
  sku: Sku.optional(),
  cursor: countTo(1_000_000_000).default(0).meta({ description: 'The `next` of the page before' }),
  limit: countTo(PAGE_LIMIT_MAX, 1).default(500).meta({ description: 'Rows a page at most' }),
};

export const SignalsQuery = z.strictObject({
  ...Page,
  location: LocationId.optional(),
  reorder: Flag.optional().meta({ description: 'true: only stocks of which it is time to order more' }),
  changedAfter: Position.optional().meta({ description: 'Only stocks with an event after this position' }),
});

export const TransfersQuery = z.strictObject({
  ...Page,
  location: LocationId.optional().meta({ description: 'As origin or destination' }),
});

export const SIGNALS_ROUTES: readonly Route[] = [
  ['get', '/v1/signals', getSignals],
  ['get', '/v1/signals/transfers', getSuggestedTransfers],
];

async function getSignals(api: Api, c: ApiContext): Promise<Response> {
  const client = admit(api, c, 'signals:read');
  const { after, sku, location, reorder, changedAfter, cursor, limit } = readQuery(c, SignalsQuery);
  await waitForPosition(api, after);
  const since = changedAfter === undefined ? undefined : parsePosition(changedAfter, 'changedAfter');
  const filter = { ...filterOf(client, sku, location), reorder, changedAfter: since };
  const { rows, next } = api.processes.signals.page(filter, cursor, limit);
  return answer(api, c, 'signals', rows.map(signalRow), next, SIGNAL_COLUMNS);
}

async function getSuggestedTransfers(api: Api, c: ApiContext): Promise<Response> {
  const client = admit(api, c, 'signals:read');
  const { after, sku, location, cursor, limit } = readQuery(c, TransfersQuery);
  await waitForPosition(api, after);
  const { rows, next } = api.processes.signals.transfers(filterOf(client, sku, location), cursor, limit);
  return answer(api, c, 'transfers', rows.map(transferRow), next, TRANSFER_COLUMNS);
}

function filterOf(client: Client, sku: string | undefined, location: string | undefined): SignalFilter {
  if (location !== undefined) requireLocation(client, location);
  return { sku, location, mayUse: (id) => mayUseLocation(client, id) };
}

type Cell = string | number | boolean | undefined;
type Row = Readonly<Record<string, Cell>>;

const SIGNAL_COLUMNS = [
  ...(['sku', 'location', 'life', 'velocityPerDay', 'available', 'inventoryPosition', 'daysOfCover'] as const),
  ...(['leadTimeDemand', 'safetyUnits', 'reorderPoint', 'reorder', 'position'] as const),
] as const;
const TRANSFER_COLUMNS = ['sku', 'from', 'to', 'units', 'coverFromDays', 'coverToDays'] as const;

function signalRow(signal: StockSignal): Row {
  const { velocity, daysOfCover, leadTimeDemand, safetyUnits, position, ...rest } = signal;
  return {
    ...rest,
    velocityPerDay: rounded(velocity),
    daysOfCover: daysOfCover === undefined ? undefined : rounded(daysOfCover),
    leadTimeDemand: rounded(leadTimeDemand),
    safetyUnits: rounded(safetyUnits),
    position: position.toString(),
  };
}

function transferRow({ coverFrom, coverTo, ...transfer }: SkuTransfer): Row {
  const days = (cover: number | undefined) => (cover === undefined ? undefined : rounded(cover));
  return { ...transfer, coverFromDays: days(coverFrom), coverToDays: days(coverTo) };
}

/** To four decimals: what is below is noise of the smoothing. */
function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}

type Format = 'json' | 'csv' | 'ndjson';
const TYPES: Readonly<Record<Format, string>> = {
  json: 'application/json',
  csv: 'text/csv; charset=utf-8',
  ndjson: 'application/x-ndjson',
};

/** The first of these in Accept; JSON when there is none. */
function formatOf(c: ApiContext): Format {
  for (const type of (headerOf(c, 'accept') ?? '').split(',')) {
    const name = type.split(';')[0]!.trim();
    if (name === 'text/csv') return 'csv';
    if (name === 'application/x-ndjson') return 'ndjson';
    if (name === 'application/json') return 'json';
  }
  return 'json';
}

function answer(
  api: Api,
  c: ApiContext,
  name: string,
  rows: readonly Row[],
  next: number | undefined,
  columns: readonly string[],
): Response {
  const format = formatOf(c);
  const asOf = api.availability.position();
  if (format === 'json') return json({ asOf, [name]: rows, next: next?.toString() });
  const headers = { 'content-type': TYPES[format], 'cache-control': 'no-store', 'evenstock-as-of': asOf.toString() };
  const link = next === undefined ? undefined : { link: `<${nextPage(c, next)}>; rel="next"` };
  return new Response(format === 'csv' ? csv(columns, rows) : ndjson(rows), { headers: { ...headers, ...link } });
}

function nextPage(c: ApiContext, next: number): string {
  const query = new URLSearchParams({ ...c.req.query(), cursor: next.toString() });
  return `${c.req.path}?${query}`;
}

function csv(columns: readonly string[], rows: readonly Row[]): string {
  const lines = rows.map((row) => columns.map((column) => cell(row[column])).join(','));
  return `${[columns.join(','), ...lines].join('\r\n')}\r\n`;
}

function ndjson(rows: readonly Row[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

// `evenstock erp status`, `retry` and `dismiss`: what a running server knows of its ERPs.

import type { Dismissed } from '../../../domain/erp/events.ts';
import { plural } from '../../../domain/plural.ts';
import type { parkedView, statusView } from '../../routes/erps.ts';
import { askServer, type ServerOptions } from '../ask-server.ts';
import { printJson, printTable } from '../print-table.ts';

export interface ErpOptions extends ServerOptions {
  readonly json?: boolean;
  readonly sku?: string;
  readonly reason?: string;
}

type Status = ReturnType<typeof statusView>;
type One = Status & {
  readonly waitingApart: readonly ReturnType<typeof parkedView>[];
  readonly dismissed: readonly Dismissed[];
};

export async function showErps(id: string | undefined, options: ErpOptions): Promise<void> {
  if (id === undefined) {
    const { erps } = (await askServer('/v1/erps', options)) as { readonly erps: readonly Status[] };
    if (options.json) return printJson(erps);
    return printTable(HEAD, erps.map(row), 'the policy has no ERP');
  }
  const one = (await askServer(`/v1/erps/${encodeURIComponent(id)}`, options)) as One;
  if (options.json) return printJson(one);
  printTable(HEAD, [row(one)], '');
  if (one.lastError !== undefined) process.stdout.write(`last error: ${one.lastError}\n`);
  const rows = one.waitingApart.map(({ reference, kind, sku, location, quantity, why, reason = '' }) =>
    [reference, kind, sku, location, quantity, why, reason].map(String),
  );
  printTable(['reference', 'kind', 'SKU', 'location', 'units', 'why', 'reason'], rows, 'nothing waits apart');
  const given = one.dismissed.map(({ sku, location, movements, units }) =>
    [sku, location, movements, units].map(String),
  );
  if (given.length > 0) printTable(['dismissed SKU', 'location', 'movements', 'units'], given, '');
}

export async function retryErp(id: string, options: ErpOptions): Promise<void> {
  const body = options.sku === undefined ? {} : { sku: options.sku };
  const path = `/v1/erps/${encodeURIComponent(id)}/retry`;
  const answer = (await askServer(path, options, body)) as { readonly movements: number };
  if (options.json) return printJson(answer);
  process.stdout.write(
    `${id} is asked again; ${plural(answer.movements, 'movement that waited apart is', 'movements that waited apart are')} posted in order\n`,
  );
}

export async function dismissInErp(id: string, references: readonly string[], options: ErpOptions): Promise<void> {
  const path = `/v1/erps/${encodeURIComponent(id)}/dismiss`;
  const answer = await askServer(path, options, { references, reason: options.reason });
  if (options.json) return printJson(answer);
  const { dismissed, found } = answer as { readonly dismissed: number; readonly found: number };
  process.stdout.write(
    `${plural(dismissed, 'movement is', 'movements are')} never posted to ${id}; ${found} it had all the same\n`,
  );
}

const HEAD = ['ERP', 'state', 'waiting', 'oldest', 'posted/min', 'posted', 'apart', 'last posted'];

function row({ erp, state, waiting, oldestWaitingMs, postedLastMinute, posted, parked, lastPosted }: Status): string[] {
  const oldest = waiting === 0 ? '' : `${Math.round(oldestWaitingMs / 1_000)} s`;
  return [erp, state, waiting, oldest, postedLastMinute, posted, parked, lastPosted?.at ?? ''].map(String);
}

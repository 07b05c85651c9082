// GET /v1/stock/{sku}: one SKU at every location that ever held it, now or as of two times; now with what each location
// adds to the pool of each channel that sells from it. A key that is limited to locations or channels sees those.
import { z } from 'zod';
import { available, type Levels, oversold } from '../../domain/stock/levels.ts';
import { optionsOf, stockAsOf, type Times } from '../../projections/as-of.ts';
import type { StockRow } from '../../projections/availability.ts';
import type { Client } from '../auth/keys.ts';
import { hasScope, mayUseChannel, mayUseLocation } from '../auth.ts';
import { HttpProblem } from '../problems.ts';
import { type Api, type ApiContext, admit, charge, json } from './api.ts';
import { readQuery, segment, waitForPosition } from './intake/query.ts';
import { Position } from './openapi/parameters.ts';
import { pastTimes, TIMES, timesText, timesView } from './times.ts';

export const SkuStockQuery = z.strictObject({ after: Position.optional(), ...TIMES });

export async function getSkuStock(api: Api, c: ApiContext): Promise<Response> {
  const client = admit(api, c, 'stock:read');
  const sku = segment(c, 'sku');
  const { after, ...given } = readQuery(c, SkuStockQuery);
  const times = pastTimes(api, given);
  await waitForPosition(api, after);
  const rows = api.availability.stockOf(sku).filter(({ location }) => mayUseLocation(client, location));
  const isBundle = api.policy().bundles.of(sku) !== undefined;
  if (rows.length === 0 && !isBundle) {
    throw new HttpProblem('unknown-stock', `Nothing has been recorded of SKU ${sku} at any location of this key`);
  }
  const asOf = api.availability.position();
  const partial = client.locations === 'all' ? undefined : true;
  if (times === undefined) {
    const stock = rows.map((row) => ({ ...view(row), ...contributions(api, client, row) }));
    return json({ sku, asOf, isBundle, stock, partial });
  }
  charge(api, client, rows.length);
  const stock = await stockThen(api, rows, times);
  if (stock.length === 0 && !isBundle) {
    throw new HttpProblem('unknown-stock', `Of SKU ${sku} nothing ${timesText(times)} at any location of this key`);
  }
  return json({ sku, asOf, at: timesView(times), isBundle, stock, partial });
}

function view({ location, levels, life, revision, position }: Omit<StockRow, 'sku'>) {
  return { location, ...figures(levels), life, revision, position };
}

function figures(levels: Levels) {
  return { ...levels, available: available(levels), oversold: oversold(levels) };
}

/** What the key may see of it: figures of channels need a scope of their own. */
function contributions(api: Api, client: Client, { sku, location }: StockRow) {
  if (!hasScope(client, 'availability:read')) return undefined;
  const channels = api
    .policy()
    .channels.filter(({ id, locations }) => locations.some((one) => one === location) && mayUseChannel(client, id));
  const units = channels.map(({ id }) => [id, api.availability.free(sku, location, id)] as const);
  return { contributes: Object.fromEntries(units) };
}

async function stockThen(api: Api, rows: readonly StockRow[], times: Times) {
  const stock: ReturnType<typeof view>[] = [];
  for (const { sku, location } of rows) {
    const { events, ...then } = await stockAsOf(api.log, sku, location, optionsOf(times));
    if (events > 0) stock.push(view({ location, ...then }));
  }
  return stock;
}

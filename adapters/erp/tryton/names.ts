// What Tryton calls our SKUs and locations: a product by its code, a location by its code (a warehouse or a storage
// location). Kept for a few minutes; what is not found is asked for again every time, so that adding it is enough.
import { z } from 'zod';
import type { Place } from '../../../domain/erp/movement.ts';
import { MINUTE } from '../../../domain/time.ts';
import type { Identifiers } from '../../channels/identifiers.ts';
import type { Trouble, Tryton } from './rpc.ts';

export interface TrytonSettings {
  /** Codes of Tryton's locations; default: the one of its type. */
  readonly customer?: string | undefined;
  readonly supplier?: string | undefined;
  readonly lost?: string | undefined;
  readonly transit?: string | undefined;
}

export interface Product {
  readonly id: number;
  readonly unit: number;
}

const LocationRow = z.object({
  id: z.int(),
  code: z.string().nullish(),
  type: z.string(),
  parent: z.int().nullish(),
  storage_location: z.int().nullish(),
  lost_found_location: z.int().nullish(),
});
type LocationRow = z.output<typeof LocationRow>;
const ProductRow = z.object({ id: z.int(), code: z.string(), default_uom: z.int() });
const CompanyRow = z.object({ currency: z.int() });
const Configuration = z.object({ shipment_internal_transit: z.int().nullish() });

export interface Locations {
  /** Where units of ours lie; undefined: Tryton has none of this code. */
  ofStock(location: string): number | undefined;
  /** The warehouse or location itself, with all inside. */
  whole(location: string): number | undefined;
  /** The other side of a movement. */
  of(place: Exclude<Place, 'stock'>, location: string): number | undefined;
  /** The code of the nearest location around it that has one of ours. */
  ours(id: number): string | undefined;
}

export interface TrytonNames {
  readonly currency: number;
  readonly locations: Locations;
  products(codes: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, Product> | Trouble>;
}

const KEPT_MS = 10 * MINUTE;
const PRODUCTS_KEPT_MAX = 100_000;

export type ReadNames = (signal: AbortSignal) => Promise<TrytonNames | Trouble>;

export function createNames(
  tryton: Tryton,
  identifiers: Identifiers,
  settings: TrytonSettings,
  now: () => number,
): ReadNames {
  let kept: { readonly names: TrytonNames; readonly until: number } | undefined;
  return async (signal) => {
    if (kept !== undefined && now() < kept.until) return kept.names;
    const rows = await readAll(tryton, 'stock.location', LOCATION_FIELDS, LocationRow, signal);
    if ('kind' in rows) return rows;
    const opened = await tryton.session(signal);
    if (opened.kind !== 'session') return opened;
    const { company } = opened.session.context;
    const companies = await readSome(tryton, 'company.company', [company], ['currency'], CompanyRow, signal);
    if ('kind' in companies) return companies;
    const transits = await readSome(
      tryton,
      'stock.configuration',
      [1],
      ['shipment_internal_transit'],
      Configuration,
      signal,
    );
    if ('kind' in transits) return transits;
    const transit = transits[0]?.shipment_internal_transit ?? undefined;
    const names: TrytonNames = {
      currency: companies[0]!.currency,
      locations: locationsOf(rows, identifiers, settings, transit),
      products: createProducts(tryton),
    };
    kept = { names, until: now() + KEPT_MS };
    return names;
  };
}
const LOCATION_FIELDS = ['code', 'type', 'parent', 'storage_location', 'lost_found_location'];

function locationsOf(
  rows: readonly LocationRow[],
  identifiers: Identifiers,
  settings: TrytonSettings,
  transit: number | undefined,
): Locations {
  const byId = new Map(rows.map((row) => [row.id, row]));
  const byCode = new Map(rows.flatMap((row) => (row.code ? [[row.code, row] as const] : [])));
  const whole = (location: string) => byCode.get(identifiers.ofLocation(location)?.id ?? '');
  const around = function* (id: number) {
    for (let row = byId.get(id), n = 0; row !== undefined && n < 50; row = byId.get(row.parent ?? -1), n += 1)
      yield row;
  };
  const set = (code: string | undefined, otherwise: () => number | undefined) =>
    code === undefined ? otherwise() : byCode.get(code)?.id;
  const only = (type: string) => rows.find((row) => row.type === type)?.id;
  return {
    whole: (location) => whole(location)?.id,
    ofStock(location) {
      const row = whole(location);
      return row?.type === 'warehouse' ? (row.storage_location ?? undefined) : row?.id;
    },
    of(place, location) {
      if (place === 'customer') return set(settings.customer, () => only('customer'));
      if (place === 'supplier') return set(settings.supplier, () => only('supplier'));
      if (place === 'transit') return set(settings.transit, () => transit);
      const own = [...around(whole(location)?.id ?? -1)].find((row) => row.lost_found_location);
      return set(settings.lost, () => own?.lost_found_location ?? only('lost_found'));
    },
    ours(id) {
      for (const { code } of around(id)) {
        const location = code ? identifiers.locationOf(code) : undefined;
        if (location !== undefined) return location;
      }
      return undefined;
    },
  };
}

function createProducts(tryton: Tryton): TrytonNames['products'] {
  const kept = new Map<string, Product>();
  return async (codes, signal) => {
    const missing = [...new Set(codes)].filter((code) => !kept.has(code));
    if (missing.length > 0) {
      if (kept.size + missing.length > PRODUCTS_KEPT_MAX) kept.clear();
      const found = await tryton.call(
        'product.product.search_read',
        [[['code', 'in', missing]], 0, null, null, ['code', 'default_uom']],
        signal,
      );
      if (found.kind !== 'result') return found;
      for (const { code, id, default_uom: unit } of parseRows(found.value, ProductRow)) kept.set(code, { id, unit });
    }
    return new Map(codes.flatMap((code) => (kept.has(code) ? [[code, kept.get(code)!] as const] : [])));
  };
}

async function readAll<T>(
  tryton: Tryton,
  model: string,
  fields: readonly string[],
  row: z.ZodType<T>,
  signal: AbortSignal,
) {
  const found = await tryton.call(`${model}.search_read`, [[], 0, null, null, fields], signal);
  return found.kind === 'result' ? parseRows(found.value, row) : found;
}

async function readSome<T>(
  tryton: Tryton,
  model: string,
  ids: readonly number[],
  fields: readonly string[],
  row: z.ZodType<T>,
  signal: AbortSignal,
) {
  const found = await tryton.call(`${model}.read`, [ids, fields], signal);
  return found.kind === 'result' ? parseRows(found.value, row) : found;
}

/** Rows of another shape than agreed are left out: what is missing is then said by name. */
export function parseRows<T>(value: unknown, row: z.ZodType<T>): readonly T[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((one) => {
    const parsed = row.safeParse(one);
    return parsed.success ? [parsed.data] : [];
  });
}

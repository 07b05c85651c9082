// What Odoo calls our SKUs and locations: a product by its internal reference, a location by the code of its warehouse. The
// other side of a movement is the location of that usage. Kept for a few minutes; what is not found is asked for every time.
import { z } from 'zod';
import type { Place } from '../../../domain/erp/movement.ts';
import { MINUTE } from '../../../domain/time.ts';
import type { Identifiers } from '../../channels/identifiers.ts';
import { type Odoo, type OdooTrouble, rowsOf } from './rpc.ts';

/** Odoo writes a reference to a record as its id and its name, and none as false. */
export const Reference = z.union([z.tuple([z.int(), z.string()]), z.literal(false)]);
const Warehouse = z.object({ id: z.int(), code: z.string(), lot_stock_id: Reference, view_location_id: Reference });
const Location = z.object({ id: z.int(), usage: z.string(), parent_path: z.string() });
const Type = z.object({ id: z.int(), code: z.string(), warehouse_id: Reference });
const Product = z.object({ id: z.int(), default_code: z.string(), uom_id: Reference });

export interface OdooProduct {
  readonly id: number;
  readonly unit: number;
}

export interface OdooNames {
  ofStock(location: string): number | undefined;
  /** Everything inside the warehouse. */
  whole(location: string): number | undefined;
  of(place: Exclude<Place, 'stock'>): number | undefined;
  /** The kind of transfer: receipts, deliveries or internal ones of the warehouse. */
  typeOf(location: string, code: 'incoming' | 'outgoing' | 'internal'): number | undefined;
  /** Our location in whose warehouse Odoo's lies. */
  ours(id: number): string | undefined;
  products(codes: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, OdooProduct> | OdooTrouble>;
  codes(ids: readonly number[], signal: AbortSignal): Promise<ReadonlyMap<number, string> | OdooTrouble>;
}

const KEPT_MS = 10 * MINUTE;
const USAGE = { customer: 'customer', supplier: 'supplier', lost: 'inventory', transit: 'transit' } as const;

export type ReadOdooNames = (signal: AbortSignal) => Promise<OdooNames | OdooTrouble>;

export function createOdooNames(odoo: Odoo, identifiers: Identifiers, now: () => number): ReadOdooNames {
  let kept: { readonly names: OdooNames; readonly until: number } | undefined;
  return async (signal) => {
    if (kept !== undefined && now() < kept.until) return kept.names;
    const ask = async <T>(model: string, fields: readonly string[], row: z.ZodType<T>) => {
      const reply = await odoo.call(model, 'search_read', [[]], { fields, order: 'id' }, signal);
      return reply.kind === 'result' ? rowsOf(reply.value, row) : reply;
    };
    const warehouses = await ask('stock.warehouse', ['code', 'lot_stock_id', 'view_location_id'], Warehouse);
    if ('kind' in warehouses) return warehouses;
    const locations = await ask('stock.location', ['usage', 'parent_path'], Location);
    if ('kind' in locations) return locations;
    const types = await ask('stock.picking.type', ['code', 'warehouse_id'], Type);
    if ('kind' in types) return types;
    const names = { ...placesOf(warehouses, locations, types, identifiers), ...productsOf(odoo) };
    kept = { names, until: now() + KEPT_MS };
    return names;
  };
}

function placesOf(
  warehouses: readonly z.output<typeof Warehouse>[],
  locations: readonly z.output<typeof Location>[],
  types: readonly z.output<typeof Type>[],
  identifiers: Identifiers,
): Omit<OdooNames, 'products' | 'codes'> {
  const byCode = new Map(warehouses.map((warehouse) => [warehouse.code, warehouse]));
  const warehouseOf = (location: string) => byCode.get(identifiers.ofLocation(location)?.id ?? '');
  const idOf = (reference: z.output<typeof Reference> | undefined) => (reference ? reference[0] : undefined);
  const paths = new Map(locations.map(({ id, parent_path: path }) => [id, path.split('/').map(Number)]));
  return {
    ofStock: (location) => idOf(warehouseOf(location)?.lot_stock_id),
    whole: (location) => idOf(warehouseOf(location)?.view_location_id),
    of: (place) => locations.find(({ usage }) => usage === USAGE[place])?.id,
    typeOf(location, code) {
      const warehouse = warehouseOf(location)?.id;
      return types.find((type) => type.code === code && idOf(type.warehouse_id) === warehouse)?.id;
    },
    ours(id) {
      const around = new Set(paths.get(id) ?? []);
      const warehouse = warehouses.find((one) => around.has(idOf(one.view_location_id) ?? -1));
      return warehouse && identifiers.locationOf(warehouse.code);
    },
  };
}

function productsOf(odoo: Odoo): Pick<OdooNames, 'products' | 'codes'> {
  const ask = async (domain: readonly unknown[], signal: AbortSignal) => {
    const keywords = { fields: ['default_code', 'uom_id'] };
    const reply = await odoo.call('product.product', 'search_read', [domain], keywords, signal);
    return reply.kind === 'result' ? rowsOf(reply.value, Product) : reply;
  };
  return {
    async products(codes, signal) {
      const rows = await ask([['default_code', 'in', [...new Set(codes)]]], signal);
      if ('kind' in rows) return rows;
      return new Map(rows.map(({ id, default_code: code, uom_id: unit }) => [code, { id, unit: unit ? unit[0] : 1 }]));
    },
    async codes(ids, signal) {
      const rows = await ask([['id', 'in', [...new Set(ids)]]], signal);
      return 'kind' in rows ? rows : new Map(rows.map(({ id, default_code: code }) => [id, code]));
    },
  };
}

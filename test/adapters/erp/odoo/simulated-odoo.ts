// An Odoo that keeps to the documented external API for the models that the adapter uses: JSON-RPC, transactions, drafts that
// move nothing, transfers that are validated whole or answered with a question. It is no Odoo: what Odoo does beyond its
// documents, this cannot show.
import { type RecordRow, search, shown, type Tables, type Value } from './records.ts';

export interface SimulatedOdoo {
  /** The body of a `POST /jsonrpc`, answered. */
  answer(body: unknown): unknown;
  onHand(sku: string, warehouse: string): number;
  receive(sku: string, warehouse: string, quantity: number): void;
  count(sku: string, warehouse: string, counted: number): void;
}

interface Options {
  readonly user: string;
  readonly password: string;
  readonly skus: readonly string[];
  /** Codes. */
  readonly warehouses: readonly string[];
  readonly now: () => number;
}

const ADMIN = 2;
const API_USER = 7;

class Fault extends Error {
  readonly exception: string;
  constructor(exception: string, message: string) {
    super(message);
    this.exception = exception;
  }
}

export function simulateOdoo({ user, password, skus, warehouses, now }: Options): SimulatedOdoo {
  const tables: Tables = Object.fromEntries(
    ['stock.location', 'stock.warehouse', 'stock.picking.type', 'product.product', 'stock.picking', 'stock.move'].map(
      (model) => [model, new Map<number, RecordRow>()],
    ),
  );
  let last = 0;
  const insert = (model: string, row: Record<string, Value>): number => {
    last += 1;
    tables[model]!.set(last, { ...row, id: last });
    return last;
  };
  const place = (name: string, usage: string, parent?: number) => {
    const id = insert('stock.location', { name, usage });
    const path = `${parent === undefined ? '' : tables['stock.location']!.get(parent)!['parent_path']}${id}/`;
    Object.assign(tables['stock.location']!.get(id)!, { parent_path: path });
    return id;
  };
  const usages = Object.fromEntries(
    ['customer', 'supplier', 'inventory', 'transit'].map((usage) => [usage, place(usage, usage)]),
  );
  for (const code of warehouses) {
    const view = place(code, 'view');
    const warehouse = insert('stock.warehouse', {
      code,
      name: code,
      view_location_id: view,
      lot_stock_id: place('Stock', 'internal', view),
    });
    for (const type of ['incoming', 'outgoing', 'internal'])
      insert('stock.picking.type', { code: type, warehouse_id: warehouse });
  }
  for (const sku of skus) insert('product.product', { default_code: sku, name: sku, uom_id: [1, 'Units'] });

  const text = () => new Date(now()).toISOString().slice(0, 19).replace('T', ' ');
  const inside = (id: Value, location: number) =>
    String(tables['stock.location']!.get(id as number)?.['parent_path'] ?? '')
      .split('/')
      .includes(String(location));
  const available = (product: number, location: number, upTo?: string) =>
    [...tables['stock.move']!.values()].reduce((sum, move) => {
      if (move['state'] !== 'done' || move['product_id'] !== product) return sum;
      if (upTo !== undefined && String(move['date']) > upTo) return sum;
      const [from, to] = [inside(move['location_id']!, location), inside(move['location_dest_id']!, location)];
      return sum + (from === to ? 0 : to ? Number(move['quantity']) : -Number(move['quantity']));
    }, 0);

  const methods: Record<string, (args: Value[], keywords: Keywords, uid: number) => unknown> = {
    'stock.picking.create': ([rows], _, uid) =>
      (rows as unknown as (Record<string, Value> & { move_ids: [0, 0, Record<string, Value>][] })[]).map(
        ({ move_ids: moves, ...row }) => {
          const picking = insert('stock.picking', { ...row, state: 'draft', create_uid: uid });
          for (const [, , move] of moves) {
            if (!(Number(move['product_uom_qty']) > 0))
              throw new Fault('odoo.exceptions.ValidationError', 'a quantity must be positive');
            insert('stock.move', {
              ...move,
              picking_id: picking,
              state: 'draft',
              quantity: 0,
              picked: false,
              create_uid: uid,
              is_inventory: false,
            });
          }
          return picking;
        },
      ),
    'stock.picking.action_confirm': ([ids]) => setState(ids, 'confirmed'),
    'stock.picking.action_cancel': ([ids]) => setState(ids, 'cancel'),
    'stock.picking.unlink'([ids]) {
      for (const id of ids as number[]) {
        for (const move of movesOf(id)) tables['stock.move']!.delete(move.id);
        tables['stock.picking']!.delete(id);
      }
      return true;
    },
    'stock.picking.button_validate'([ids], { context = {} }) {
      const moves = (ids as number[]).flatMap(movesOf);
      const isWhole = moves.every((move) => move['picked'] === true && move['quantity'] === move['product_uom_qty']);
      if (!isWhole || context['skip_backorder'] !== true)
        return { type: 'ir.actions.act_window', res_model: 'stock.backorder.confirmation' };
      for (const row of [...moves, ...(ids as number[]).map((id) => tables['stock.picking']!.get(id)!)]) {
        if (row['state'] === 'done') continue;
        if (row['state'] !== 'confirmed')
          throw new Fault('odoo.exceptions.UserError', 'only confirmed transfers can be validated');
        Object.assign(row, { state: 'done', date: text() });
      }
      return true;
    },
    'stock.move.write'([ids, values]) {
      for (const id of ids as number[]) Object.assign(tables['stock.move']!.get(id)!, values);
      return true;
    },
    'product.product.read': ([ids, fields], keywords) =>
      (ids as number[]).map((id) => productRow(tables['product.product']!.get(id)!, fields as string[], keywords)),
  };

  const movesOf = (picking: number) => search(tables, 'stock.move', [['picking_id', '=', picking]]);
  const setState = (ids: Value | undefined, state: string) => {
    for (const id of ids as number[]) {
      const picking = tables['stock.picking']!.get(id);
      if (picking === undefined) throw new Fault('odoo.exceptions.MissingError', 'the record does not exist');
      if (picking['state'] === 'done')
        throw new Fault('odoo.exceptions.UserError', 'a transfer that is done cannot be changed');
      for (const row of [picking, ...movesOf(id)]) Object.assign(row, { state });
    }
    return true;
  };
  const productRow = (row: RecordRow, fields: readonly string[], { context = {} }: Keywords) => {
    const units = available(row.id, Number(context['location']), context['to_date'] as string | undefined);
    return { ...shown(tables, row, fields), qty_available: units };
  };
  const searchRead = (model: string, [domain]: Value[], keywords: Keywords) => {
    const order = (keywords.order ?? 'id').split(', ');
    const rows = search(tables, model, domain as never).toSorted((a, b) => {
      for (const field of order) if (a[field] !== b[field]) return a[field]! < b[field]! ? -1 : 1;
      return 0;
    });
    const fields = keywords.fields ?? [];
    return rows
      .slice(0, keywords.limit ?? rows.length)
      .map((row) => (model === 'product.product' ? productRow(row, fields, keywords) : shown(tables, row, fields)));
  };
  const execute = ([, uid, secret, model, method, args, keywords]: readonly unknown[]) => {
    if (secret !== password) throw new Fault('odoo.exceptions.AccessDenied', 'Access Denied');
    if (method === 'search_read') return searchRead(model as string, args as Value[], keywords as Keywords);
    const known = methods[`${model}.${method}`];
    if (known === undefined) throw new Fault('builtins.AttributeError', `${model} has no public ${method}`);
    return known(args as Value[], keywords as Keywords, uid as number);
  };
  const idOf = (model: string, field: string, value: string) => search(tables, model, [[field, '=', value]])[0]!;
  const own = (sku: string, from: Value, to: Value, quantity: number, isInventory: boolean) =>
    insert('stock.move', {
      ...{
        product_id: idOf('product.product', 'default_code', sku).id,
        location_id: from,
        location_dest_id: to,
        quantity,
      },
      ...{ state: 'done', date: text(), create_uid: ADMIN, is_inventory: isInventory, picked: true },
    });
  const onHand = (sku: string, code: string) => {
    const warehouse = idOf('stock.warehouse', 'code', code);
    return available(idOf('product.product', 'default_code', sku).id, Number(warehouse['view_location_id']));
  };
  return {
    onHand,
    answer(body) {
      const { id, params } = body as { id: number; params: { service: string; method: string; args: unknown[] } };
      try {
        const { service, args } = params;
        if (service === 'common')
          return { jsonrpc: '2.0', id, result: args[1] === user && args[2] === password ? API_USER : false };
        return { jsonrpc: '2.0', id, result: execute(args) };
      } catch (error) {
        const { exception, message } = error as Fault;
        const data = { name: exception ?? 'builtins.ValueError', message };
        return { jsonrpc: '2.0', id, error: { code: 200, message: 'Odoo Server Error', data } };
      }
    },
    receive(sku, code, quantity) {
      own(sku, usages['supplier']!, idOf('stock.warehouse', 'code', code)['lot_stock_id']!, quantity, false);
    },
    count(sku, code, counted) {
      const change = counted - onHand(sku, code);
      const stock = idOf('stock.warehouse', 'code', code)['lot_stock_id']!;
      const lost = usages['inventory']!;
      if (change !== 0) own(sku, change > 0 ? lost : stock, change > 0 ? stock : lost, Math.abs(change), true);
    },
  };
}

interface Keywords {
  readonly fields?: readonly string[];
  readonly order?: string;
  readonly limit?: number;
  readonly context?: Readonly<Record<string, unknown>>;
}

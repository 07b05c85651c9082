// Records of a simulated Odoo, and its search: domains in prefix notation over fields, also of the record that a field refers
// to (`location_id.usage`).

export type Value = string | number | boolean | null | readonly Value[];
export type RecordRow = Record<string, Value> & { id: number };
/** By model; a field that ends in `_id` refers to a record of the model that `REFERS` names. */
export type Tables = Readonly<Record<string, Map<number, RecordRow>>>;

export const REFERS: Readonly<Record<string, string>> = {
  location_id: 'stock.location',
  location_dest_id: 'stock.location',
  product_id: 'product.product',
  picking_id: 'stock.picking',
  warehouse_id: 'stock.warehouse',
  lot_stock_id: 'stock.location',
  view_location_id: 'stock.location',
};

type Condition = readonly [field: string, operator: string, value: Value];

export function search(tables: Tables, model: string, domain: readonly (string | Condition)[]): RecordRow[] {
  const rows = [...tables[model]!.values()];
  return rows.filter((row) => {
    const terms = [...domain];
    const term = (): boolean => {
      const next = terms.shift();
      if (next === '|' || next === '&') {
        const [one, other] = [term(), term()];
        return next === '|' ? one || other : one && other;
      }
      return next === undefined || holds(tables, row, next as Condition);
    };
    let all = true;
    while (terms.length > 0) all = term() && all;
    return all;
  });
}

function holds(tables: Tables, row: RecordRow, [field, operator, wanted]: Condition): boolean {
  const [name, ...rest] = field.split('.');
  let value: Value | undefined = row[name!];
  if (rest.length > 0) value = tables[REFERS[name!]!]!.get(value as number)?.[rest.join('.')];
  switch (operator) {
    case '=':
      return value === wanted;
    case '!=':
      return value !== wanted;
    case 'in':
      return (wanted as readonly Value[]).includes(value ?? null);
    case '>':
      return value !== undefined && value !== null && value > wanted!;
    default:
      throw new Error(`the simulator does not know the operator ${operator}`);
  }
}

/** As Odoo answers it: references with their names, and false for what is not set. */
export function shown(tables: Tables, row: RecordRow, fields: readonly string[]): Record<string, unknown> {
  const entries = fields.map((field) => {
    const value = row[field];
    if (value === undefined || value === null) return [field, false];
    const model = REFERS[field];
    return [field, model === undefined ? value : [value, String(tables[model]!.get(value as number)?.['name'] ?? '')]];
  });
  return { id: row.id, ...Object.fromEntries(entries) };
}

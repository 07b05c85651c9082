// Whoever works at Tryton's own screen: a client of its own, so that what the adapter says of Tryton is checked by another.

export interface Admin {
  call<R>(method: string, params: readonly unknown[], context?: object): Promise<R>;
  onHand(sku: string, location: string): Promise<number>;
  /** Units from a supplier. */
  receive(sku: string, location: string, quantity: number): Promise<void>;
  count(sku: string, location: string, counted: number): Promise<void>;
  /** Done moves. */
  moves(): Promise<number>;
  /** Moves that were begun and not done. */
  drafts(): Promise<number>;
}

const decimal = (text: string) => ({ __class__: 'Decimal', decimal: text });

export async function adminOf(url: string, password: string): Promise<Admin> {
  let authorization: string | undefined;
  const send = async (method: string, params: readonly unknown[]) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(authorization === undefined ? {} : { authorization }) },
      body: JSON.stringify({ id: 1, method, params }),
    });
    if (response.status !== 200) throw new Error(`${method}: HTTP ${response.status}`);
    return (await response.json()) as { result?: unknown; error?: [string, [string]] };
  };
  const { result } = await send('common.db.login', ['admin', { password }, 'en']);
  const [uid, key] = result as [number, string];
  authorization = `Session ${Buffer.from(`admin:${uid}:${key}`).toString('base64')}`;

  const call = async <R>(method: string, params: readonly unknown[], context: object = {}): Promise<R> => {
    for (;;) {
      const full = [...params, { company: 1, ...context }];
      const answer = await send(`model.${method}`, full);
      if (answer.error === undefined) return answer.result as R;
      if (answer.error[0] !== 'UserWarning') throw new Error(`${method}: ${JSON.stringify(answer.error)}`);
      await send('model.res.user.warning.create', [[{ user: uid, name: answer.error[1][0], always: false }], {}]);
    }
  };
  const idOf = async (model: string, code: string) => {
    const [id] = await call<number[]>(`${model}.search`, [[['code', '=', code]]]);
    if (id === undefined) throw new Error(`Tryton has no ${model} ${code}`);
    return id;
  };
  const storageOf = async (location: string) => {
    const ids = [await idOf('stock.location', location)];
    const [row] = await call<{ storage_location: number }[]>('stock.location.read', [ids, ['storage_location']]);
    return row!.storage_location;
  };
  const states = (names: readonly string[]) => call<number>('stock.move.search_count', [[['state', 'in', names]]]);
  const admin: Admin = {
    call,
    async onHand(sku, location) {
      const context = {
        locations: [await idOf('stock.location', location)],
        with_childs: true,
        stock_date_end: today(),
      };
      const ids = [await idOf('product.product', sku)];
      const [row] = await call<{ quantity: number }[]>('product.product.read', [ids, ['quantity']], context);
      return row!.quantity;
    },
    async receive(sku, location, quantity) {
      const [supplier] = await call<number[]>('stock.location.search', [[['type', '=', 'supplier']]]);
      const row = {
        ...{ product: await idOf('product.product', sku), uom: 1, quantity, from_location: supplier },
        ...{ to_location: await storageOf(location), unit_price: decimal('1'), currency: 1 },
      };
      await call('stock.move.do', [await call<number[]>('stock.move.create', [[row]])]);
    },
    async count(sku, location, counted) {
      const product = await idOf('product.product', sku);
      const expected = await admin.onHand(sku, location);
      const lines = [['create', [{ product, quantity: counted, expected_quantity: expected }]]];
      const inventory = { location: await storageOf(location), date: today(), lines };
      await call('stock.inventory.confirm', [await call<number[]>('stock.inventory.create', [[inventory]])]);
    },
    moves: () => states(['done']),
    drafts: () => states(['draft', 'assigned']),
  };
  return admin;
}

/** A company, an API user, two stores as warehouses, and products A to E. */
export async function setUpTryton({ call }: Admin, user: string, password: string): Promise<void> {
  const none = { company: null };
  const create = async (model: string, row: object, context: object = {}) => {
    const [id] = await call<number[]>(`${model}.create`, [[row]], context);
    return id!;
  };
  const currency = await create('currency.currency', { name: 'Euro', code: 'EUR', symbol: 'E' }, none);
  const party = await create('party.party', { name: 'Shop' }, none);
  const company = await create('company.company', { party, currency }, none);
  await call('res.user.write', [[1], { companies: [['add', [company]]], company }], none);
  const [admin] = await call<{ groups: number[] }[]>('res.user.read', [[1], ['groups']]);
  await create('res.user', {
    ...{ name: 'Evenstock', login: user, password, company },
    ...{ companies: [['add', [company]]], groups: [['add', admin!.groups]] },
  });
  for (const store of ['store-1', 'store-2']) {
    const zone = (name: string) => create('stock.location', { name: `${store} ${name}`, type: 'storage' });
    const [storage, input, output] = [await zone('storage'), await zone('input'), await zone('output')];
    const zones = { storage_location: storage, input_location: input, output_location: output };
    await create('stock.location', { name: store, code: store, type: 'warehouse', ...zones, lost_found_location: 4 });
  }
  for (const sku of ['A', 'B', 'C', 'D', 'E']) {
    const products = [['create', [{ suffix_code: sku, cost_price: decimal('1') }]]];
    await create('product.template', { name: `Product ${sku}`, default_uom: 1, type: 'goods', products });
  }
}

function today() {
  const now = new Date();
  return { __class__: 'date', year: now.getUTCFullYear(), month: now.getUTCMonth() + 1, day: now.getUTCDate() };
}

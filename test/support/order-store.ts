// A started product with a warehouse and two stores, and short words for what tests of orders do over HTTP.
import type { PolicyDocumentJson } from '../../domain/channel/policy.ts';
import { type Product, type ProductOptions, startProduct } from './product.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** Units by location and SKU. */
type Units = Readonly<Record<string, Readonly<Record<string, number>>>>;

export interface OrderStore {
  readonly product: Product;
  post: Product['post'];
  get: Product['get'];
  receive(units: Units): Promise<void>;
  /** A request of the webshop for one A unless said otherwise; `lines` by SKU. Orders are o-1, o-2 … */
  place(fields?: Record<string, unknown>): Promise<HttpAnswer>;
  /** To the order placed last, or `order`. */
  command(fields: Record<string, unknown>, order?: string): Promise<HttpAnswer>;
  order(id?: string): Promise<Record<string, unknown>>;
  /** As the log has it now. */
  stock(sku: string, location: string): Promise<Record<string, unknown>>;
  restart(): Promise<void>;
  close(): Promise<void>;
}

const LOCATIONS = ['warehouse', 'store-1', 'store-2'];
const POLICY: Partial<PolicyDocumentJson> = {
  locations: [...LOCATIONS.map((id) => ({ id })), { id: 'kiosk' }],
  channels: [
    { id: 'webshop', locations: LOCATIONS },
    { id: 'marketplace', locations: ['warehouse'] },
  ],
};

export async function orderStore(options: ProductOptions = {}): Promise<OrderStore> {
  let product = await startProduct({ ...options, policy: { ...POLICY, ...options.policy } });
  let orders = 0;
  let commands = 0;
  const store: OrderStore = {
    get product() {
      return product;
    },
    post: (path, body) => product.post(path, body),
    get: (path) => product.get(path),
    async receive(units) {
      for (const [location, skus] of Object.entries(units)) {
        for (const [sku, quantity] of Object.entries(skus)) {
          const { status } = await product.command({ type: 'receipt', sku, location, quantity });
          if (status !== 200) throw new Error(`receipt of ${sku} at ${location}: ${status}`);
        }
      }
    },
    place({ lines = { A: 1 }, ...fields } = {}) {
      orders += 1;
      const list = Array.isArray(lines)
        ? lines
        : Object.entries(lines as Record<string, number>).map(([sku, quantity]) => ({ sku, quantity }));
      const order = { id: `place-${orders}`, orderId: `o-${orders}`, channel: 'webshop', kind: 'request', lines: list };
      return product.post('/v1/orders', { ...order, ...fields });
    },
    command(fields, order = `o-${orders}`) {
      commands += 1;
      return product.post(`/v1/orders/${order}/commands`, { id: `command-${commands}`, ...fields });
    },
    async order(id = `o-${orders}`) {
      return (await product.get(`/v1/orders/${id}`)).body;
    },
    async stock(sku, location) {
      const after = await product.evenstock.log.head();
      return (await product.get(`/v1/stock/${sku}/${location}?after=${after}`)).body;
    },
    async restart() {
      product = await product.restart();
    },
    close: () => product.close(),
  };
  return store;
}

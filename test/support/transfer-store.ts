// A started product with a distribution centre and two stores, and short words for what tests of transfers do over HTTP.
import type { PolicyDocumentJson } from '../../domain/channel/policy.ts';
import { type Product, type ProductOptions, startProduct } from './product.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** Units by SKU. */
type Units = Readonly<Record<string, number>>;

export interface TransferStore {
  readonly product: Product;
  receive(location: string, units: Units): Promise<void>;
  /** From the centre to store-1 unless said otherwise. Transfers are t-1, t-2 … */
  open(units: Units, fields?: Record<string, unknown>): Promise<HttpAnswer>;
  /** Of the transfer opened last, unless said otherwise; by the client whose key is named. */
  send(type: string, units?: Units, fields?: Record<string, unknown>, by?: string): Promise<HttpAnswer>;
  transfer(id?: string): Promise<Record<string, unknown>>;
  /** [on-hand, reserved, in-transit in, in-transit out] as the log has it now. */
  levels(location: string, sku?: string): Promise<readonly unknown[]>;
  /** With the key of a client; the administrator's when none is named. */
  as(client?: string): Pick<Product, 'post' | 'get'>;
  restart(): Promise<void>;
  close(): Promise<void>;
}

const POLICY: Partial<PolicyDocumentJson> = {
  locations: ['dc', 'store-1', 'store-2'].map((id) => ({ id })),
  channels: [{ id: 'webshop', locations: ['dc', 'store-1', 'store-2'] }],
};

const linesOf = (units: Units) => Object.entries(units).map(([sku, quantity]) => ({ sku, quantity }));

export async function transferStore(options: ProductOptions = {}): Promise<TransferStore> {
  let product = await startProduct({ ...options, policy: { ...POLICY, ...options.policy } });
  let [transfers, commands] = [0, 0];
  const as = (client?: string): Pick<Product, 'post' | 'get'> => {
    const key = options.clients?.find(({ id }) => id === client)?.key;
    const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
    const call = async (path: string, init: RequestInit) => {
      const response = await product.send(path, { ...init, headers });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    };
    return {
      post: (path, body) => call(path, { method: 'POST', body: JSON.stringify(body) }),
      get: (path) => call(path, {}),
    };
  };
  const store: TransferStore = {
    get product() {
      return product;
    },
    async receive(location, units) {
      for (const [sku, quantity] of Object.entries(units)) {
        const { status } = await product.command({ type: 'receipt', sku, location, quantity });
        if (status !== 200) throw new Error(`receipt of ${sku} at ${location}: ${status}`);
      }
    },
    open(units, fields = {}) {
      transfers += 1;
      const ends = { from: 'dc', to: 'store-1' };
      const body = { id: `open-${transfers}`, transferId: `t-${transfers}`, ...ends, lines: linesOf(units), ...fields };
      return product.post('/v1/transfers', body);
    },
    send(type, units, fields = {}, by) {
      commands += 1;
      const lines = units === undefined ? {} : { lines: linesOf(units) };
      return as(by).post(`/v1/transfers/t-${transfers}/commands`, { id: `c-${commands}`, type, ...lines, ...fields });
    },
    as,
    transfer: async (id = `t-${transfers}`) => (await product.get(`/v1/transfers/${id}`)).body,
    async levels(location, sku = 'A') {
      const after = await product.evenstock.log.head();
      const { status, body } = await product.get(`/v1/stock/${sku}/${location}?after=${after}`);
      if (status === 404) return [0, 0, 0, 0];
      return [body['onHand'], body['reserved'], body['inTransitIn'], body['inTransitOut']];
    },
    async restart() {
      product = await product.restart();
    },
    close: () => product.close(),
  };
  return store;
}

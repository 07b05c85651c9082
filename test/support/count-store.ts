// A whole product with three people who count: anna and ben with handhelds, mia who decides; and what they do, over HTTP.
import { generateKey, type KeysDocument } from '../../server/auth/keys.ts';
import { type Product, type ProductOptions, startProduct } from './product.ts';

export type Who = 'anna' | 'ben' | 'mia' | 'guest' | 'north';

export interface Reply {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly headers: Headers;
}

export interface CountStore {
  readonly product: Product;
  key(who: Who): string;
  /** Sends as somebody; the body is text where the answer is not JSON. */
  send(who: Who, method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>;
  /** Counts as anna: units by SKU, all at one time. */
  count(id: string, units: Readonly<Record<string, number>>, options?: CountOptions): Promise<Reply>;
  command(id: string, who: Who, fields: Record<string, unknown>): Promise<Reply>;
  open(id: string, scope?: unknown, location?: string): Promise<Reply>;
  /** Facts at store-1, each with its time. */
  sale(sku: string, quantity: number, occurredAt: number, id?: string): Promise<void>;
  receipt(sku: string, quantity: number, occurredAt: number): Promise<void>;
  onHand(sku: string, location?: string): Promise<number>;
  lines(id: string, query?: string): Promise<readonly Record<string, unknown>[]>;
  restart(): Promise<void>;
  close(): Promise<void>;
}

export interface CountOptions {
  readonly who?: Who;
  readonly at?: number;
  readonly commandId?: string;
  readonly reason?: string;
}

const SCOPES: Readonly<Record<Who, KeysDocument['clients'][number]['scopes']>> = {
  anna: ['counts:write'],
  ben: ['counts:write'],
  mia: ['counts:read', 'counts:approve'],
  guest: ['stock:read'],
  north: ['counts:read', 'counts:write', 'counts:approve'],
};

export async function countStore(options: ProductOptions = {}): Promise<CountStore> {
  const keys = new Map(Object.keys(SCOPES).map((who) => [who, generateKey()]));
  const clients = Object.entries(SCOPES).map(([id, scopes]) => {
    const locations = id === 'north' ? ['store-1'] : ('all' as const);
    return { id, scopes, locations, channels: 'all' as const, key: keys.get(id)! };
  });
  let product = await startProduct({ ...options, clients });
  let number = 0;
  const fact = async (fields: Record<string, unknown>) => {
    const { status, body } = await product.command({ location: 'store-1', ...fields });
    if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
  };
  const store: CountStore = {
    get product() {
      return product;
    },
    key: (who) => keys.get(who)!,
    async send(who, method, path, body, headers = {}) {
      const response = await fetch(`${product.evenstock.url}${path}`, {
        method,
        headers: { authorization: `Bearer ${keys.get(who)}`, 'content-type': 'application/json', ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      const isJson = response.headers.get('content-type')?.includes('json') === true;
      return { status: response.status, body: isJson ? JSON.parse(text) : { text }, headers: response.headers };
    },
    count(id, units, { who = 'anna', at = Date.now(), commandId, reason } = {}) {
      number += 1;
      const countedAt = new Date(at).toISOString();
      const lines = Object.entries(units).map(([sku, quantity]) => ({ sku, quantity, countedAt, reason }));
      return store.command(id, who, { type: 'count', id: commandId ?? `count-${number}`, lines });
    },
    command(id, who, fields) {
      number += 1;
      return store.send(who, 'POST', `/v1/stocktakes/${id}/commands`, { id: `command-${number}`, ...fields });
    },
    open(id, scope = { type: 'full' }, location = 'store-1') {
      return store.send('anna', 'POST', '/v1/stocktakes', { id: `open-${id}`, stocktakeId: id, location, scope });
    },
    sale: (sku, quantity, at, id) =>
      fact({ type: 'sale', sku, quantity, occurredAt: new Date(at).toISOString(), ...(id && { id }) }),
    receipt: (sku, quantity, at) => fact({ type: 'receipt', sku, quantity, occurredAt: new Date(at).toISOString() }),
    async onHand(sku, location = 'store-1') {
      const after = (await product.evenstock.log.head()).toString();
      return (await product.get(`/v1/stock/${sku}/${location}?after=${after}`)).body['onHand'] as number;
    },
    async lines(id, query = '') {
      const after = (await product.evenstock.log.head()).toString();
      const { body } = await store.send('mia', 'GET', `/v1/stocktakes/${id}/lines?after=${after}${query}`);
      return body['lines'] as readonly Record<string, unknown>[];
    },
    async restart() {
      product = await product.restart();
    },
    close: () => product.close(),
  };
  return store;
}

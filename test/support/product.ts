// The whole product in this process, over real HTTP, on any event log, with a real marketplace to publish to.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningMarketplace, startMarketplace } from '../../adapters/channels/marketplace-simulator/server.ts';
import type { Vendor } from '../../adapters/channels/vendor.ts';
import type { ErpVendor } from '../../adapters/erp/erp.ts';
import { compilePolicy, PolicyDocument, type PolicyDocumentJson } from '../../domain/channel/policy.ts';
import { generateKey, hashOfKey, type KeysDocument } from '../../server/auth/keys.ts';
import { type Config, readConfig } from '../../server/config.ts';
import { createLogger } from '../../server/logging.ts';
import { type Evenstock, startEvenstock } from '../../server/wiring.ts';
import { canarySecret } from './canary.ts';

const SECRET = canarySecret('marketplace');

export interface Product {
  readonly evenstock: Evenstock;
  readonly marketplace: RunningMarketplace;
  post(path: string, body: unknown): Promise<{ readonly status: number; readonly body: Record<string, unknown> }>;
  /** Any request with the key of an administrator. */
  send(path: string, init?: RequestInit): Promise<Response>;
  get(path: string): Promise<{ readonly status: number; readonly body: Record<string, unknown> }>;
  /** Posts, and reads an answer of one JSON document a line. */
  lines(path: string, body: unknown): Promise<readonly Record<string, unknown>[]>;
  /** A fact or request with what is not said filled in. */
  command(
    fields: Record<string, unknown>,
  ): Promise<{ readonly status: number; readonly body: Record<string, unknown> }>;
  /** Resolves when the marketplace shows these units. */
  shows(sku: string, units: number): Promise<void>;
  /** A batch; one answer a line. */
  batch(commands: readonly object[]): Promise<readonly Record<string, unknown>[]>;
  /** Stops the server and starts another on the same directory and log. */
  restart(changes?: Pick<ProductOptions, 'policy'>): Promise<Product>;
  close(): Promise<void>;
}

export interface ProductOptions {
  /** Default: embedded in a directory of its own. */
  readonly eventLog?: string;
  readonly env?: Record<string, string>;
  readonly policy?: Partial<PolicyDocumentJson>;
  /** Instead of the product's ERP adapters. */
  readonly erpVendors?: readonly ErpVendor[];
  /** Over the policy of the channel `marketplace`. */
  readonly marketplace?: Readonly<Record<string, unknown>>;
  /** Instead of the adapters of the product. */
  readonly vendors?: readonly Vendor[];
  /** Clients besides the administrator, with the key that each sends. */
  readonly clients?: readonly (Omit<KeysDocument['clients'][number], 'keys'> & { readonly key: string })[];
}

export async function startProduct(options: ProductOptions = {}): Promise<Product> {
  const directory = mkdtempSync(join(tmpdir(), 'evenstock-product-'));
  const marketplace = await startMarketplace({ secrets: [SECRET] });
  const dispose = async () => {
    await marketplace.close();
    rmSync(directory, { recursive: true, force: true });
  };
  const config = readConfig({
    DATA_DIR: directory,
    PORT: '0',
    LOG_LEVEL: 'error',
    EVENT_LOG: options.eventLog,
    ...options.env,
  });
  return run(config, marketplace, options, dispose);
}

async function run(
  config: Config,
  marketplace: RunningMarketplace,
  options: ProductOptions,
  dispose: () => Promise<void>,
): Promise<Product> {
  const key = generateKey();
  const client = { id: 'test', scopes: ['admin' as const], locations: 'all' as const, channels: 'all' as const };
  const evenstock = await startEvenstock(config, {
    env: { MARKETPLACE_SECRET: SECRET, ...options.env },
    ...(options.vendors === undefined ? {} : { vendors: options.vendors }),
    logger: createLogger('error', false),
    ...(options.erpVendors === undefined ? {} : { erpVendors: options.erpVendors }),
    onFatal(error) {
      throw error;
    },
    policy: compilePolicy(PolicyDocument.parse(policyFor(marketplace.url, options.policy, options.marketplace))),
    keys: {
      version: 1,
      clients: [{ ...client, key }, ...(options.clients ?? [])].map(({ key: own, ...rest }) => {
        return { ...rest, keys: [{ sha256: hashOfKey(own) }] };
      }),
    },
  });
  const send = (path: string, init: RequestInit = {}) =>
    fetch(`${evenstock.url}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...init.headers },
    });
  const call = async (path: string, init: RequestInit) => {
    const response = await send(path, init);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  let number = 0;
  const product: Product = {
    evenstock,
    marketplace,
    send,
    post: (path, body) => call(path, { method: 'POST', body: JSON.stringify(body) }),
    get: (path) => call(path, {}),
    async lines(path, body) {
      const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
      const response = await fetch(`${evenstock.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
      const text = await response.text();
      return text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    },
    command(fields) {
      number += 1;
      const occurredAt = new Date().toISOString();
      return product.post('/v1/commands', {
        id: `p-${key.slice(-6)}-${number}`,
        sku: 'A',
        location: 'warehouse',
        occurredAt,
        ...fields,
      });
    },
    async shows(sku, units) {
      for (let n = 0; n < 400; n++) {
        if (marketplace.listings.get(sku)?.units === units) return;
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
      throw new Error(`the marketplace shows ${marketplace.listings.get(sku)?.units} of ${sku}, not ${units}`);
    },
    async batch(commands) {
      const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
      const sent = { method: 'POST', headers, body: JSON.stringify(commands) };
      const answer = await (await fetch(`${evenstock.url}/v1/commands/batch`, sent)).text();
      return answer
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    },
    async restart(changes) {
      await evenstock.close();
      return run(config, marketplace, { ...options, ...changes }, dispose);
    },
    async close() {
      await evenstock.close();
      await dispose();
    },
  };
  return product;
}

function policyFor(
  marketplaceUrl: string,
  changes: Partial<PolicyDocumentJson> = {},
  marketplace: Readonly<Record<string, unknown>> = {},
): PolicyDocumentJson {
  const connector = {
    type: 'http' as const,
    url: `${marketplaceUrl}/availability`,
    secretEnv: 'MARKETPLACE_SECRET',
    ratePerSecond: 200,
    burst: 50,
  };
  return {
    version: 'test-1',
    locations: [{ id: 'warehouse' }, { id: 'store-1', safetyStock: 1 }],
    channels: [
      { id: 'webshop', locations: ['warehouse', 'store-1'] },
      { id: 'marketplace', locations: ['warehouse'], buffer: 2, connector, ...marketplace },
    ],
    ...changes,
  };
}

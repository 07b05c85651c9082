// A retailer in the middle of a day, for looking at: six locations, 240 SKUs, marketplaces of which one is quick, one slow,
// one does not answer and one is only compared, an ERP that queues, a store that oversold, names that nobody mapped.

import { type RunningMarketplace, startMarketplace } from '../../../adapters/channels/marketplace-simulator/server.ts';
import type { ErpVendor } from '../../../adapters/erp/erp.ts';
import { canarySecret } from '../canary.ts';
import { ledgerErp } from '../ledger-erp.ts';
import { type Product, startProduct } from '../product.ts';

export const STORES = ['berlin', 'hamburg', 'koeln', 'leipzig', 'muenchen'];
const KINDS = ['TSHIRT', 'JEANS', 'SCARF', 'LAMP', 'MUG', 'BAG'];
const COLOURS = ['RED', 'BLUE', 'GREEN', 'BLACK', 'WHITE', 'SAND', 'GREY', 'NAVY'];
const SIZES = ['XS', 'S', 'M', 'L', 'XL'];
export const SKUS = KINDS.flatMap((kind) =>
  COLOURS.flatMap((colour) => SIZES.map((size) => `${kind}-${colour}-${size}`)),
);

export interface Retailer {
  readonly product: Product;
  readonly markets: Readonly<Record<'alto' | 'bazaar' | 'outlet', RunningMarketplace>>;
  /** A second of trade, about `commands` of them. */
  trade(commands: number): Promise<void>;
  close(): Promise<void>;
}

const SECRET = canarySecret('retailer');

/** `key`: of anna, who may do everything. */
export async function openRetailer(key: string): Promise<Retailer> {
  const open = (ratePerSecond: number) => startMarketplace({ secrets: [SECRET], ratePerSecond, burst: 4 });
  const [alto, bazaar, outlet] = [await open(60), await open(1.5), await open(60)];
  const markets = { alto, bazaar, outlet };
  const books = ledgerErp(20);
  const vendor: ErpVendor = { type: 'ledger', misfits: () => [], connect: () => books };
  const product = await startProduct({
    env: { RETAILER_SECRET: SECRET, CASE_PATIENCE_MS: '2000' },
    erpVendors: [vendor],
    clients: [{ id: 'anna', key, scopes: ['admin'], locations: 'all', channels: 'all' }],
    policy: policyOf(markets),
  });
  bazaar.setFaults({ refusedSkus: ['LAMP-RED-M', 'LAMP-RED-L', 'MUG-SAND-S'] });
  outlet.setFaults({ kind: 'unavailable' });
  let number = 0;
  const send = (commands: readonly object[]) =>
    product.batch(
      commands.map((command) => {
        number += 1;
        return { id: `r-${number}`, occurredAt: new Date().toISOString(), ...command };
      }),
    );
  await send(
    SKUS.flatMap((sku, n) => ['warehouse', ...STORES].map((location) => receipt(sku, location, 6 + (n % 23)))),
  );
  // Sold by tills that could not know: three stocks are short.
  await send(['berlin', 'koeln', 'leipzig'].map((location, n) => sale(SKUS[40 * (n + 1)]!, location, 40)));
  return {
    ...{ product, markets },
    async trade(commands) {
      const lines = Array.from({ length: commands }, (_, n) => movement(number + n));
      await send(lines);
      // Systems send what they are not sure of again.
      if (lines.length > 0) await product.batch(duplicates(number, lines));
    },
    async close() {
      await product.close();
      for (const market of Object.values(markets)) await market.close();
    },
  };
}

function policyOf({ alto, bazaar, outlet }: Retailer['markets']) {
  const to = ({ url }: RunningMarketplace, ratePerSecond: number) => ({
    ...{ type: 'http' as const, url: `${url}/availability`, secretEnv: 'RETAILER_SECRET' },
    ...{ ratePerSecond, burst: 4, batchSize: 10, timeoutMs: 2_000 },
  });
  const everywhere = ['warehouse', ...STORES];
  return {
    locations: [{ id: 'warehouse', name: 'Central warehouse' }, ...STORES.map((id) => ({ id, safetyStock: 1 }))],
    channels: [
      { id: 'webshop', locations: everywhere },
      { id: 'alto', locations: ['warehouse'], buffer: 1, connector: to(alto, 60) },
      { id: 'bazaar', locations: everywhere, percentage: 80, connector: to(bazaar, 1.5) },
      { id: 'outlet', locations: ['warehouse'], connector: to(outlet, 60) },
      { id: 'pilot', locations: STORES, mode: 'shadow' as const, connector: to(alto, 60) },
    ],
    freshness: [
      { channel: 'alto', withinSeconds: 5 },
      { channel: 'bazaar', withinSeconds: 20 },
      { channel: 'outlet', withinSeconds: 60 },
    ],
    erps: [{ id: 'books', type: 'ledger', url: 'http://erp.example', secretEnv: 'RETAILER_SECRET', reads: [] }],
    reconciliation: { settleMinutes: 0, schedules: [{ channel: 'alto', everyMinutes: 60 }] },
  };
}

const receipt = (sku: string, location: string, quantity: number) => ({ type: 'receipt', sku, location, quantity });
const sale = (sku: string, location: string, quantity: number) => ({ type: 'sale', sku, location, quantity });

/** The `n`th of a day: the same every time. */
function movement(n: number): object {
  const sku = SKUS[(n * 7) % SKUS.length]!;
  const store = STORES[n % STORES.length]!;
  if (n % 97 === 0) return sale(sku, 'store-99', 1);
  if (n % 11 === 0) return { type: 'count', sku, location: store, counted: 9 + (n % 9) };
  if (n % 3 === 0) return receipt(sku, n % 2 === 0 ? 'warehouse' : store, 3);
  return sale(sku, n % 3 === 0 ? 'warehouse' : store, 1);
}

function duplicates(number: number, lines: readonly object[]): readonly object[] {
  const at = new Date().toISOString();
  const again = lines.map((line, n) => ({ id: `r-${number - lines.length + 1 + n}`, occurredAt: at, ...line }));
  return again.filter((_, n) => n % 19 === 0);
}

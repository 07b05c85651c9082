// The three online shops of the scenario, in their vendors' dialects: what they show, what buyers do there, and what a
// policy says to reach them. Each run gets its own. Their pace is that of a day that passes so much faster.
import { SIMULATED_SELLER } from '../../adapters/channels/amazon/simulator/app.ts';
import { forward, orderChange } from '../../adapters/channels/amazon/simulator/notifications.ts';
import { startAmazon } from '../../adapters/channels/amazon/simulator/server.ts';
import { startEbay } from '../../adapters/channels/ebay/simulator/server.ts';
import type { FaultsJson } from '../../adapters/channels/simulator/faults.ts';
import type { Misbehaving } from '../../adapters/channels/simulator/misbehaving.ts';
import { startVendureSimulator } from '../../adapters/channels/vendure/simulator/server.ts';
import { SIMULATED_LOCATION } from '../../adapters/channels/vendure/simulator/stock.ts';
import type { ConnectorPolicy } from '../../domain/channel/connector.ts';
import type { DayTime } from './fast-time.ts';
import type { OnlineChannel, Retailer } from './retailer.ts';

export interface Shop {
  readonly channel: OnlineChannel;
  readonly connector: Pick<ConnectorPolicy, 'type' | 'url' | 'secretEnv' | 'settings' | 'timeoutMs'>;
  readonly env: Readonly<Record<string, string>>;
  /** What the shop calls our SKUs, where it has ids of its own. */
  readonly ids: ReadonlyMap<string, string>;
  shown(sku: string): number;
  /** What the shop calls the order; undefined: not that many are shown. */
  buy(sku: string, units: number): string | undefined;
  /** The seller cancels it there. */
  cancel(order: string): void;
  /** From now on most calls that tell it figures are refused as too fast. */
  throttle(isOn: boolean): void;
  /** Calls that changed what is shown, or tried to, and the values in them. */
  calls(): { readonly made: number; readonly updates: number };
  /** Where notices of orders go, if the shop sends any. */
  notify(url: string): void;
  close(): Promise<void>;
}

const THROTTLED: FaultsJson = { kind: 'throttle', share: 0.9, retryAfter: '1', on: ['publish', 'bulk', 'read'] };
const SECRET = 'a-secret-of-the-scenario-and-long-enough';
/** The longest there is, in the time of the day: calls themselves take as long as ever. */
export const CALL_MS_MAX = 120_000;
/** Until an accepted value is shown at Amazon, in the time of the day. */
const AMAZON_APPLY_MS = 30_000;

export function startShops(retailer: Retailer, { clock: { now }, speedMax }: DayTime): Promise<readonly Shop[]> {
  return Promise.all([
    startAmazonShop(retailer, speedMax, now),
    startEbayShop(retailer, now),
    startWebShop(retailer, now),
  ]);
}

async function startAmazonShop({ articles }: Retailer, speed: number, now: () => number): Promise<Shop> {
  let hook: string | undefined;
  const credentials = { clientId: SECRET, clientSecret: SECRET, refreshToken: SECRET };
  const amazon = await startAmazon({
    ...{ credentials, speed, now, applyMs: AMAZON_APPLY_MS, feedMs: 20 * AMAZON_APPLY_MS },
    onOrder(order) {
      // Amazon's queue keeps what is not taken; here the poll finds it.
      if (hook !== undefined)
        void forward(orderChange(order, SIMULATED_SELLER, now()), { url: hook, secret: SECRET, now }).catch(() => {});
    },
  });
  for (const { sku } of articles) amazon.listings.list(sku, 0);
  const settings = { ...SIMULATED_SELLER, tokenUrl: amazon.tokenUrl, orders: 'poll-and-notifications' };
  return {
    channel: 'amazon',
    connector: { type: 'amazon', url: amazon.url, secretEnv: 'AMAZON', settings, timeoutMs: CALL_MS_MAX },
    env: {
      AMAZON_CLIENT_ID: SECRET,
      AMAZON_CLIENT_SECRET: SECRET,
      AMAZON_REFRESH_TOKEN: SECRET,
      AMAZON_WEBHOOK: SECRET,
    },
    ids: new Map(),
    shown: (sku) => amazon.listings.shown(sku) ?? 0,
    buy: (sku, units) => amazon.buy(sku, units)?.id,
    cancel: (order) => void amazon.orders.cancel(order),
    notify(url) {
      hook = url;
    },
    ...steering(amazon.misbehaving),
    close: amazon.close,
  };
}

async function startEbayShop({ articles }: Retailer, now: () => number): Promise<Shop> {
  const credentials = { clientId: SECRET, clientSecret: SECRET, refreshToken: SECRET };
  const ebay = await startEbay({ credentials, now, skus: articles.map(({ sku }) => sku) });
  return {
    channel: 'ebay',
    connector: { type: 'ebay', url: ebay.url, secretEnv: 'EBAY', timeoutMs: CALL_MS_MAX },
    env: { EBAY_CLIENT_ID: SECRET, EBAY_CLIENT_SECRET: SECRET, EBAY_REFRESH_TOKEN: SECRET },
    ids: new Map(),
    shown: (sku) => ebay.items.shown(sku) ?? 0,
    buy: (sku, quantity) => ebay.orders.buy([{ sku, quantity }])?.orderId,
    cancel: (order) => void ebay.orders.cancel(order),
    notify() {},
    ...steering(ebay.misbehaving),
    close: ebay.close,
  };
}

async function startWebShop({ articles }: Retailer, now: () => number): Promise<Shop> {
  const vendure = await startVendureSimulator({ username: 'evenstock', password: SECRET, now });
  const ids = new Map(articles.map(({ sku }) => [sku, vendure.stock.add(sku, 0)]));
  const idOf = (sku: string) => ids.get(sku)!;
  const settings = {
    username: 'evenstock',
    stockLocation: SIMULATED_LOCATION,
    ordersSince: new Date(now()).toISOString(),
  };
  return {
    channel: 'shop',
    connector: {
      type: 'vendure',
      url: `${vendure.url}/admin-api`,
      secretEnv: 'SHOP',
      settings,
      timeoutMs: CALL_MS_MAX,
    },
    env: { SHOP: SECRET, SHOP_WEBHOOK: SECRET },
    ids,
    shown: (sku) => Math.max(0, vendure.stock.sellable(idOf(sku))),
    buy: (sku, units) => vendure.orders.buy({ [idOf(sku)]: units })?.code,
    cancel: (code) => vendure.orders.cancel([...vendure.orders.all.values()].find((one) => one.code === code)!.id),
    notify: (url) => vendure.sendWebhooksTo({ url, secret: SECRET }),
    ...steering(vendure.misbehaving),
    close: vendure.close,
  };
}

function steering({ setFaults, log }: Misbehaving): Pick<Shop, 'throttle' | 'calls'> {
  return {
    throttle: (isOn) => setFaults(isOn ? THROTTLED : {}),
    calls() {
      const calls = log.calls.filter(({ kind }) => kind === 'publish' || kind === 'bulk');
      return { made: calls.length, updates: calls.reduce((sum, { skus }) => sum + skus.length, 0) };
    },
  };
}

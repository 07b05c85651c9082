// The adapter for Vendure takes the contract of channel adapters whole, against the simulator.
import { startVendureSimulator } from '../../../../adapters/channels/vendure/simulator/server.ts';
import { signedNotice } from '../../../../adapters/channels/vendure/simulator/webhooks.ts';
import type { ChannelRig } from '../../../contracts/channel-adapter/rig.ts';
import { channelAdapterContract } from '../../../contracts/channel-adapter.contract.ts';
import { CHANNEL, vendureAdapter, WEBHOOK_SECRET } from '../../../support/vendure/adapter.ts';
import { VENDURE_PASSWORD, VENDURE_USER } from '../../../support/vendure/vendure.ts';

const TIMEOUT_MS = 5_000;
const OTHER_SECRET = 'a secret of another shop';

async function start(): Promise<ChannelRig> {
  const shop = await startVendureSimulator({ username: VENDURE_USER, password: VENDURE_PASSWORD });
  /** SKU → variant. */
  const mapped = new Map<string, string>();
  const skus = new Map<string, string>();
  const { connector, inbound } = vendureAdapter({
    url: shop.url,
    timeoutMs: TIMEOUT_MS,
    identifiers: {
      ofSku: (sku) => (mapped.has(sku) ? { id: mapped.get(sku)! } : undefined),
      skuOf: (id) => skus.get(id),
      ofLocation: () => undefined,
      locationOf: () => undefined,
    },
  });
  const variantOf = (sku: string) => mapped.get(sku)!;
  const orderCalled = (code: string) => [...shop.orders.all.values()].find((order) => order.code === code)!.id;
  return {
    connector,
    timeoutMs: TIMEOUT_MS,
    get secrets() {
      return [VENDURE_PASSWORD, WEBHOOK_SECRET, ...shop.sessions];
    },
    unmapped: 'NOBODY',
    listingsOfTwoPages: 250,
    seed: (count, units) =>
      Array.from({ length: count }, () => {
        const sku = `SKU-${mapped.size + 1}`;
        const variant = shop.stock.add(sku, units);
        mapped.set(sku, variant);
        skus.set(variant, sku);
        return sku;
      }),
    shown: (sku) => (mapped.has(sku) ? shop.stock.sellable(variantOf(sku)) : undefined),
    drift: (sku, by) => shop.stock.move(variantOf(sku), { onHand: by }),
    setFaults: shop.misbehaving.setFaults,
    calls: () => shop.misbehaving.log.calls,
    refuse(sku) {
      shop.misbehaving.setFaults({ refusedSkus: [variantOf(sku)] });
      return /USER_INPUT_ERROR/;
    },
    inbound: {
      inbound,
      channel: CHANNEL,
      signsTime: true,
      order(lines) {
        const units = Object.fromEntries(lines.map(({ sku, quantity }) => [variantOf(sku), quantity]));
        return shop.orders.buy(units)!.code;
      },
      orderUnmapped: () => shop.orders.buy({ [shop.stock.add('STRANGE', 5)]: 1 })!.code,
      ship: (code) => shop.orders.ship(orderCalled(code)),
      cancel: (code) => shop.orders.cancel(orderCalled(code)),
      deliver(code, { atMs = Date.now(), otherSecret = false, body } = {}) {
        const signed = signedNotice(orderCalled(code), otherSecret ? OTHER_SECRET : WEBHOOK_SECRET, atMs, body);
        const rawBody = new TextEncoder().encode(signed.body);
        return { rawBody, headers: new Headers(signed.headers), url: 'https://evenstock.example/v1/hooks/shop' };
      },
    },
    close: shop.close,
  };
}

channelAdapterContract('vendure', start);

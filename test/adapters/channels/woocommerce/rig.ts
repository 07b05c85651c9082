// A WooCommerce shop under test: the vendor as the product makes it, connected to the simulator. Every third listing is a
// variation, so that batches meet both addresses.
import type { Identifiers } from '../../../../adapters/channels/identifiers.ts';
import { serveSimulator } from '../../../../adapters/channels/simulator/serve.ts';
import type { VendorChannel } from '../../../../adapters/channels/vendor.ts';
import { createWooSimulator, type WooSimulator } from '../../../../adapters/channels/woocommerce/simulator/app.ts';
import { wooCommerceVendor } from '../../../../adapters/channels/woocommerce/woocommerce.ts';
import { systemClock } from '../../../../adapters/platform.ts';
import { MissingSecret } from '../../../../adapters/secrets.ts';
import type { ChannelRig } from '../../../contracts/channel-adapter/rig.ts';

const KEY = 'ck_0123456789abcdef0123456789abcdef01234567';
const SECRET = 'cs_76543210fedcba9876543210fedcba9876543210';
const WEBHOOK = 'the-webhook-secret-of-the-shop';
const SECRETS: Readonly<Record<string, string>> = { KEY, SECRET, WEBHOOK };
const TIMEOUT_MS = 5_000;
const CHANNEL = 'woo-shop';

export interface WooRig extends ChannelRig {
  readonly simulator: WooSimulator;
  readonly vendorChannel: VendorChannel;
  idOf(sku: string): number;
}

export interface WooRigOptions {
  /** Every listing is of one kind: then one call takes any of them. */
  readonly onlySimple?: boolean;
  readonly now?: () => number;
}

export async function startWooRig({ onlySimple = false, now = Date.now }: WooRigOptions = {}): Promise<WooRig> {
  const simulator = createWooSimulator({ key: KEY, secret: SECRET, webhookSecret: WEBHOOK, now });
  const { shop } = simulator;
  const served = await serveSimulator(simulator.app);
  const skus = new Map<string, number>();
  const ids = new Map<string, string>();
  const parent = shop.addProduct(0, 'variable');
  const idOf = (sku: string) => skus.get(sku)!;
  const identifiers: Identifiers = {
    ofSku(sku) {
      const product = shop.products.get(skus.get(sku) ?? 0);
      if (product === undefined) return undefined;
      const more = product.type === 'variation' ? { more: { parent: String(product.parent) } } : {};
      return { id: String(product.id), ...more };
    },
    skuOf: (id) => ids.get(id),
    ofLocation: () => undefined,
    locationOf: () => undefined,
  };
  const vendorChannel: VendorChannel = {
    channel: CHANNEL,
    connector: { type: 'woocommerce', url: served.url, secretEnv: 'WOO', timeoutMs: TIMEOUT_MS },
    secret(suffix = '') {
      const secret = SECRETS[suffix];
      if (secret === undefined) throw new MissingSecret(`there is no WOO_${suffix}`);
      return secret;
    },
    identifiers,
    clock: systemClock,
  };
  const orderOf = (lines: readonly { readonly product: number; readonly quantity: number }[]) =>
    String(shop.order(lines)!.id);
  return {
    simulator,
    vendorChannel,
    idOf,
    connector: wooCommerceVendor.connect(vendorChannel),
    timeoutMs: TIMEOUT_MS,
    secrets: [KEY, SECRET, WEBHOOK, Buffer.from(`${KEY}:${SECRET}`).toString('base64')],
    unmapped: 'NOBODY-MAPPED-IT',
    listingsOfTwoPages: 110,
    seed: (count, units) =>
      Array.from({ length: count }, () => {
        const isVariation = !onlySimple && skus.size % 3 === 2;
        const { id } = isVariation ? shop.addProduct(units, 'variation', parent.id) : shop.addProduct(units);
        const sku = `SKU-${id}`;
        skus.set(sku, id);
        ids.set(String(id), sku);
        return sku;
      }),
    shown: (sku) => shop.products.get(idOf(sku))?.stock ?? undefined,
    drift: (sku, by) => void shop.setStock(idOf(sku), (shop.products.get(idOf(sku))!.stock ?? 0) + by),
    setFaults: simulator.setFaults,
    calls: () => simulator.log.calls,
    refuse(sku) {
      simulator.setFaults({ refusedSkus: [String(idOf(sku))] });
      return /woocommerce_rest_cannot_edit/;
    },
    inbound: {
      inbound: wooCommerceVendor.inbound!(vendorChannel),
      channel: CHANNEL,
      signsTime: false,
      order: (lines) => orderOf(lines.map(({ sku, quantity }) => ({ product: idOf(sku), quantity }))),
      orderUnmapped: () => orderOf([{ product: shop.addProduct(5).id, quantity: 1 }]),
      ship: (order) => void shop.setStatus(Number(order), 'completed'),
      cancel: (order) => void shop.setStatus(Number(order), 'cancelled'),
      deliver(order, { body, otherSecret = false } = {}) {
        const secret = otherSecret ? { secret: 'the-webhook-secret-of-another-shop' } : {};
        const delivery = simulator.deliveryOf(Number(order), { ...(body === undefined ? {} : { body }), ...secret });
        return {
          rawBody: new TextEncoder().encode(delivery.body),
          headers: new Headers(delivery.headers),
          url: 'https://evenstock.example/v1/hooks/woo-shop',
        };
      },
    },
    close: served.close,
  };
}

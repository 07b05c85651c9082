// The adapter takes the contract of channel adapters whole against a real Vendure too. Faults are put in between: what is let
// through is answered by Vendure itself.
import { afterAll, beforeAll, describe, it } from 'vitest';
import { signedNotice } from '../../../../adapters/channels/vendure/simulator/webhooks.ts';
import type { ChannelRig } from '../../../contracts/channel-adapter/rig.ts';
import { channelAdapterContract } from '../../../contracts/channel-adapter.contract.ts';
import { CHANNEL, vendureAdapter, WEBHOOK_SECRET } from '../../../support/vendure/adapter.ts';
import { buy } from '../../../support/vendure/buyer.ts';
import { type Clerk, clerkAt } from '../../../support/vendure/clerk.ts';
import { startMisbehavingVendure } from '../../../support/vendure/misbehaving-vendure.ts';
import {
  HOW_TO_INSTALL_VENDURE,
  startVendure,
  VENDURE_PASSWORD,
  type Vendure,
  vendureIsThere,
} from '../../../support/vendure/vendure.ts';

/** Variants that the checks take theirs from. */
const POOL = 1_500;
const TIMEOUT_MS = 2_000;
const OTHER_SECRET = 'a secret of another shop';

let shop: Vendure;
let clerk: Clerk;
let taken = 0;

async function start(): Promise<ChannelRig> {
  const proxy = await startMisbehavingVendure(shop.url);
  const mine = new Map<string, string>();
  const skus = new Map<string, string>();
  const take = () => {
    taken += 1;
    return [`SKU-${taken}`, shop.variants[`SKU-${taken}`]!] as const;
  };
  const setOnHand = async (ids: readonly string[], units: number) => {
    const query = 'mutation ($input: [UpdateProductVariantInput!]!) { updateProductVariants(input: $input) { id } }';
    await clerk.ask(query, { input: ids.map((id) => ({ id, stockOnHand: units })) });
    for (const id of ids) proxy.sellable.set(id, units);
  };
  const ids = new Map<string, string>();
  const bought = async (units: Readonly<Record<string, number>>) => {
    const id = await buy(shop.url, units);
    const query = 'query ($id: ID!) { order(id: $id) { code } }';
    const { code } = (await clerk.ask<{ order: { code: string } }>(query, { id })).order;
    ids.set(code, id);
    return code;
  };
  const ordered = new Map<string, Readonly<Record<string, number>>>();
  const { connector, inbound } = vendureAdapter({
    url: proxy.url,
    timeoutMs: TIMEOUT_MS,
    // Orders of earlier checks name variants that nobody mapped here.
    settings: { ordersSince: new Date(Math.floor(Date.now() / 1_000) * 1_000).toISOString() },
    identifiers: {
      ofSku: (sku) => (mine.has(sku) ? { id: mine.get(sku)! } : undefined),
      skuOf: (id) => skus.get(id),
      ofLocation: () => undefined,
      locationOf: () => undefined,
    },
  });
  return {
    connector,
    timeoutMs: TIMEOUT_MS,
    get secrets() {
      return [VENDURE_PASSWORD, WEBHOOK_SECRET, ...proxy.sessions];
    },
    unmapped: 'NOBODY',
    listingsOfTwoPages: 50,
    async seed(count, units) {
      const fresh = Array.from({ length: count }, take);
      for (const [sku, id] of fresh) {
        mine.set(sku, id);
        skus.set(id, sku);
      }
      await setOnHand(
        fresh.map(([, id]) => id),
        units,
      );
      return fresh.map(([sku]) => sku);
    },
    shown: (sku) => proxy.sellable.get(mine.get(sku) ?? ''),
    async drift(sku, by) {
      const id = mine.get(sku)!;
      await setOnHand([id], (await clerk.level(id)).stockOnHand + by);
    },
    setFaults: proxy.misbehaving.setFaults,
    calls: () => proxy.misbehaving.log.calls,
    refuse(sku) {
      proxy.misbehaving.setFaults({ refusedSkus: [mine.get(sku)!] });
      return /USER_INPUT_ERROR/;
    },
    inbound: {
      inbound,
      channel: CHANNEL,
      signsTime: true,
      async order(lines) {
        const units = Object.fromEntries(lines.map(({ sku, quantity }) => [mine.get(sku)!, quantity]));
        const code = await bought(units);
        ordered.set(code, units);
        return code;
      },
      async orderUnmapped() {
        const [, id] = take();
        await setOnHand([id], 5);
        return bought({ [id]: 1 });
      },
      ship: async (code) => void (await clerk.ship(ids.get(code)!, ordered.get(code)!)),
      cancel: (code) => clerk.cancel(ids.get(code)!),
      deliver(code, { atMs = Date.now(), otherSecret = false, body } = {}) {
        const signed = signedNotice(ids.get(code)!, otherSecret ? OTHER_SECRET : WEBHOOK_SECRET, atMs, body);
        const rawBody = new TextEncoder().encode(signed.body);
        return { rawBody, headers: new Headers(signed.headers), url: 'https://evenstock.example/v1/hooks/shop' };
      },
    },
    close: proxy.close,
  };
}

describe('against a real Vendure', () => {
  if (!vendureIsThere) return it.skip(HOW_TO_INSTALL_VENDURE, () => undefined);
  beforeAll(async () => {
    shop = await startVendure({ variants: Array.from({ length: POOL }, (_, n) => ({ sku: `SKU-${n + 1}` })) });
    clerk = await clerkAt(shop.url);
  }, 120_000);
  afterAll(() => shop?.close());
  channelAdapterContract('a real Vendure', start);
});

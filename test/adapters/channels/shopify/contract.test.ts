// Shopify takes the contract of channel adapters whole, against its simulator, behind the real schema of the Admin API where
// that was fetched: then every query of ours and every answer of the simulator is judged by it too.
import { afterAll, expect, it } from 'vitest';
import type { ChannelRig } from '../../../contracts/channel-adapter/rig.ts';
import { channelAdapterContract } from '../../../contracts/channel-adapter.contract.ts';
import { realSchema, runBehind } from '../../../support/shopify/real-schema.ts';
import { CHANNEL, startShopifyRig, TOKEN, WEBHOOK_SECRET } from '../../../support/shopify/rig.ts';

const TIMEOUT_MS = 5_000;
const schema = realSchema();
const judged = schema && runBehind(schema);

async function start(): Promise<ChannelRig> {
  const rig = await startShopifyRig(judged === undefined ? {} : { run: judged.run }, TIMEOUT_MS);
  const { shop, misbehaving } = rig;
  const levelOf = (sku: string) => shop.itemOf(sku)!.levels.get(shop.location)!;
  return {
    connector: rig.connector,
    timeoutMs: TIMEOUT_MS,
    secrets: [TOKEN, WEBHOOK_SECRET],
    unmapped: 'NOT-MAPPED',
    listingsOfTwoPages: 150,
    seed: rig.seed,
    shown: shop.available,
    drift(sku, by) {
      levelOf(sku).available += by;
    },
    race(sku, units) {
      levelOf(sku).available = units;
    },
    setFaults: misbehaving.setFaults,
    calls: () => misbehaving.log.calls,
    refuse(sku) {
      misbehaving.setFaults({ refusedSkus: [sku] });
      return /INVALID_INVENTORY_ITEM/;
    },
    inbound: {
      inbound: rig.inbound,
      channel: CHANNEL,
      order: (lines) => shop.buy(lines.map(({ sku, quantity }) => ({ sku, units: quantity })))!.id,
      orderUnmapped() {
        shop.list('NOT-MAPPED', { units: 5 });
        return shop.buy([{ sku: 'NOT-MAPPED', units: 1 }])!.id;
      },
      ship: shop.fulfil,
      cancel: shop.cancel,
      deliver: (order, { otherSecret = false, body } = {}) =>
        rig.deliver(order, { body, ...(otherSecret && { secret: 'shpss_of_another_app_0123456789' }) }),
    },
    close: rig.close,
  };
}

channelAdapterContract('shopify', start);

// Seen failing with one field of a query misspelt: the simulator's own GraphQL answers null for it and says nothing.
it.skipIf(schema === undefined)('sends only what the real schema knows, and is answered only by its types', () => {
  expect(judged!.objections).toEqual([]);
});
afterAll(() => {
  if (judged !== undefined) console.log(`judged by the real schema: ${[...judged.passed].sort().join(', ')}`);
});

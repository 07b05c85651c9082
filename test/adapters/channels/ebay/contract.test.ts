// The eBay adapter takes the contract of channel adapters whole, against its simulator.

import { startEbay } from '../../../../adapters/channels/ebay/simulator/server.ts';
import { ebayVendor } from '../../../../adapters/channels/ebay/vendor.ts';
import type { ChannelRig } from '../../../contracts/channel-adapter/rig.ts';
import { channelAdapterContract } from '../../../contracts/channel-adapter.contract.ts';
import { CREDENTIALS, channelAt } from '../../../support/ebay/world.ts';

const TIMEOUT_MS = 5_000;

async function start(): Promise<ChannelRig> {
  const ebay = await startEbay({ credentials: CREDENTIALS });
  const channel = channelAt(ebay.url, { timeoutMs: TIMEOUT_MS });
  let seeded = 0;
  return {
    connector: ebayVendor.connect(channel),
    timeoutMs: TIMEOUT_MS,
    secrets: Object.values(CREDENTIALS),
    unmapped: undefined,
    listingsOfTwoPages: 120,
    seed: (count, units) =>
      Array.from({ length: count }, () => {
        seeded += 1;
        const item = ebay.items.list(`SKU-${seeded}`, Date.now());
        item.quantity = units;
        return item.sku;
      }),
    shown: (sku) => ebay.items.shown(sku),
    drift: (sku, by) => ebay.items.drift(sku, by, Date.now()),
    setFaults: ebay.misbehaving.setFaults,
    calls: () => ebay.misbehaving.log.calls,
    refuse(sku) {
      ebay.misbehaving.setFaults({ refusedSkus: [sku] });
      return /25702/;
    },
    inbound: {
      inbound: ebayVendor.inbound!(channel),
      channel: channel.channel,
      order: (lines) => ebay.orders.buy(lines)!.orderId,
      ship: (order) => void ebay.orders.ship(order),
      cancel: (order) => void ebay.orders.cancel(order),
    },
    close: ebay.close,
  };
}

channelAdapterContract('ebay', start);

// The adapter of WooCommerce: stock by batches, statement by pages, orders by webhook and poll.
// docs/how-to/write-an-adapter.md tells how it was written; docs/woocommerce.md how to use it.
import { z } from 'zod';
import { SECOND } from '../../../domain/time.ts';
import type { Connector, Declaration } from '../channel.ts';
import { createVendor, type VendorSpecificChannel } from '../vendor.ts';
import { createWooApi } from './api.ts';
import { createWooPoll } from './poll.ts';
import { readWooStatement } from './statement.ts';
import { BATCH_MAX, createStockBatch, togetherIn } from './stock-batch.ts';
import { createWooWebhook } from './webhook.ts';

const Settings = z.strictObject({
  /** Orders changed since then are asked for when the channel is polled for the first time; default: from then on. */
  ordersSince: z.iso.datetime({ offset: true }).transform(Date.parse).optional(),
  pollEverySeconds: z.int().min(10).max(86_400).default(60),
});

/** A shop states no rate of its own: its host does. The policy's holds. */
const DECLARES: Declaration = {
  batchSizeMax: BATCH_MAX,
  concurrency: 2,
  semantics: 'set',
  ordering: 'arrival',
  idempotent: false,
  acknowledgement: 'applied',
  isolation: 'per-update',
};

function connect(channel: VendorSpecificChannel): Connector {
  const api = createWooApi(channel);
  return {
    declares: { ...DECLARES, together: togetherIn(channel.identifiers) },
    publish: createStockBatch(api, channel),
    readStatement: readWooStatement(api, channel.identifiers, channel.clock),
  };
}

export const wooCommerceVendor = createVendor({
  type: 'woocommerce',
  settings: Settings,
  identifiers: 'mapped',
  connect,
  inbound(channel, { ordersSince, pollEverySeconds }) {
    const api = createWooApi(channel);
    return {
      webhook: createWooWebhook(api, channel),
      poll: createWooPoll(api, channel, { everyMs: pollEverySeconds * SECOND, since: ordersSince }),
    };
  },
});

// The eBay adapter: Inventory API for what is shown, Fulfillment API for what was ordered, one seller's account a channel.
// docs/channels/ebay.md says how to set it up.
import { z } from 'zod';
import { InstantText } from '../../../domain/stock/commands.ts';
import { createVendor, type VendorSpecificChannel } from '../vendor.ts';
import { createEbayApi, type EbayApi } from './api.ts';
import { createEbayConnector, REVISIONS_DAILY_MAX } from './connector.ts';
import { pollOrders } from './poll-orders.ts';
import { createTokens } from './tokens.ts';

const Settings = z.strictObject({
  tokenUrl: z
    .url({ protocol: /^https?$/ })
    .optional()
    .meta({ description: 'Token endpoint; default /identity/v1/oauth2/token at the address of the API' }),
  scopes: z
    .array(z.url().max(200))
    .max(20)
    .default([])
    .meta({ description: 'Asked for with each token; default: all that the seller consented to' }),
  revisionsDailyMax: z
    .int()
    .min(1)
    .max(REVISIONS_DAILY_MAX)
    .default(REVISIONS_DAILY_MAX)
    .meta({ description: 'Of one SKU; less for listings with variations, which share the 250' }),
  ordersSince: InstantText.optional().meta({
    description: 'Orders changed before that are not read by the first poll; default: an hour before it',
  }),
  ordersEverySeconds: z.int().min(10).max(3_600).default(60),
});
type Settings = z.output<typeof Settings>;

const TOKEN_PATH = '/identity/v1/oauth2/token';

function apiOf({ connector, secret, conceal, clock }: VendorSpecificChannel, { tokenUrl, scopes }: Settings): EbayApi {
  const { url, timeoutMs } = connector;
  // What is missing is told when the channel is opened, not at its first call.
  for (const name of ['CLIENT_ID', 'CLIENT_SECRET', 'REFRESH_TOKEN']) secret(name);
  const tokens = createTokens({
    url: tokenUrl ?? new URL(TOKEN_PATH, url).href,
    scopes,
    secret,
    conceal,
    timeoutMs,
    clock,
  });
  return createEbayApi({ url, tokens, timeoutMs, clock });
}

export const ebayVendor = createVendor({
  type: 'ebay',
  settings: Settings,
  identifiers: 'same',
  connect: (channel, settings) =>
    createEbayConnector({
      api: apiOf(channel, settings),
      identifiers: channel.identifiers,
      clock: channel.clock,
      revisionsDailyMax: settings.revisionsDailyMax,
    }),
  inbound: (given, settings) => {
    const { channel, identifiers, clock } = given;
    const { ordersSince, ordersEverySeconds } = settings;
    const api = apiOf(given, settings);
    return { poll: pollOrders({ api, channel, identifiers, clock, ordersSince, everyMs: ordersEverySeconds * 1_000 }) };
  },
});

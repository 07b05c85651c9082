// Shopify as an adapter: `connector.url` is the shop (https://<shop>.myshopify.com), `secretEnv` the app's Admin API access
// token, `<secretEnv>_WEBHOOK` the app's client secret that signs webhooks. Ids of the shop are its own, so SKUs are mapped to
// inventory items. docs/channels/shopify.md.
import { z } from 'zod';
import { SECOND } from '../../../domain/time.ts';
import { concealWebhookSecrets, webhookSecrets } from '../../inbound/webhook-secrets.ts';
import { createVendor, type VendorChannel } from '../vendor.ts';
import { createAdminApi } from './admin-api.ts';
import { createShopifyConnector } from './connector.ts';
import { numberOf } from './gid.ts';
import { createPoll } from './poll.ts';
import { createVariants } from './variants.ts';
import { createWebhook } from './webhook.ts';

const Settings = z.strictObject({
  location: z
    .string()
    .regex(/^(gid:\/\/shopify\/Location\/)?\d{1,20}$/, 'must be the id of a location of the shop, such as 655441491')
    .meta({ description: 'The location that shows what the channel may sell' }),
  reason: z
    .string()
    .regex(/^[a-z_]{1,64}$/)
    .default('correction')
    .meta({ description: "Of the shop's list of reasons for a change" }),
  webhooks: z
    .boolean()
    .default(true)
    .meta({ description: 'false: orders are only polled, and no client secret is needed' }),
  pollEverySeconds: z.int().min(10).max(86_400).default(60),
  ordersSince: z.iso
    .datetime({ offset: true })
    .transform(Date.parse)
    .optional()
    .meta({ description: 'Orders changed since then are read by the first poll ever; default: from then on' }),
});

export const shopifyVendor = createVendor({
  type: 'shopify',
  settings: Settings,
  identifiers: 'mapped',
  connect: (channel, { location, reason, webhooks }) => {
    const { identifiers, clock } = channel;
    if (webhooks) concealWebhookSecrets(channel, 'WEBHOOK');
    return createShopifyConnector({ api: apiOf(channel), identifiers, location, reason, clock });
  },
  inbound: (channel, { location, webhooks, pollEverySeconds, ordersSince }) => {
    const { identifiers, clock } = channel;
    const api = apiOf(channel);
    const names = { channel: channel.channel, identifiers, location: numberOf(location) };
    const room = { api, variants: createVariants(api, identifiers), names };
    const poll = createPoll(room, { clock, everyMs: pollEverySeconds * SECOND, since: ordersSince });
    if (!webhooks) return { poll };
    const secrets = () => webhookSecrets(channel, 'WEBHOOK');
    // Fails now if there is none; they are read again for each delivery.
    secrets();
    return { poll, webhook: createWebhook(room, secrets) };
  },
});

/** Fails now if there is no token; it is read again for each call, so it can be replaced. */
function apiOf({ connector, secret, clock }: VendorChannel) {
  secret();
  return createAdminApi({ url: connector.url, token: () => secret(), clock });
}

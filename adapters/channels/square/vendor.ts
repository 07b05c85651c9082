// Square as an adapter: `connector.url` is https://connect.squareup.com, `secretEnv` the access token, `<secretEnv>_WEBHOOK`
// the signature key of the webhook subscription. SKUs are mapped to item variations, our location to Square's.
// docs/channels/square.md.
import { z } from 'zod';
import { SECOND } from '../../../domain/time.ts';
import { concealWebhookSecrets, webhookSecrets } from '../../inbound/webhook-secrets.ts';
import { createVendor, type VendorChannel } from '../vendor.ts';
import { createSquareConnector } from './connector.ts';
import { createPoll } from './poll.ts';
import { createSquareApi, loadSdk } from './square-api.ts';
import { createWebhook } from './webhook.ts';

const Settings = z.strictObject({
  location: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,100}$/, "must be the id of a location of Square's, such as L88917AVBK2S5")
    .meta({ description: 'The location that this channel is' }),
  returned: z
    .enum(['restock', 'quarantine'])
    .default('quarantine')
    .meta({ description: 'What becomes of what customers bring back: on the shelf again, or to be looked at' }),
  notificationUrl: z
    .url({ protocol: /^https?$/ })
    .optional()
    .meta({
      description: 'The address of the webhook subscription as Square has it, which it signs; default: as it is called',
    }),
  webhooks: z
    .boolean()
    .default(true)
    .meta({ description: 'false: orders are only polled, and no signature key is needed' }),
  pollEverySeconds: z.int().min(10).max(86_400).default(60),
  ordersSince: z.iso
    .datetime({ offset: true })
    .transform(Date.parse)
    .optional()
    .meta({ description: 'Orders changed since then are read by the first poll ever; default: from then on' }),
});

export const squareVendor = createVendor({
  type: 'square',
  settings: Settings,
  identifiers: 'mapped',
  connect: (channel, { location, webhooks }) => {
    const { identifiers, clock } = channel;
    if (webhooks) concealWebhookSecrets(channel, 'WEBHOOK');
    return createSquareConnector({ api: apiOf(channel), identifiers, location, clock });
  },
  inbound: (channel, { location, returned, notificationUrl, webhooks, pollEverySeconds, ordersSince }) => {
    const { identifiers, clock } = channel;
    const room = { api: apiOf(channel), names: { channel: channel.channel, identifiers, location, returned } };
    const poll = createPoll(room, { clock, everyMs: pollEverySeconds * SECOND, since: ordersSince });
    if (!webhooks) return { poll };
    const keys = () => webhookSecrets(channel, 'WEBHOOK');
    // Fails now if there is none; they are read again for each delivery.
    keys();
    return { poll, webhook: createWebhook(room, { keys, notificationUrl }) };
  },
});

/** Fails now if there is no token; it is read again for each call, so it can be replaced. */
function apiOf({ connector, secret, clock }: VendorChannel) {
  secret();
  // So that the first call need not wait; what goes wrong is told by that call.
  loadSdk().catch(() => {});
  return createSquareApi({ url: connector.url, token: () => secret(), clock });
}

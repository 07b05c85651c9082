// Amazon: quantities of a seller's own stock in one marketplace, told by the Selling Partner API, and the orders that
// Amazon takes for it. docs/channels/amazon.md says what is done and what is not.
import type { Inbound } from '../../inbound/inbound.ts';
import { webhookSecrets } from '../../inbound/webhook-secrets.ts';
import { createVendor, type VendorSpecificChannel } from '../vendor.ts';
import { createExternalFulfillmentConnector } from './external-fulfillment.ts';
import { createListingsConnector } from './listings.ts';
import { orderNotifications } from './order-notification.ts';
import { pollOrders } from './order-poll.ts';
import { callSellingPartner } from './selling-partner-api.ts';
import { AmazonSettings } from './settings.ts';
import { createTokens } from './token.ts';

export const amazonVendor = createVendor({
  type: 'amazon',
  settings: AmazonSettings,
  identifiers: 'same',
  connect(channel, settings) {
    const { identifiers, clock } = channel;
    const room = { call: callOf(channel, settings), settings, identifiers };
    return settings.api === 'listings'
      ? createListingsConnector(room, clock)
      : createExternalFulfillmentConnector(room);
  },
  inbound(channel, settings): Inbound {
    if (settings.orders === 'none') return {};
    const { clock, identifiers } = channel;
    const room = { channel: channel.channel, settings, identifiers, clock, call: callOf(channel, settings) };
    const poll = pollOrders(room);
    if (settings.orders === 'poll') return { poll };
    const secrets = () => webhookSecrets(channel, 'WEBHOOK');
    secrets();
    return { poll, webhook: orderNotifications({ ...room, secrets }) };
  },
});

function callOf({ connector, secret, clock, conceal }: VendorSpecificChannel, { tokenUrl }: AmazonSettings) {
  const { url, timeoutMs } = connector;
  const secrets = {
    clientId: () => secret('CLIENT_ID'),
    clientSecret: () => secret('CLIENT_SECRET'),
    refreshToken: () => secret('REFRESH_TOKEN'),
  };
  // A secret that is missing is told when the channel is made, not at its first call.
  for (const read of Object.values(secrets)) read();
  const tokens = createTokens({ url: tokenUrl, secrets, clock, timeoutMs, conceal });
  return callSellingPartner({ url, clock, timeoutMs, tokens });
}

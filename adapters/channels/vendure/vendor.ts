// Vendure 3.7, the web shop (docs/channels/vendure.md).
import { webhookSecrets } from '../../inbound/webhook-secrets.ts';
import { createVendor, type VendorSpecificChannel } from '../vendor.ts';
import { createAdminApi } from './admin-api.ts';
import { createVendureConnector } from './connector.ts';
import { createPoll } from './poll.ts';
import { createSession } from './session.ts';
import { VendureSettings } from './settings.ts';
import { createWebhook } from './webhook.ts';

export const vendureVendor = createVendor({
  type: 'vendure',
  settings: VendureSettings,
  identifiers: 'mapped',
  connect(given, settings) {
    const { identifiers, clock, connector } = given;
    return createVendureConnector({
      ...{ identifiers, clock, timeoutMs: connector.timeoutMs },
      api: apiOf(given, settings),
      location: settings.stockLocation,
    });
  },
  inbound(given, settings) {
    const { channel, identifiers } = given;
    const options = { channel, identifiers, ordersSince: settings.ordersSince, api: apiOf(given, settings) };
    if (!settings.webhook) return { poll: createPoll(options) };
    const secrets = () => webhookSecrets(given, 'WEBHOOK');
    // A secret that is missing is told at the start, not at the first delivery.
    secrets();
    return { poll: createPoll(options), webhook: createWebhook({ ...options, secrets }) };
  },
});

function apiOf(given: VendorSpecificChannel, { username, channelToken }: VendureSettings) {
  const { connector, secret, conceal, clock } = given;
  const { url, timeoutMs } = connector;
  secret();
  const session = createSession({ url, username, timeoutMs, clock, conceal, secret: () => secret() });
  return createAdminApi({ url, channelToken, session, clock });
}

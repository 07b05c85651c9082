// A Square channel for tests: the simulator served on loopback, the adapter's connector and inbound side over it through
// Square's own SDK, and the mapping between our SKUs and item variations.
import type { Identifiers } from '../../../adapters/channels/identifiers.ts';
import { serveSimulator } from '../../../adapters/channels/simulator/serve.ts';
import { type EventOptions, eventOf } from '../../../adapters/channels/square/simulator/answers.ts';
import { createSquare, type SquareSimulatorOptions } from '../../../adapters/channels/square/simulator/app.ts';
import { loadSdk } from '../../../adapters/channels/square/square-api.ts';
import { squareVendor } from '../../../adapters/channels/square/vendor.ts';
import type { WebhookRequest } from '../../../adapters/inbound/inbound.ts';
import { systemClock } from '../../../adapters/platform.ts';
import { MissingSecret } from '../../../adapters/secrets.ts';

export const TOKEN = 'EAAAl0123456789abcdefghijklmnopqrstuvwxyz';
export const SIGNATURE_KEY = 'aSignatureKeyOfTheSubscription';
export const CHANNEL = 'store-12';
export const LOCATION = 'store-012';
export const NOTIFICATION_URL = 'https://evenstock.example/v1/hooks/store-12';

export async function startSquareRig(
  options: Partial<SquareSimulatorOptions> = {},
  timeoutMs = 300,
  settings: object = {},
) {
  // Else the first call of a test would wait for it.
  await loadSdk();
  const simulator = createSquare({ token: TOKEN, ...options });
  const { pos } = simulator;
  const served = await serveSimulator(simulator.app);
  const skus = new Map<string, string>();
  const variations = new Map<string, string>();
  const identifiers: Identifiers = {
    ofSku(sku) {
      const id = variations.get(sku);
      return id === undefined ? undefined : { id };
    },
    skuOf: (id) => skus.get(id),
    ofLocation: () => undefined,
    locationOf: (id) => (id === pos.location ? LOCATION : undefined),
  };
  const given = {
    channel: CHANNEL,
    connector: {
      ...{ type: 'square', url: served.url, secretEnv: 'SQUARE', timeoutMs },
      settings: { location: pos.location, ...settings },
    },
    secret: (suffix?: string) => {
      if (suffix === undefined) return TOKEN;
      if (suffix === 'WEBHOOK') return SIGNATURE_KEY;
      throw new MissingSecret(`there is no ${suffix}`);
    },
    identifiers,
    clock: systemClock,
  };
  let events = 0;
  return {
    ...simulator,
    given,
    connector: squareVendor.connect(given),
    inbound: squareVendor.inbound!(given),
    variationOf: (sku: string) => variations.get(sku)!,
    skuOf: (variation: string) => skus.get(variation),
    /** Lists variations and maps them. */
    seed: (count: number, units: number) =>
      Array.from({ length: count }, () => {
        const variation = pos.list(units);
        const sku = `MUG-${variation.slice(-6)}`;
        skus.set(variation, sku);
        variations.set(sku, variation);
        return sku;
      }),
    deliver(
      order: string,
      how: Partial<Pick<EventOptions, 'type' | 'key' | 'body' | 'at' | 'url'>> = {},
    ): WebhookRequest {
      events += 1;
      const { type = 'order.updated', key = SIGNATURE_KEY, url = NOTIFICATION_URL, body, at } = how;
      const event = eventOf({ order: pos.orders.get(order)!, type, key, url, body, at, eventId: `event-${events}` });
      return {
        rawBody: new TextEncoder().encode(event.body),
        headers: new Headers(event.headers),
        url: NOTIFICATION_URL,
      };
    },
    close: served.close,
  };
}

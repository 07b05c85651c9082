// Tells Evenstock that an order or a stock figure has changed: a signed POST that names the order, never what it says.
// docs/channels/vendure.md describes the message, so that a shop can write its own. At most once: it tries three times
// and then leaves it to the poll.
import { createHmac, randomUUID } from 'node:crypto';
import { EventBus, HistoryEntryEvent, PluginCommonModule, StockMovementEvent, VendurePlugin } from '@vendure/core';

const TRIES = 3;
const TIMEOUT_MS = 5_000;

export function webhooksPlugin() {
  let target;
  class EvenstockWebhooks {
    constructor(eventBus) {
      this.eventBus = eventBus;
    }
    onApplicationBootstrap() {
      // Every change of an order leaves an entry in its history; the bus waits for the transaction that made it.
      this.eventBus.ofType(HistoryEntryEvent).subscribe(({ historyType, entity, type }) => {
        if (historyType !== 'order' || type !== 'created') return;
        void post(target, { event: 'order', what: entity.type, orderIds: [String(entity.order?.id ?? entity.orderId)] });
      });
      this.eventBus.ofType(StockMovementEvent).subscribe(({ stockMovements }) => {
        const movements = stockMovements.map(({ type, quantity, productVariant }) => {
          return { type, quantity, variantId: String(productVariant?.id) };
        });
        void post(target, { event: 'stock', movements, orderIds: [] });
      });
    }
  }
  Reflect.defineMetadata('design:paramtypes', [EventBus], EvenstockWebhooks);
  VendurePlugin({ imports: [PluginCommonModule] })(EvenstockWebhooks);
  return {
    plugin: EvenstockWebhooks,
    /** `{url, secret}`; `secret` may be several, separated by a comma: each signs. Undefined: nothing is sent. */
    sendTo(next) {
      target = next;
    },
  };
}

async function post(target, message) {
  if (target === undefined) return;
  const body = JSON.stringify({ id: randomUUID(), at: new Date().toISOString(), ...message });
  for (let n = 1; n <= TRIES; n++) {
    const timestamp = String(Math.floor(Date.now() / 1_000));
    const signatures = target.secret
      .split(',')
      .map((secret) => `v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`);
    const headers = {
      'content-type': 'application/json',
      'evenstock-timestamp': timestamp,
      'evenstock-signature': signatures.join(','),
    };
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const { ok } = await fetch(target.url, { method: 'POST', headers, body, signal });
      if (ok) return;
    } catch {
      // Tried again.
    }
    await new Promise((resolve) => setTimeout(resolve, 200 * n * n));
  }
}

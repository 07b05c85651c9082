// People trading against the demo retailer, over HTTP like everybody else: tills, web shop buyers, marketplace
// orders, deliveries, returns and counts.
import { setTimeout as delay } from 'node:timers/promises';
import { MARKETPLACE, SKUS, STORES, WAREHOUSE, WEBSHOP } from './retailer.ts';
import type { Sender } from './sender.ts';

export interface TradingOptions {
  readonly sender: Sender;
  readonly marketplaceUrl: string;
  /** Commands a second, about. */
  readonly rate: number;
  readonly random: () => number;
}

export interface Trading {
  /** First deliveries, so that there is something to sell. */
  stockUp(): Promise<void>;
  start(): void;
  stop(): Promise<void>;
}

const TICK_MS = 50;
const HOLD_MS = 15 * 60_000;
const THINKING_MS = 1_000;
const FIRST_UNITS = { warehouse: 20, store: 5 };

export function createTrading(options: TradingOptions): Trading {
  const { sender, rate } = options;
  const marketplace = createMarketplaceBuyers(options);
  let timer: NodeJS.Timeout | undefined;
  return {
    async stockUp() {
      for (const sku of SKUS) {
        const deliveries = [WAREHOUSE, ...STORES].map((location) => {
          const quantity = location === WAREHOUSE ? FIRST_UNITS.warehouse : FIRST_UNITS.store;
          return sender.send({ type: 'receipt', sku, location, quantity });
        });
        await Promise.all(deliveries);
      }
    },
    start() {
      let owed = 0;
      timer = setInterval(() => {
        owed += (rate * TICK_MS) / 1_000;
        for (; owed >= 1; owed--) void sender.track(trade(options));
        void sender.track(marketplace.trade().catch(() => {}));
      }, TICK_MS);
    },
    async stop() {
      clearInterval(timer);
      await sender.idle();
    },
  };
}

/** Some SKUs sell far better than others. */
function popular(random: () => number): string {
  return SKUS[Math.floor(SKUS.length * random() ** 3)]!;
}

async function trade({ sender, random }: TradingOptions): Promise<unknown> {
  const pick = (of: readonly string[]) => of[Math.floor(random() * of.length)]!;
  const chance = random();
  const sku = popular(random);
  const store = pick(STORES);
  if (chance < 0.4) return sender.send({ type: 'sale', sku, location: store, quantity: 1, source: { id: 'tills' } });
  if (chance < 0.6) return webOrder(sender, sku, random() < 0.8);
  if (chance < 0.68) return sender.send({ type: 'return', sku, location: store, quantity: 1, disposition: 'restock' });
  if (chance < 0.97) {
    return sender.send({ type: 'receipt', sku, location: pick([WAREHOUSE, WAREHOUSE, ...STORES]), quantity: 2 });
  }
  return sender.send({ type: 'count', sku, location: store, counted: Math.floor(random() * 20) });
}

/** A buyer holds a unit, thinks for a second, and pays or leaves. */
async function webOrder(sender: Sender, sku: string, pays: boolean): Promise<void> {
  const reservationId = sender.nextId('order');
  const at = { sku, location: WAREHOUSE, reservationId };
  const expiresAt = new Date(Date.now() + HOLD_MS).toISOString();
  const hold = { ...at, quantity: 1, owner: reservationId, channel: WEBSHOP, expiresAt };
  if (!(await sender.send({ type: 'reservation.make', ...hold }))) return;
  await delay(THINKING_MS);
  if (pays) await sender.send({ type: 'fulfilment', ...at, quantity: 1 });
  else await sender.send({ type: 'reservation.release', ...at });
}

/** Buyers on the marketplace see what it shows; it tells us of their orders afterwards. */
function createMarketplaceBuyers({ sender, marketplaceUrl, random }: TradingOptions) {
  let ordersSeen = 0;
  return {
    async trade(): Promise<void> {
      const order = JSON.stringify({ sku: popular(random), units: 1 });
      await fetch(`${marketplaceUrl}/orders`, { method: 'POST', body: order });
      const response = await fetch(`${marketplaceUrl}/orders?after=${ordersSeen}`);
      const { orders } = (await response.json()) as { orders: { number: number; sku: string; units: number }[] };
      for (const { number, sku, units } of orders) {
        ordersSeen = Math.max(ordersSeen, number);
        sender.tally.marketplaceOrders += 1;
        const sale = { type: 'sale', sku, location: WAREHOUSE, quantity: units, channel: MARKETPLACE } as const;
        void sender.send(sale, sender.nextId(`marketplace-${number}`));
      }
    },
  };
}

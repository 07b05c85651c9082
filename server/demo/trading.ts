// People trading against the demo retailer, over HTTP like everybody else: tills, web shop buyers, marketplace
// orders, deliveries, returns and counts. One in twenty commands is sent twice, as real systems do.
import { setTimeout as delay } from 'node:timers/promises';
import type { StockCommandJson } from '../../domain/stock/commands.ts';
import type { Journal } from './journal.ts';
import { MARKETPLACE, SKUS, STORES, WAREHOUSE, WEBSHOP } from './retailer.ts';

export interface TradingOptions {
  readonly url: string;
  readonly key: string;
  readonly marketplaceUrl: string;
  /** Commands a second, about. */
  readonly rate: number;
  readonly random: () => number;
  readonly journal: Journal;
}

export interface Tally {
  sent: number;
  accepted: number;
  duplicates: number;
  /** Requests refused, such as a reservation of the last unit that somebody else got. */
  refused: number;
  failed: number;
  marketplaceOrders: number;
}

export interface Trading {
  readonly tally: Tally;
  /** First deliveries, so that there is something to sell. */
  stockUp(): Promise<void>;
  start(): void;
  stop(): Promise<void>;
}

const TICK_MS = 50;
const HOLD_MS = 15 * 60_000;
const THINKING_MS = 1_000;
const DUPLICATE_SHARE = 0.05;
const REQUEST_MS_MAX = 5_000;

type CommandFields = StockCommandJson extends infer C
  ? C extends unknown
    ? Omit<C, 'id' | 'occurredAt'>
    : never
  : never;

export function createTrading(options: TradingOptions): Trading {
  const tally: Tally = { sent: 0, accepted: 0, duplicates: 0, refused: 0, failed: 0, marketplaceOrders: 0 };
  const run = Date.now().toString(36);
  const inFlight = new Set<Promise<unknown>>();
  let number = 0;
  let ordersSeen = 0;
  let timer: NodeJS.Timeout | undefined;

  /** True when it was accepted. */
  const post = async (body: unknown): Promise<boolean> => {
    tally.sent += 1;
    try {
      const response = await fetch(`${options.url}/v1/commands`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${options.key}` },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(REQUEST_MS_MAX),
      });
      const answer = (await response.json()) as { readonly duplicate?: boolean; readonly commandId: string };
      if (response.ok) {
        if (answer.duplicate) tally.duplicates += 1;
        else tally.accepted += 1;
        options.journal.acknowledged(answer.commandId);
        return true;
      }
      if (response.status === 409 || response.status === 422) tally.refused += 1;
      else tally.failed += 1;
    } catch {
      tally.failed += 1;
    }
    return false;
  };
  const track = <T>(work: Promise<T>): Promise<T> => {
    const tracked = work.finally(() => inFlight.delete(tracked));
    inFlight.add(tracked);
    return tracked;
  };
  const send = async (fields: CommandFields, id = `demo-${run}-${++number}`): Promise<boolean> => {
    const command = { ...fields, id, occurredAt: new Date().toISOString() };
    const times = options.random() < DUPLICATE_SHARE ? 2 : 1;
    const answers = await Promise.all(Array.from({ length: times }, () => track(post(command))));
    return answers.some(Boolean);
  };
  const pick = <T>(of: readonly T[]): T => of[Math.floor(options.random() * of.length)]!;
  /** Some SKUs sell far better than others. */
  const popular = () => SKUS[Math.floor(SKUS.length * options.random() ** 3)]!;

  const trade = () => {
    const chance = options.random();
    const sku = popular();
    if (chance < 0.4) void send({ type: 'sale', sku, location: pick(STORES), quantity: 1, source: { id: 'tills' } });
    else if (chance < 0.6) void track(webOrder(sku));
    else if (chance < 0.68)
      void send({ type: 'return', sku, location: pick(STORES), quantity: 1, disposition: 'restock' });
    else if (chance < 0.97)
      void send({ type: 'receipt', sku, location: pick([WAREHOUSE, WAREHOUSE, ...STORES]), quantity: 2 });
    else void send({ type: 'count', sku, location: pick(STORES), counted: Math.floor(options.random() * 20) });
  };
  /** A buyer holds a unit, thinks for a second, and pays or leaves. */
  const webOrder = async (sku: string) => {
    const reservationId = `order-${run}-${++number}`;
    const expiresAt = new Date(Date.now() + HOLD_MS).toISOString();
    const at = { sku, location: WAREHOUSE, reservationId };
    const held = await send({
      type: 'reservation.make',
      ...at,
      quantity: 1,
      owner: reservationId,
      channel: WEBSHOP,
      expiresAt,
    });
    if (!held) return;
    await delay(THINKING_MS);
    if (options.random() < 0.8) await send({ type: 'fulfilment', ...at, quantity: 1 });
    else await send({ type: 'reservation.release', ...at });
  };
  /** Buyers on the marketplace see what it shows; it tells us of their orders afterwards. */
  const marketplaceTrade = async () => {
    await fetch(`${options.marketplaceUrl}/orders`, {
      method: 'POST',
      body: JSON.stringify({ sku: popular(), units: 1 }),
    });
    const response = await fetch(`${options.marketplaceUrl}/orders?after=${ordersSeen}`);
    const { orders } = (await response.json()) as { orders: { number: number; sku: string; units: number }[] };
    for (const order of orders) {
      ordersSeen = Math.max(ordersSeen, order.number);
      tally.marketplaceOrders += 1;
      const id = `marketplace-${run}-${order.number}`;
      void send({ type: 'sale', sku: order.sku, location: WAREHOUSE, quantity: order.units, channel: MARKETPLACE }, id);
    }
  };

  return {
    tally,
    async stockUp() {
      for (const sku of SKUS) {
        for (const location of [WAREHOUSE, ...STORES]) {
          send(
            { type: 'receipt', sku, location, quantity: location === WAREHOUSE ? 20 : 5 },
            `demo-${run}-first-${sku}-${location}`,
          );
        }
        await Promise.all(inFlight);
      }
    },
    start() {
      let owed = 0;
      timer = setInterval(() => {
        owed += (options.rate * TICK_MS) / 1_000;
        for (; owed >= 1; owed--) trade();
        void track(marketplaceTrade().catch(() => {}));
      }, TICK_MS);
    },
    async stop() {
      clearInterval(timer);
      while (inFlight.size > 0) await Promise.all(inFlight);
    },
  };
}

// Who sells: tills that keep each line until it is acknowledged, buyers in the web shop, buyers at the marketplace whose orders
// a gateway hands on. All repeat what was not answered, with the same id, for as long as it takes; so whatever happens to
// Evenstock meanwhile, at the end everything that left a shelf must be in its books, once.
import type { World } from './world.ts';

export interface Sales {
  readonly tills: number;
  readonly web: number;
  readonly marketplace: number;
}

export interface Traffic {
  /** No new buyers; what is under way is brought to its end. */
  stop(): Promise<void>;
}

const TICK_MS = 25;
const AGAIN_MS = 60;
const LINES_MAX = 5_000;

export function startTraffic(world: World, { tills, web, marketplace }: Sales): Traffic {
  const open = new Set<Promise<unknown>>();
  const track = (work: Promise<unknown>) => {
    const tracked = work.finally(() => open.delete(tracked));
    open.add(tracked);
  };
  world.owe(() => open.size);
  const counters = createTills(world);
  const gateway = createGateway(world, track);
  let at = world.minute();
  const owed = { tills: 0, web: 0, marketplace: 0 };
  let orders = 0;
  const timer = setInterval(() => {
    const minutes = world.minute() - at;
    at += minutes;
    owed.tills += tills * minutes;
    owed.web += web * minutes;
    owed.marketplace += marketplace * minutes;
    for (; owed.tills >= 1; owed.tills -= 1) counters.sell();
    for (; owed.web >= 1; owed.web -= 1) {
      orders += 1;
      track(orderUntilSent(world, `web-${orders}`, 'webshop', popular(world)));
    }
    for (; owed.marketplace >= 1; owed.marketplace -= 1) track(gateway.buy(popular(world)));
    counters.send();
  }, TICK_MS);
  return {
    async stop() {
      clearInterval(timer);
      while (open.size > 0 || counters.waiting() > 0) {
        counters.send();
        await Promise.race([...open, world.rest(TICK_MS)]);
      }
    },
  };
}

/** Some sell far better than others. */
function popular({ skus, random }: World): string {
  return skus[Math.floor(skus.length * random() ** 2)]!;
}

interface Line {
  readonly counter: number;
  readonly type: 'sale';
  readonly sku: string;
  readonly quantity: number;
  readonly occurredAt: string;
}

function createTills(world: World) {
  const { stores, shelves } = world;
  const kept = new Map(stores.map((store) => [store, [] as Line[]]));
  const counters = new Map(stores.map((store) => [store, 0]));
  const sending = new Set<string>();
  const waiting = () => [...kept.values()].reduce((sum, lines) => sum + lines.length, 0);
  world.owe(waiting);

  const upload = async (store: string) => {
    const lines = kept.get(store)!.slice(0, LINES_MAX);
    // A till that was away for long sends in whatever order, and some twice.
    const sent = lines.length > 100 ? shuffled([...lines, ...lines.slice(0, lines.length / 20)], world.random) : lines;
    const answers = await postLines(`${world.url}/v1/tills/till-${store}/upload?location=${store}`, sent);
    const done = new Set(answers.flatMap(({ commandId, outcome }) => (outcome === 'accepted' ? [commandId] : [])));
    kept.set(
      store,
      kept.get(store)!.filter(({ counter }) => !done.has(`till:till-${store}:${counter}`)),
    );
  };
  return {
    waiting,
    /** Whoever stands in the store takes it along, whatever anybody knows. */
    sell() {
      const store = stores[Math.floor(world.random() * stores.length)]!;
      const sku = popular(world);
      const units = shelves.get(`${sku}~${store}`)!;
      if (units === 0) return;
      shelves.set(`${sku}~${store}`, units - 1);
      const counter = counters.get(store)! + 1;
      counters.set(store, counter);
      const occurredAt = new Date(world.now()).toISOString();
      kept.get(store)!.push({ counter, type: 'sale', sku, quantity: 1, occurredAt });
    },
    send() {
      for (const store of stores) {
        if (world.offline.has(store) || sending.has(store) || kept.get(store)!.length === 0) continue;
        sending.add(store);
        void upload(store)
          .catch(() => world.rest(AGAIN_MS))
          .finally(() => sending.delete(store));
      }
    },
  };
}

interface Verdict {
  readonly commandId?: string;
  readonly outcome?: string;
}

/** @throws when it is not answered whole */
async function postLines(url: string, lines: readonly object[]): Promise<readonly Verdict[]> {
  const body = lines.map((line) => JSON.stringify(line)).join('\n');
  const headers = { 'content-type': 'application/x-ndjson' };
  const response = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(20_000) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status}`);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Verdict);
}

interface Gateway {
  /** A buyer there, who sees what it shows. */
  buy(sku: string): Promise<void>;
}

/** Asks the marketplace for its orders and hands each on as a commitment. */
function createGateway(world: World, track: (work: Promise<unknown>) => void): Gateway {
  let seen = 0;
  return {
    async buy(sku) {
      const { marketplace } = world;
      // Buyers use its page, whatever ails its interface.
      if (marketplace.listings.order(sku, 1, world.now()) === undefined) return;
      for (const { number, sku: ordered } of marketplace.listings.orders(seen, 500)) {
        seen = Math.max(seen, number);
        track(orderUntilSent(world, `mkt-${number}`, 'marketplace', ordered));
      }
    },
  };
}

interface OrderAnswer {
  readonly order?: {
    readonly status: string;
    readonly reservations: readonly { readonly location: string; readonly state: string }[];
  };
}

/** Places an order, pays it, and sends what it got. A request that is refused ends there. */
async function orderUntilSent(world: World, orderId: string, channel: string, sku: string): Promise<void> {
  const kind = channel === 'marketplace' ? 'commitment' : 'request';
  const lines = [{ sku, quantity: 1 }];
  const placed = await insist(world, '/v1/orders', { id: `${orderId}:place`, orderId, channel, kind, lines });
  world.note(`${placed === undefined ? 'refused' : 'taken'}: ${channel}`);
  if (placed === undefined) return;
  const path = `/v1/orders/${orderId}/commands`;
  if (kind === 'request' && (await insist(world, path, { type: 'confirm', id: `${orderId}:confirm` })) === undefined)
    return world.note('expired: webshop');
  const order = await insistToRead(world, `/v1/orders/${orderId}`);
  const held = order.reservations.find(({ state }) => state === 'committed' || state === 'held');
  if (held === undefined) return world.note(`short: ${channel}`);
  const { location } = held;
  const key = `${sku}~${location}`;
  // The picker goes there; an empty shelf is what all this is to prevent.
  if (world.shelves.get(key)! < 1) {
    world.note(`empty shelf: ${channel}`);
    return void (await insist(world, path, { type: 'cancel', id: `${orderId}:cancel` }));
  }
  world.shelves.set(key, world.shelves.get(key)! - 1);
  const fulfil = { type: 'fulfil', id: `${orderId}:fulfil`, units: [{ sku, quantity: 1, location }] };
  if ((await insist(world, path, fulfil)) !== undefined) return;
  // The order has ended meanwhile: it is put back.
  world.note(`ended before it was sent: ${channel}`);
  world.shelves.set(key, world.shelves.get(key)! + 1);
}

/** The answer; undefined: it was refused. Everything else is asked again. */
async function insist(world: World, path: string, command: object): Promise<OrderAnswer | undefined> {
  const headers = { 'content-type': 'application/json' };
  for (;;) {
    try {
      const sent = { method: 'POST', headers, body: JSON.stringify(command), signal: AbortSignal.timeout(20_000) };
      const response = await fetch(`${world.url}${path}`, sent);
      const body = (await response.json()) as OrderAnswer & { readonly reason?: string };
      if (response.ok) return body;
      if (response.status === 409 && body.reason !== 'conflict') return undefined;
      if (response.status < 500 && response.status !== 429 && response.status !== 409)
        throw new TypeError(`${path}: ${JSON.stringify(body)}`);
    } catch (error) {
      if (error instanceof TypeError && error.message.startsWith('/')) throw error;
    }
    await world.rest(AGAIN_MS);
  }
}

async function insistToRead(world: World, path: string): Promise<NonNullable<OrderAnswer['order']>> {
  for (;;) {
    const body = await world.get(path);
    if (body !== undefined) return body as unknown as NonNullable<OrderAnswer['order']>;
    await world.rest(AGAIN_MS);
  }
}

function shuffled<T>(of: T[], random: () => number): T[] {
  for (let n = of.length - 1; n > 0; n -= 1) {
    const other = Math.floor(random() * (n + 1));
    [of[n], of[other]] = [of[other]!, of[n]!];
  }
  return of;
}

// Clients of orders: checkouts that place requests and marketplaces that place commitments, and what becomes of them:
// confirmed, renewed, fulfilled, cancelled, returned, sourced again, in any order and whatever their status.
// Also the expiry of holds, as server/expiry does it: whatever is due is expired, and nothing else.
import type { OrderCommand, OrderRefusal } from '../../domain/order/commands.ts';
import type { OrderFlow } from '../../domain/order/flow.ts';
import type { Order } from '../../domain/order/order.ts';
import { ORDER_CATEGORY } from '../../domain/order/workflow.ts';
import { SECOND } from '../../domain/time.ts';
import type { Journal } from './journal.ts';
import type { Reference } from './reference.ts';
import type { Trace } from './trace.ts';
import { type ClientRoom, createClients, newSubject, type Subject } from './workflow-clients.ts';

type Place = Extract<OrderCommand, { type: 'place' }>;

export interface PlacedOrder extends Subject<OrderRefusal> {
  readonly placed: Place;
}

export interface OrderTraffic {
  readonly orders: readonly PlacedOrder[];
  /** Places one, or acts on one. */
  any(): void;
  /** Nothing new is asked any more. */
  end(): void;
  /** Expires what is due. Returns how many holds are still open, due or not. */
  expireDue(): number;
  /** Commands that their sender repeats still, and orders that owe a stock something. */
  unsettled(): number;
}

export interface OrderRoom extends ClientRoom {
  readonly journal: Journal;
  readonly reference: Reference;
}

const HOLD_MS_MIN = 5 * SECOND;
const HOLD_MS_MAX = 240 * SECOND;
const LINES_MAX = 4;
const ACTS = { confirm: 45, cancel: 15, renew: 8, fulfil: 20, return: 6, source: 6 } as const;

export function createOrderTraffic(room: OrderRoom): OrderTraffic {
  const { time, chance } = room;
  const { send, unsettled } = createClients<Order, OrderCommand, OrderRefusal>(room, {
    category: ORDER_CATEGORY,
    owed: ({ data }) => Number(data['owed']),
    of: ({ workflows }) => workflows.orders,
    statusOf: ({ status }) => status,
    settled: (order) => mark(room.trace, order),
  });
  const orders: PlacedOrder[] = [];
  let sent = 0;
  let ended = false;

  /** What its buyer and the store do about it, one thing after another. */
  const follow = async (of: PlacedOrder) => {
    await send(of, of.placed);
    for (let acts = chance.between(0, 4); acts > 0; acts -= 1) {
      await time.sleep(chance.wide(1, 30 * SECOND));
      if (ended) return;
      await send(of, act(of));
    }
  };
  const act = (of: PlacedOrder): OrderCommand => {
    sent += 1;
    return someAct(room, of, `w${sent}`);
  };

  return {
    orders,
    any() {
      if (orders.length > 0 && chance.maybe(0.3)) {
        // Somebody else acts on it, whatever has come of it.
        const of = chance.pick(orders);
        return void send(of, act(of));
      }
      sent += 1;
      const of: PlacedOrder = { ...newSubject(`${sent}`), placed: somePlace(room, `${sent}`) };
      orders.push(of);
      void follow(of);
    },
    end() {
      ended = true;
    },
    expireDue: () => expireDue(room),
    unsettled,
  };
}

function somePlace({ scenario, time, chance }: OrderRoom, id: string): Place {
  const kind = chance.maybe(0.7) ? 'request' : 'commitment';
  const { id: channel, locations } = chance.pick(scenario.policy.channels);
  const hold = kind === 'request' ? { expiresAt: time.clock.now() + chance.wide(HOLD_MS_MIN, HOLD_MS_MAX) } : {};
  const flow: OrderFlow = chance.maybe(0.7)
    ? { type: 'ship' }
    : chance.pick<OrderFlow>([
        { type: 'click-and-collect', location: chance.pick(locations) },
        { type: 'ship-from-store', from: [chance.pick(locations)] },
        { type: 'endless-aisle', orderedAt: chance.pick(scenario.locations) },
      ]);
  const lines = Array.from({ length: chance.between(1, LINES_MAX) }, () => ({
    sku: chance.pick(scenario.skus),
    quantity: chance.between(1, 4),
  }));
  return { type: 'place', id: `w${id}`, orderId: id, channel, kind, lines, flow, ...hold };
}

function someAct({ time, chance }: OrderRoom, { placed }: PlacedOrder, id: string): OrderCommand {
  const type = chance.weighted(ACTS);
  const { sku } = chance.pick(placed.lines);
  const quantity = chance.between(1, 3);
  switch (type) {
    case 'renew':
      return { type, id, expiresAt: time.clock.now() + chance.wide(HOLD_MS_MIN, HOLD_MS_MAX) };
    case 'fulfil':
      // Often the whole order at once.
      return { type, id, units: chance.maybe(0.5) ? placed.lines : [{ sku, quantity }] };
    case 'return':
      return { type, id, units: [{ sku, quantity, disposition: chance.pick(['restock', 'quarantine', 'writeOff']) }] };
    default:
      return { type, id };
  }
}

function expireDue({ reference, server, time, journal }: OrderRoom): number {
  reference.follow(server.log.events);
  const now = time.clock.now();
  let left = 0;
  for (const stock of reference.stocks.values()) {
    for (const [reservationId, { held, expiresAt }] of stock.holds) {
      if (!reservationId.startsWith('order:') || held === 0) continue;
      left += 1;
      if (expiresAt > now) continue;
      const { sku, location } = stock;
      // Derived from the hold: what is due once is expired once, however often it is seen. A clock that is behind
      // refuses it; then it is asked again under the same id.
      const id = `expire:${reservationId}:${expiresAt}`;
      const known = journal.entry(id);
      if (known === undefined) journal.send({ id, type: 'reservation.expire', sku, location, reservationId });
      else if (known.settled) journal.repeat(known);
    }
  }
  return left;
}

function mark(trace: Trace, { status, kind, numbered, allocations, short }: Order): void {
  if (status === 'refused' && numbered > 0) trace.mark('compensated order');
  if (kind === 'commitment' && short.length > 0) trace.mark('commitment short');
  if (new Set(allocations.map(({ location }) => location)).size > 1) trace.mark('order over two locations');
  if (status !== 'new' && status !== 'reserving' && status !== 'confirming') trace.mark(`order ${status}`);
}

// Clients of orders: checkouts that place requests and marketplaces that place commitments, and what becomes of them:
// confirmed, renewed, fulfilled, cancelled, returned, sourced again, in any order and whatever their status.
// Also the expiry of holds, as server/expiry does it: whatever is due is expired, and nothing else.
import type { OrderCommand, OrderRefusal } from '../../domain/order/commands.ts';
import type { OrderFlow } from '../../domain/order/flow.ts';
import type { Order } from '../../domain/order/order.ts';
import { SECOND } from '../../domain/time.ts';
import type { WorkflowAnswer } from '../../server/workflows/workflows.ts';
import type { VirtualTime } from '../support/virtual-time.ts';
import type { Chance } from './chance.ts';
import type { Journal } from './journal.ts';
import type { LogServer } from './log-connection.ts';
import type { SimulatedProcess } from './process.ts';
import type { Reference } from './reference.ts';
import type { Scenario } from './scenario.ts';
import type { Trace } from './trace.ts';

type Place = Extract<OrderCommand, { type: 'place' }>;

export interface PlacedOrder {
  readonly id: string;
  readonly placed: Place;
  /** Client commands by id: accepted once, or why they never were. */
  readonly told: Map<string, 'accepted' | OrderRefusal>;
  /** Client commands by id: deliveries that nobody has answered definitely. They may have had an effect, or have it yet. */
  readonly open: Map<string, number>;
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

export interface OrderRoom {
  readonly scenario: Scenario;
  readonly time: VirtualTime;
  readonly chance: Chance;
  readonly trace: Trace;
  readonly server: LogServer;
  readonly journal: Journal;
  readonly reference: Reference;
  readonly pick: () => SimulatedProcess | undefined;
}

const PATIENCE_MS = 5_000;
const RETRY_MS_MAX = 3_000;
const HOLD_MS_MIN = 5 * SECOND;
const HOLD_MS_MAX = 240 * SECOND;
const LINES_MAX = 4;
const ACTS = { confirm: 45, cancel: 15, renew: 8, fulfil: 20, return: 6, source: 6 } as const;

export function createOrderTraffic(room: OrderRoom): OrderTraffic {
  const { scenario, time, chance } = room;
  const orders: PlacedOrder[] = [];
  const owed = new Map<string, number>();
  let open = 0;
  let sent = 0;
  let seen = 0;
  let ended = false;

  const deliver = async (of: PlacedOrder, command: OrderCommand): Promise<boolean> => {
    await time.sleep(chance.between(0, 30));
    const process = room.pick();
    if (process === undefined) return false;
    const heard = Promise.withResolvers<boolean>();
    const cancel = time.timers.after(PATIENCE_MS, () => heard.resolve(false));
    of.open.set(command.id, (of.open.get(command.id) ?? 0) + 1);
    void process.workflows.orders.submit(of.id, command, { source: 'client' }).then((answer) => {
      if (!process.life.alive) return;
      judge(room, of, command, answer, process);
      if (chance.maybe(scenario.networkLoss)) return;
      cancel();
      heard.resolve(answer.outcome !== 'failed');
    });
    return heard.promise;
  };
  const send = async (of: PlacedOrder, command: OrderCommand) => {
    open += 1;
    if (chance.maybe(0.2)) void deliver(of, command);
    while (!(await deliver(of, command))) await time.sleep(chance.between(50, RETRY_MS_MAX));
    open -= 1;
  };
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

  /** Every event of an order says how many commands it owes after it. */
  const owing = () => {
    const { events } = room.server.log;
    for (; seen < events.length; seen += 1) {
      const { stream, data } = events[seen]!;
      if (!stream.startsWith('order-')) continue;
      if (data['owed'] === 0) owed.delete(stream);
      else owed.set(stream, Number(data['owed']));
    }
    return owed.size;
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
      const of: PlacedOrder = { id: `${sent}`, placed: somePlace(room, `${sent}`), told: new Map(), open: new Map() };
      orders.push(of);
      void follow(of);
    },
    end() {
      ended = true;
    },
    expireDue: () => expireDue(room),
    unsettled: () => open + owing(),
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

/** What every answer must hold, whoever hears it. */
function judge(
  { trace }: OrderRoom,
  of: PlacedOrder,
  command: OrderCommand,
  answer: WorkflowAnswer<Order, OrderRefusal>,
  process: SimulatedProcess,
) {
  const what = answer.outcome === 'accepted' ? answer.state.status : answer.reason;
  trace.note(`${process.name} answers ${command.id} ${command.type} order ${of.id}: ${answer.outcome}, ${what}`);
  if (answer.outcome === 'failed') return;
  of.open.set(command.id, of.open.get(command.id)! - 1);
  const now = answer.outcome === 'accepted' ? 'accepted' : answer.reason;
  const first = of.told.get(command.id) ?? now;
  // What was refused may be taken when it is repeated, never the other way round.
  of.told.set(command.id, now === 'accepted' ? now : first);
  if (first === 'accepted' && now !== 'accepted') {
    trace.violated('P2', `${command.id} ${command.type} order ${of.id} was accepted, and when repeated ${now}`);
  }
  if (answer.outcome !== 'accepted' || !answer.settled || answer.duplicate) return;
  const { status, kind, allocations, short } = answer.state;
  if (status === 'refused' && answer.state.numbered > 0) trace.mark('compensated order');
  if (kind === 'commitment' && short.length > 0) trace.mark('commitment short');
  if (new Set(allocations.map(({ location }) => location)).size > 1) trace.mark('order over two locations');
  if (status !== 'new' && status !== 'reserving' && status !== 'confirming') trace.mark(`order ${status}`);
}

// The commands of the retailer: tills, a warehouse, web checkouts and an expiry process, with everything that happens to
// what they send: late facts, counts, facts from the future, numbers left out. What they know, they know from answers.
import type { StockCommand } from '../../domain/stock/commands.ts';
import { HOUR, MINUTE, SECOND } from '../../domain/time.ts';
import type { VirtualTime } from '../support/virtual-time.ts';
import type { Chance } from './chance.ts';
import type { SimulatedChannel } from './channels.ts';
import type { Entry, Journal } from './journal.ts';
import type { Scenario } from './scenario.ts';
import type { Trace } from './trace.ts';

export interface Traffic {
  /** One more command of any kind. */
  any(): void;
  /** Many for one stock in one instant. */
  rush(): void;
  /** So many receipts that a snapshot is due. */
  open(): void;
  /** Commands sent before, again. */
  repeats(): void;
  /** Numbers that a source left out. */
  readonly leftOut: ReadonlyMap<string, ReadonlySet<number>>;
}

export interface TrafficRoom {
  readonly scenario: Scenario;
  readonly time: VirtualTime;
  readonly chance: Chance;
  readonly trace: Trace;
  readonly journal: Journal;
  readonly channels: ReadonlyMap<string, SimulatedChannel>;
  /** The clients of orders, or of transfers, do something. */
  readonly order: () => void;
  readonly transfer: () => void;
}

type Make = Extract<StockCommand, { type: 'reservation.make' }>;
type Frame = Pick<StockCommand, 'id' | 'sku' | 'location'> & { occurredAt: number };
const REPEATS_MAX = 10;
const RUSH_MAX = 25;
const SOURCES = ['till-1', 'till-2', 'warehouse'];
const LATE_HOURS_MAX = 3;

export function createTraffic(room: TrafficRoom): Traffic {
  const { scenario, chance, journal, trace } = room;
  const numbers = new Map<string, number>();
  const leftOut = new Map<string, Set<number>>(SOURCES.map((source) => [source, new Set()]));
  const made: Entry[] = [];
  let sent = 0;

  const source = () => {
    const id = chance.pick(SOURCES);
    let sequence = numbers.get(id) ?? 0;
    // Never the last one sent: only then is it a gap for sure.
    if (sequence > 0 && chance.maybe(0.02)) {
      leftOut.get(id)!.add(sequence);
      trace.mark('sequence gap');
      sequence += 1;
    }
    numbers.set(id, sequence + 1);
    return { id, sequence };
  };
  const frame = ({ sku, location }: { sku: string; location: string }): Frame => {
    sent += 1;
    return { id: `c${sent}`, sku, location, occurredAt: occurredAt(room) };
  };
  const stock = () => ({ sku: chance.pick(scenario.skus), location: chance.pick(scenario.locations) });
  const fact = (where: { sku: string; location: string }) => {
    const open = made.filter(({ accepted }) => accepted !== undefined);
    const of = open.length > 0 && chance.maybe(0.3) ? (chance.pick(open).command as Make) : undefined;
    const common = frame(of ?? where);
    const numbered = chance.maybe(0.6) ? { source: source() } : {};
    journal.send({ ...common, ...numbered, ...someFact(room, of?.reservationId) } as StockCommand);
  };

  return {
    leftOut,
    any() {
      const trade = chance.weighted(scenario.trades);
      if (trade === 'order') return room.order();
      if (trade === 'fact') return fact(stock());
      if (trade === 'channel sale') return channelSale(room, frame);
      if (trade === 'transfer') return room.transfer();
      if (trade === 'transfer facts') return transferFacts(room, frame);
      const known = made.length > 0 && chance.maybe(0.5) ? (chance.pick(made).command as Make) : undefined;
      const common = frame(known ?? stock());
      const command = { ...common, ...someRequest(room, known, common.id) } as StockCommand;
      // A request happens when it is judged.
      delete (command as { occurredAt?: number }).occurredAt;
      const entry = journal.send(command);
      if (command.type === 'reservation.make') made.push(entry);
    },
    rush() {
      const where = stock();
      for (let n = chance.between(5, RUSH_MAX); n > 0; n -= 1) fact(where);
    },
    open() {
      const where = { sku: scenario.skus[0]!, location: scenario.locations[0]! };
      for (let n = 0; n < scenario.opening; n += 1) {
        journal.send({ ...frame(where), type: n % 2 === 0 ? 'receipt' : 'sale', quantity: 1 } as StockCommand);
      }
    },
    repeats() {
      // What a workflow asks, only the workflow repeats: a refused hold taken late by somebody else would be nobody's.
      const own = journal.entries.filter(({ command }) => !/^(order|transfer):/.test(command.id));
      if (own.length === 0) return;
      const entry = chance.pick(own);
      for (let n = chance.wide(1, REPEATS_MAX); n > 0; n -= 1) journal.repeat(entry);
    },
  };
}

/** Mostly just now; sometimes hours ago; now and then outside of what can be judged. */
function occurredAt({ chance, time, trace, scenario }: TrafficRoom): number {
  const now = time.clock.now();
  const drawn = chance.next();
  if (drawn < 0.75) return now - chance.between(0, 2 * SECOND);
  // Few instants, so that counts and facts meet at one of them.
  if (drawn < 0.85) return now - (now % MINUTE);
  trace.mark('late fact');
  if (drawn < 0.98) return now - chance.between(MINUTE, LATE_HOURS_MAX * HOUR);
  const { windowMs, clockSkewMsMax } = scenario.policy.stockPolicy('', '');
  return chance.maybe(0.5) ? now - windowMs - HOUR : now + clockSkewMsMax + HOUR;
}

function someFact({ chance, scenario }: TrafficRoom, reservationId: string | undefined): Partial<StockCommand> {
  const quantity = chance.between(1, 6);
  const reason = 'simulated';
  const channel = chance.pick(scenario.policy.channels).id;
  if (reservationId !== undefined) {
    if (chance.maybe(0.5)) return { type: 'fulfilment', quantity, reservationId };
    return { type: 'sale', quantity, channel, reservationId };
  }
  switch (chance.weighted(scenario.facts)) {
    case 'receipt':
      return { type: 'receipt', quantity: chance.between(1, 20) };
    case 'sale':
      return { type: 'sale', quantity };
    case 'return':
      return { type: 'return', quantity, disposition: chance.pick(['restock', 'quarantine', 'writeOff']) };
    case 'adjustment':
      return { type: 'adjustment', quantity: chance.pick([-4, -1, 1, 3]), reason };
    case 'count':
      return { type: 'count', counted: chance.between(0, 25) };
    case 'quarantine':
      return { type: 'quarantine', quantity: chance.between(1, 2), reason };
    case 'disposition':
      return { type: 'disposition', quantity, disposition: chance.pick(['restock', 'scrap', 'returnToVendor']) };
    case 'life':
      return { type: chance.pick(['freeze', 'unfreeze', 'unfreeze', 'retire', 'reinstate', 'reinstate']), reason };
  }
}

function someRequest({ chance, scenario, time }: TrafficRoom, known: Make | undefined, id: string) {
  const expiresAt = time.clock.now() + chance.wide(SECOND, HOUR);
  if (known === undefined) {
    const channel = chance.pick(scenario.policy.channels).id;
    const quantity = chance.between(1, 5);
    return { type: 'reservation.make', reservationId: `r-${id}`, quantity, owner: 'buyer', channel, expiresAt };
  }
  const { reservationId } = known;
  const quantity = chance.maybe(0.5) ? { quantity: chance.between(1, 3) } : {};
  switch (chance.between(0, 4)) {
    case 0:
      return { type: 'reservation.renew', reservationId, expiresAt };
    case 1:
      return { type: 'reservation.commit', reservationId, ...quantity };
    case 2:
      return { type: 'reservation.release', reservationId, ...quantity };
    default:
      return { type: 'reservation.expire', reservationId };
  }
}

/** A channel sells what it shows: it takes the units off at once, and its report follows. */
function channelSale(
  { chance, scenario, channels, time, journal, trace }: TrafficRoom,
  frame: (stock: { sku: string; location: string }) => Frame,
) {
  const { id, locations } = chance.pick(scenario.policy.channels);
  const sku = chance.pick(scenario.skus);
  const quantity = chance.between(1, 3);
  if (channels.get(id)!.listings.order(sku, quantity, time.now()) === undefined) return;
  trace.mark('sold by a channel', `${id} sells ${quantity} of ${sku}`);
  const sold = { ...frame({ sku, location: chance.pick(locations) }), occurredAt: time.clock.now() };
  journal.send({ ...sold, type: 'sale', quantity, channel: id } as StockCommand);
}

/** A whole transfer at once, told to the stocks alone: its parts arrive in any order. */
function transferFacts(
  { chance, scenario, journal }: TrafficRoom,
  frame: (stock: { sku: string; location: string }) => Frame,
) {
  const sku = chance.pick(scenario.skus);
  const [origin, destination] = scenario.locations as [string, string];
  const quantity = chance.between(1, 5);
  const missing = chance.maybe(0.3) ? 1 : 0;
  const at = { sku, location: origin };
  const there = { sku, location: destination };
  const first = frame(at);
  const transferId = `t-${first.id}`;
  const own = { transferId, quantity };
  const { occurredAt: _, ...asked } = first;
  if (chance.maybe(0.5)) journal.send({ ...asked, type: 'transfer.request', ...own, to: destination } as StockCommand);
  journal.send({ ...frame(at), type: 'transfer.dispatch', ...own, to: destination } as StockCommand);
  journal.send({ ...frame(there), type: 'transfer.expect', ...own, from: origin } as StockCommand);
  const arrived = quantity - missing;
  if (arrived > 0) {
    journal.send({
      ...frame(there),
      type: 'transfer.receive',
      transferId,
      quantity: arrived,
      from: origin,
    } as StockCommand);
    journal.send({ ...frame(at), type: 'transfer.settle', transferId, quantity: arrived } as StockCommand);
  }
  if (missing === 0) return;
  for (const [where, end] of [
    [at, 'origin'],
    [there, 'destination'],
  ] as const) {
    journal.send({ ...frame(where), type: 'transfer.short', transferId, quantity: missing, end } as StockCommand);
  }
}

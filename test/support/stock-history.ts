// Valid histories of stocks: commands drawn at random over a few SKUs, locations, reservations and transfers (few, so
// that they meet), judged by `decide` and folded by `evolve`, as the actors do. What is refused leaves no event.
import fc from 'fast-check';
import { compilePolicy, type Policy, type PolicyDocumentJson, PolicyShape } from '../../domain/channel/policy.ts';
import { type EventLog, type NewEvent, NO_STREAM, type RecordedEvent } from '../../domain/event-log.ts';
import { StockCommand, type StockCommandJson } from '../../domain/stock/commands.ts';
import { decide } from '../../domain/stock/decide.ts';
import { stockEventData } from '../../domain/stock/events.ts';
import { evolve } from '../../domain/stock/evolve.ts';
import { emptyStock, type Stock } from '../../domain/stock/stock.ts';
import { stockStream } from '../../domain/stock/stream.ts';

export const HISTORY_START = Date.UTC(2026, 10, 23, 12);
export const LOCATIONS = ['store-1', 'store-2', 'warehouse'] as const;
export const CHANNELS = ['webshop', 'marketplace', 'till'] as const;

const MINUTES_LATE_MAX = 90;

type Draw = Omit<StockCommandJson, 'id' | 'occurredAt'> & { minutesLate: number };

const quantity = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 4 }) },
  { weight: 1, arbitrary: fc.integer({ min: 5, max: 25 }) },
);
export const SKUS = ['A', 'B-1', 'b'] as const;
/** Half of it happens to one stock, so that its reservations, counts and transfers meet. */
const place = {
  sku: fc.oneof(fc.constant('A'), fc.constantFrom(...SKUS)),
  location: fc.oneof(fc.constant('store-1'), fc.constantFrom(...LOCATIONS)),
};
const late = { minutesLate: fc.integer({ min: 0, max: MINUTES_LATE_MAX }) };
const reservationId = fc.constantFrom('r1', 'r2', 'r3');
const transferId = fc.constantFrom('t1', 't2');
const channel = fc.constantFrom(...CHANNELS);
const reason = fc.constant('test');
const source = fc.option(
  fc.record({ id: fc.constantFrom('till-1', 'till-2', 'erp'), sequence: fc.integer({ min: 0, max: 30 }) }),
  { nil: undefined },
);

function draw(type: StockCommandJson['type'], shape: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Draw> {
  return fc.record({ type: fc.constant(type), ...place, ...late, source, ...shape }) as fc.Arbitrary<Draw>;
}

/** One command without its id and times. */
export const aDraw: fc.Arbitrary<Draw> = fc.oneof(
  { weight: 8, arbitrary: draw('receipt', { quantity: fc.integer({ min: 5, max: 40 }) }) },
  {
    weight: 5,
    arbitrary: draw('sale', { quantity, channel, reservationId: fc.option(reservationId, { nil: undefined }) }),
  },
  {
    weight: 9,
    arbitrary: draw('reservation.make', { reservationId, quantity, channel, owner: fc.constant('order-1') }),
  },
  { weight: 2, arbitrary: draw('reservation.commit', { reservationId }) },
  { weight: 2, arbitrary: draw('reservation.release', { reservationId }) },
  { weight: 2, arbitrary: draw('reservation.expire', { reservationId }) },
  { weight: 1, arbitrary: draw('reservation.renew', { reservationId }) },
  { weight: 2, arbitrary: draw('fulfilment', { reservationId, quantity }) },
  { weight: 2, arbitrary: draw('count', { counted: fc.integer({ min: 5, max: 30 }) }) },
  { weight: 2, arbitrary: draw('adjustment', { quantity: fc.integer({ min: 1, max: 9 }).map((n) => -n), reason }) },
  {
    weight: 2,
    arbitrary: draw('return', { quantity, disposition: fc.constantFrom('restock', 'quarantine', 'writeOff') }),
  },
  { weight: 1, arbitrary: draw('quarantine', { quantity, reason }) },
  { weight: 1, arbitrary: draw('disposition', { quantity, disposition: fc.constantFrom('restock', 'scrap') }) },
  { weight: 1, arbitrary: draw('transfer.cancel', { transferId }) },
  { weight: 1, arbitrary: draw('transfer.request', { transferId, quantity, to: fc.constantFrom(...LOCATIONS) }) },
  { weight: 1, arbitrary: draw('transfer.dispatch', { transferId, quantity, to: fc.constantFrom(...LOCATIONS) }) },
  { weight: 1, arbitrary: draw('transfer.receive', { transferId, quantity, from: fc.constantFrom(...LOCATIONS) }) },
  {
    weight: 1,
    arbitrary: draw('transfer.short', { transferId, quantity, end: fc.constantFrom('origin', 'destination') }),
  },
  {
    weight: 1,
    arbitrary: fc.oneof(
      ...(['freeze', 'unfreeze', 'unfreeze', 'retire', 'reinstate', 'reinstate', 'reinstate'] as const).map((t) =>
        draw(t, { reason }),
      ),
    ),
  },
);

/** Commands in the order in which they arrive: about one a minute, each up to 90 minutes late. */
export function arbitraryCommands(size: {
  readonly minLength?: number;
  readonly maxLength: number;
}): fc.Arbitrary<StockCommand[]> {
  // Long ones are as likely as short ones: most commands mean something only after others.
  return fc.array(aDraw, { size: 'max', ...size }).map((draws) => draws.map(commandOf));
}

function commandOf({ minutesLate, ...fields }: Draw, index: number): StockCommand {
  const now = arrivalOf(index);
  return StockCommand.parse({
    ...JSON.parse(JSON.stringify(fields)),
    id: `c-${index}`,
    occurredAt: new Date(now - minutesLate * 60_000).toISOString(),
    ...(fields.type === 'reservation.make' || fields.type === 'reservation.renew'
      ? { expiresAt: new Date(now + (1 + (index % 7)) * 60_000).toISOString() }
      : undefined),
  });
}

/** When the command at this place arrives. */
export function arrivalOf(index: number): number {
  return HISTORY_START + index * 60_000;
}

/** A policy with all that can change a figure: safety stock, quotas, percentage, cap, buffer, a channel that is off. */
export function aPolicy(document: Partial<PolicyDocumentJson> = {}): Policy {
  // Also documents that contradict themselves: a log may hold one of before a rule, and its figures must be right.
  return compilePolicy(PolicyShape.parse({ version: 'test', locations: LOCATIONS.map((id) => ({ id })), ...document }));
}

export interface HistoryEvent {
  readonly stream: string;
  readonly expectedRevision: number;
  readonly event: NewEvent;
}

/** The events that the commands make, in log order. */
export function historyOf(commands: readonly StockCommand[], policy: Policy = aPolicy()): HistoryEvent[] {
  const stocks = new Map<string, Stock>();
  const history: HistoryEvent[] = [];
  commands.forEach((command, index) => {
    const stream = stockStream(command.sku, command.location);
    let stock = stocks.get(stream) ?? emptyStock();
    const stockPolicy = policy.stockPolicy(command.sku, command.location);
    const decision = decide(stock, command, { now: arrivalOf(index), policy: stockPolicy, source: 'test' });
    if (decision.outcome !== 'accepted') return;
    for (const event of decision.events) {
      const id = `${stream}:${command.id}`;
      const made: NewEvent = { id, type: event.type, data: stockEventData(event), metadata: {} };
      history.push({ stream, expectedRevision: stock.revision, event: made });
      stock = evolve(stock, event, policy.memoryMs);
    }
    stocks.set(stream, stock);
  });
  return history;
}

/** As a log that counts positions one by one would have recorded them. */
export function recorded(history: readonly HistoryEvent[]): RecordedEvent[] {
  return history.map(({ stream, expectedRevision, event }, n) => ({
    ...event,
    stream,
    revision: expectedRevision + 1,
    position: BigInt(n),
  }));
}

export async function appendHistory(log: EventLog, history: readonly HistoryEvent[]): Promise<void> {
  for (const { stream, expectedRevision, event } of history) await log.append(stream, expectedRevision, [event]);
}

/** `count` receipts of one unit each, over the streams in turn, without `decide`: for tests about volume. */
export async function appendReceipts(log: EventLog, streams: readonly string[], count: number): Promise<void> {
  const revisions = new Map<string, number>();
  for (let n = 0; n < count; n++) {
    const stream = streams[n % streams.length]!;
    const revision = revisions.get(stream) ?? NO_STREAM;
    await log.append(stream, revision, [aReceipt(`${stream}:${revision}:${n}`, revision + 2, HISTORY_START + n)]);
    revisions.set(stream, revision + 1);
  }
}

export function aReceipt(id: string, onHand: number, at: number = HISTORY_START): NewEvent {
  const levels = { onHand, reserved: 0, quarantined: 0, inTransitIn: 0, inTransitOut: 0 };
  const frame = { v: 1, commandId: id, source: 'test', occurredAt: at, recordedAt: at };
  return { id, type: 'UnitsReceived', data: { ...frame, quantity: 1, levels }, metadata: {} };
}

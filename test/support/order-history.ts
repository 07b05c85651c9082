// Histories of a few orders side by side, drawn at random: commands of every kind, stocks that refuse now and then, answers
// that come late. As a log would have recorded them, with the orders they lead to.
import fc from 'fast-check';
import type { JsonObject, RecordedEvent } from '../../domain/event-log.ts';
import type { OrderCommand } from '../../domain/order/commands.ts';
import { ORDER_EVENT_VERSION } from '../../domain/order/events.ts';
import type { Order } from '../../domain/order/order.ts';
import { NOON } from './actors.ts';
import { orderStory } from './order-story.ts';

export interface OrderHistory {
  readonly events: readonly RecordedEvent[];
  readonly orders: readonly Order[];
}

const STEPS = [
  'answer',
  'answer',
  'answer',
  'renew',
  'confirm',
  'confirm',
  'fulfil',
  'fulfil',
  'cancel',
  'cancel one',
  'fulfil elsewhere',
  'extend',
  'return',
] as const;
type Step = (typeof STEPS)[number] | 'source' | 'expire';

interface Draw {
  readonly order: number;
  readonly step: Step;
  readonly n: number;
}

const draw: fc.Arbitrary<Draw> = fc.record({
  order: fc.nat(5),
  step: fc.constantFrom(...STEPS, 'source', 'expire'),
  n: fc.nat(255),
});

export const arbitraryOrderHistory: fc.Arbitrary<OrderHistory> = fc
  .array(draw, { minLength: 5, maxLength: 120, size: 'max' })
  .map(historyOf);

function historyOf(draws: readonly Draw[]): OrderHistory {
  const free = { warehouse: { A: 4, B: 3 }, 'store-1': { A: 2 }, 'store-2': { B: 5 } };
  const stories = Array.from({ length: 6 }, (_, n) => orderStory(free, {}, `o-${n}`));
  const events: RecordedEvent[] = [];
  draws.forEach(({ order, step, n }, at) => {
    const story = stories[order]!;
    const before = story.events.length;
    if (story.order().status === 'new') {
      const lines = [
        { sku: n & 1 ? 'A' : 'B', quantity: 1 + (n >> 4) },
        { sku: 'A', quantity: 1 },
      ];
      story.place({ lines, kind: n & 2 ? 'request' : 'commitment' });
    } else if (step === 'answer') {
      story.answer(({ type }) => (type === 'reservation.make' && n & 3 ? 'accepted' : (REFUSALS[n & 7] ?? 'accepted')));
    } else story.send(commandOf(step, n, at, story.order()));
    story.events.slice(before).forEach(({ type, ...event }, k) => {
      const frame = { v: ORDER_EVENT_VERSION, commandId: `c-${at}`, source: 'test', recordedAt: NOON + at };
      const data = JSON.parse(JSON.stringify({ ...event, ...frame })) as JsonObject;
      const stream = `order-${story.id}`;
      events.push({
        id: `${at}-${k}`,
        stream,
        revision: before + k,
        position: BigInt(events.length),
        type,
        data,
        metadata: {},
      });
    });
  });
  return { events, orders: stories.map((story) => story.order()) };
}

const REFUSALS: Readonly<Record<number, string>> = {
  0: 'insufficient-available',
  4: 'unknown-reservation',
};

function commandOf(step: Exclude<Step, 'answer'>, n: number, at: number, { id: order }: Order): OrderCommand {
  const id = `c-${at}`;
  const sku = n & 1 ? 'A' : 'B';
  const quantity = 1 + (n & 3);
  switch (step) {
    case 'renew':
      return { type: 'renew', id, expiresAt: NOON + 3_600_000 + at };
    case 'cancel one':
      return { type: 'cancel', id, units: [{ sku, quantity: 1 }] };
    case 'fulfil elsewhere':
      return { type: 'fulfil', id, units: [{ sku, quantity: 1, location: 'store-2' }] };
    case 'extend':
      return { type: 'extend', id, lines: [{ sku: n & 4 ? 'A' : 'B', quantity: 4 + quantity }] };
    case 'fulfil':
      return { type: 'fulfil', id, units: [{ sku, quantity }] };
    case 'return':
      return { type: 'return', id, units: [{ sku, quantity, disposition: 'restock' }] };
    case 'expire':
      return { type: 'expire', id, reservationId: `order:${order}:${quantity}` };
    default:
      return { type: step, id };
  }
}

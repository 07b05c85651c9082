// Tells an order of a reservation that it does not count on, so that it is kept or given back: see domain/order/seen-hold.ts.
import { traceparentIn } from '../../adapters/telemetry/trace-context.ts';
import { parseReservationId } from '../../domain/order/order.ts';
import { seenHold } from '../../domain/order/seen-hold.ts';
import { readStockEvent } from '../../domain/stock/events.ts';
import { parseStockStream } from '../../domain/stock/stream.ts';
import { decided, type Reaction } from '../reactions/reactions.ts';
import type { OrderProcess } from './order-process.ts';

export function madeHolds({ submit, state }: Pick<OrderProcess, 'submit' | 'state'>): Reaction {
  return {
    name: 'orders-made-holds',
    concerns: ({ type }) => type === 'ReservationMade',
    async on(recorded) {
      const stock = parseStockStream(recorded.stream);
      const event = stock === undefined ? undefined : readStockEvent(recorded);
      const named = event?.type === 'ReservationMade' ? parseReservationId(event.reservationId) : undefined;
      if (stock === undefined || event?.type !== 'ReservationMade' || named === undefined) return;
      const order = (await state(named.orderId))?.state;
      const command = order && seenHold(order, { number: named.number, quantity: event.quantity, ...stock });
      if (command !== undefined)
        decided(await submit(named.orderId, command, { source: 'evenstock', traceparent: traceparentIn(recorded) }));
    },
  };
}

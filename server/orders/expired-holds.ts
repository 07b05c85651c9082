// Tells an order that a stock let one of its reservations expire: a request then expires whole, a commitment looks for the
// units elsewhere. The command's id derives from the reservation, which can expire only once.
import { traceparentIn } from '../../adapters/telemetry/trace-context.ts';
import { parseReservationId } from '../../domain/order/order.ts';
import { readStockEvent } from '../../domain/stock/events.ts';
import { parseStockStream } from '../../domain/stock/stream.ts';
import { decided, type Reaction } from '../reactions/reactions.ts';
import type { OrderProcess } from './order-process.ts';

export function expiredHolds({ submit, state }: Pick<OrderProcess, 'submit' | 'state'>): Reaction {
  return {
    name: 'orders-expired-holds',
    concerns: ({ type }) => type === 'ReservationExpired',
    lane: ({ data }) => parseReservationId(data['reservationId'] as string)?.orderId ?? '',
    async on(recorded) {
      const stock = parseStockStream(recorded.stream);
      const event = stock === undefined ? undefined : readStockEvent(recorded);
      if (event?.type !== 'ReservationExpired') return;
      const { reservationId } = event;
      const named = parseReservationId(reservationId);
      const order = named === undefined ? undefined : await state(named.orderId);
      const own = order?.state.allocations.find(({ number }) => number === named?.number);
      // Anybody may have chosen such an id for a reservation of their own.
      if (named === undefined || own?.sku !== stock?.sku || own?.location !== stock?.location) return;
      // No sender's id has a space in it: nobody else can have used up this one.
      const command = { type: 'expire', id: `expired ${reservationId}`, reservationId } as const;
      decided(await submit(named.orderId, command, { source: 'evenstock', traceparent: traceparentIn(recorded) }));
    },
  };
}

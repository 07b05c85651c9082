// Judges requests about reservations: made while units are free for the channel, then renewed, committed, released or
// expired by their id.
import { plural } from '../plural.ts';
import type { Instant } from '../time.ts';
import type { StockCommand } from './commands.ts';
import type { Stock } from './stock.ts';
import { type Payload, promised, refused, type StockPolicy, unlessShort, type Verdict } from './verdict.ts';

type ReservationCommand = Extract<StockCommand, { type: `reservation.${string}` }>;

export function judgeReservation(
  stock: Stock,
  command: ReservationCommand,
  now: Instant,
  policy: StockPolicy,
): Verdict {
  const { reservationId } = command;
  const reservation = stock.reservations.get(reservationId);
  if (command.type === 'reservation.make') {
    const { quantity, owner, channel, expiresAt } = command;
    if (reservation !== undefined) return refused('reservation-exists', `${reservationId} is already open`);
    if (expiresAt <= now) return refused('expiry-not-in-future', 'expiresAt has already passed');
    return (
      unlessShort(stock, quantity, channel, policy) ?? {
        type: 'ReservationMade',
        reservationId,
        quantity,
        owner,
        channel,
        expiresAt,
      }
    );
  }
  if (reservation?.channel === undefined) return refused('unknown-reservation', `${reservationId} is not open here`);
  const hold = { reservationId, channel: reservation.channel };
  switch (command.type) {
    case 'reservation.renew':
      if (command.expiresAt <= now) return refused('expiry-not-in-future', 'expiresAt has already passed');
      return { type: 'ReservationRenewed', ...hold, expiresAt: command.expiresAt };
    case 'reservation.commit':
      return within(reservation.held, command.quantity, (quantity) => ({
        type: 'ReservationCommitted',
        ...hold,
        quantity,
      }));
    case 'reservation.release':
      return within(promised(reservation), command.quantity, (quantity) => ({
        type: 'ReservationReleased',
        ...hold,
        quantity,
      }));
    case 'reservation.expire':
      if (reservation.expiresAt > now || reservation.held === 0)
        return refused('not-due', 'no held unit has reached its expiry');
      return { type: 'ReservationExpired', ...hold, quantity: reservation.held };
  }
}

function within(limit: number, asked: number | undefined, event: (quantity: number) => Payload): Verdict {
  const quantity = asked ?? limit;
  if (quantity > limit || limit === 0)
    return refused(
      'exceeds-reservation',
      `${plural(limit, 'unit')} can be, ${plural(quantity, 'was', 'were')} asked for`,
    );
  return event(quantity);
}

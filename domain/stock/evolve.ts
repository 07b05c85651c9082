// Folds one event into the state of a stock. Pure and total over every event ever written; replay is this alone.
import { including, type SortedMap } from '../sorted-map.ts';
import { DAY, type Instant, MINUTE } from '../time.ts';
import type { StockEvent } from './events.ts';
import { turnsAfter } from './life.ts';
import { movesFence, onHandDelta, quarantineDelta, reservedDelta, transferOf, transitDelta } from './movement.ts';
import { recall, remember } from './recent.ts';
import { type Reservation, type Stock, transferHold } from './stock.ts';

/**
 * How long a command id is remembered and a count or fact may arrive late (R5, R6), in ms. Events older than
 * this in `occurredAt` are parked. Part of the fold's meaning: it is fixed for a log, not tuned while running.
 */
export const MEMORY_MS_DEFAULT = 45 * DAY + 10 * MINUTE;

export function evolve(stock: Stock, event: StockEvent, memoryMs: number = MEMORY_MS_DEFAULT): Stock {
  const revision = stock.revision + 1;
  const change = onHandDelta(event);
  return {
    revision,
    recordedAt: event.recordedAt,
    life: 'life' in event ? event.life : stock.life,
    turns: turnsAfter(stock.turns, event),
    levels: event.levels,
    quarantineNet: stock.quarantineNet + quarantineDelta(event),
    fence:
      event.type === 'StockCounted' && movesFence(stock, event)
        ? { at: event.occurredAt, commandId: event.commandId }
        : stock.fence,
    reservations: reservationsAfter(stock.reservations, event),
    reservedByChannel: reservedByChannelAfter(stock, event),
    transits: transitsAfter(stock, event),
    recent: remember(
      stock.recent,
      { revision, commandId: event.commandId, occurredAt: event.occurredAt, onHandDelta: change },
      event.recordedAt,
      memoryMs,
    ),
  };
}

/** The revision of the event that this command already caused, if it is a duplicate. */
export function alreadyTaken(stock: Stock, commandId: string): number | undefined {
  return recall(stock.recent, commandId);
}

type Reservations = SortedMap<Reservation>;

function reservationsAfter(reservations: Reservations, event: StockEvent): Reservations {
  switch (event.type) {
    case 'ReservationMade': {
      const { owner, channel, quantity: held, expiresAt } = event;
      return including(reservations, event.reservationId, { owner, channel, held, committed: 0, expiresAt });
    }
    case 'TransferRequested': {
      const owner = transferHold(event.transferId);
      return including(reservations, owner, { owner, held: 0, committed: event.quantity, expiresAt: NEVER });
    }
    case 'TransferCancelled':
      return reservations.without(transferHold(event.transferId));
    case 'ReservationRenewed':
      return change(reservations, event.reservationId, (r) => ({ ...r, expiresAt: event.expiresAt }));
    case 'ReservationCommitted':
      return change(reservations, event.reservationId, (r) => ({
        ...r,
        held: r.held - event.quantity,
        committed: r.committed + event.quantity,
      }));
    case 'ReservationReleased':
    case 'ReservationExpired':
      return change(reservations, event.reservationId, (r) => takeHeldFirst(r, event.quantity));
    case 'UnitsSold':
    case 'FulfilmentConfirmed':
    case 'TransferDispatched': {
      const { consumed } = event;
      if (consumed === undefined) return reservations;
      return change(reservations, consumed.id, (r) => takeCommittedFirst(r, consumed.quantity));
    }
    default:
      return reservations;
  }
}
const NEVER: Instant = Number.MAX_SAFE_INTEGER;

function change(reservations: Reservations, id: string, how: (r: Reservation) => Reservation): Reservations {
  const before = reservations.get(id);
  if (before === undefined) return reservations;
  const after = how(before);
  return after.held + after.committed === 0 ? reservations.without(id) : including(reservations, id, after);
}

type Promised = Pick<Reservation, 'held' | 'committed'>;

/** What a release or an expiry leaves of a reservation. */
export function takeHeldFirst<R extends Promised>(r: R, quantity: number): R {
  const held = Math.min(r.held, quantity);
  return { ...r, held: r.held - held, committed: r.committed - (quantity - held) };
}

/** What units that leave leave of the reservation they use up. */
export function takeCommittedFirst<R extends Promised>(r: R, quantity: number): R {
  const committed = Math.min(r.committed, quantity);
  return { ...r, committed: r.committed - committed, held: r.held - (quantity - committed) };
}

/** The channel whose reserved units an event changes, if any. */
export function reservationChannel(event: StockEvent): string | undefined {
  switch (event.type) {
    case 'ReservationMade':
    case 'ReservationReleased':
    case 'ReservationExpired':
      return event.channel;
    case 'UnitsSold':
    case 'FulfilmentConfirmed':
    case 'TransferDispatched':
      return event.consumed?.channel;
    default:
      return undefined;
  }
}

function reservedByChannelAfter(stock: Stock, event: StockEvent): Stock['reservedByChannel'] {
  const channel = reservationChannel(event);
  if (channel === undefined) return stock.reservedByChannel;
  const units = (stock.reservedByChannel.get(channel) ?? 0) + reservedDelta(event);
  return units === 0 ? stock.reservedByChannel.without(channel) : including(stock.reservedByChannel, channel, units);
}

function transitsAfter(stock: Stock, event: StockEvent): Stock['transits'] {
  const delta = transitDelta(event);
  if (delta.inward === 0 && delta.outward === 0) return stock.transits;
  const id = transferOf(event);
  const before = stock.transits.get(id);
  const inward = (before?.inward ?? 0) + delta.inward;
  const outward = (before?.outward ?? 0) + delta.outward;
  return inward === 0 && outward === 0
    ? stock.transits.without(id)
    : including(stock.transits, id, { inward, outward });
}

// Judges one command against the state of a stock: the events it makes, or why it makes none. Pure, never throws.
// Facts become events whatever they reveal (R4); a request is accepted only while units are free for its channel.

import { unusedQuotasOfOthers } from '../channel/quota.ts';
import type { Instant } from '../time.ts';
import { isFact, type StockCommand } from './commands.ts';
import { STOCK_EVENT_VERSION, type StockEvent } from './events.ts';
import { alreadyTaken } from './evolve.ts';
import { available } from './levels.ts';
import { lifeOf, turnsAfter, turnsLife } from './life.ts';
import { levelsAfter, type Movement } from './movement.ts';
import { type Reservation, type Stock, transferHold } from './stock.ts';

/** What policy says about this SKU at this location. */
export interface StockPolicy {
  /** Units no request may touch. */
  readonly safetyStock: number;
  /** Units only one channel may promise, in order of precedence. */
  readonly quotas: readonly { readonly channel: string; readonly quantity: number }[];
  /** Facts older than this are parked, in ms. */
  readonly windowMs: number;
  /** How far ahead of our clock a source's may run, in ms. */
  readonly clockSkewMsMax: number;
}

export interface DecisionContext {
  readonly now: Instant;
  readonly policy: StockPolicy;
  /** Who sent the command, when it does not say. */
  readonly source: string;
}

export type RefusalReason =
  | 'insufficient-available'
  | 'stock-frozen'
  | 'stock-retired'
  | 'reservation-exists'
  | 'unknown-reservation'
  | 'exceeds-reservation'
  | 'expiry-not-in-future'
  | 'not-due'
  | 'transfer-exists';

export type Decision =
  | { readonly outcome: 'accepted'; readonly events: readonly StockEvent[] }
  | { readonly outcome: 'duplicate'; readonly revision: number }
  | { readonly outcome: 'refused'; readonly reason: RefusalReason; readonly detail: string };

type Refusal = Extract<Decision, { outcome: 'refused' }>;
type Verdict = Payload | Refusal;
type Unframed<E> = E extends unknown
  ? Omit<E, 'v' | 'commandId' | 'source' | 'sequence' | 'occurredAt' | 'recordedAt'>
  : never;
type Payload = Unframed<Movement>;

export function decide(stock: Stock, command: StockCommand, context: DecisionContext): Decision {
  const taken = alreadyTaken(stock, command.id);
  if (taken !== undefined) return { outcome: 'duplicate', revision: taken };

  const recordedAt = Math.max(context.now, stock.recordedAt);
  const occurredAt = command.occurredAt ?? recordedAt;
  const verdict =
    parked(command, occurredAt, recordedAt, context.policy) ?? judge(stock, command, recordedAt, context.policy);
  if ('outcome' in verdict) return verdict;

  const frame = {
    v: STOCK_EVENT_VERSION,
    commandId: command.id,
    source: command.source?.id ?? context.source,
    ...(command.source?.sequence === undefined ? undefined : { sequence: command.source.sequence }),
    occurredAt,
    recordedAt,
  };
  const movement = { ...verdict, ...frame } as Movement;
  const life = turnsLife(movement) ? { life: lifeOf(turnsAfter(stock.turns, movement)) } : undefined;
  return {
    outcome: 'accepted',
    events: [{ ...movement, levels: levelsAfter(stock, movement), ...life } as StockEvent],
  };
}

/** A fact from outside the window cannot be judged: it is kept, moves nothing, and waits for somebody. */
function parked(command: StockCommand, occurredAt: Instant, now: Instant, policy: StockPolicy): Payload | undefined {
  if (!isFact(command)) return undefined;
  const reason =
    occurredAt < now - policy.windowMs
      ? 'too-old'
      : occurredAt > now + policy.clockSkewMsMax
        ? 'from-the-future'
        : undefined;
  if (reason === undefined) return undefined;
  const { id: _, source: __, sku: ___, location: ____, ...fact } = command;
  return { type: 'FactParked', reason, fact: fact as Record<string, string | number> };
}

function judge(stock: Stock, command: StockCommand, now: Instant, policy: StockPolicy): Verdict {
  switch (command.type) {
    case 'sale':
      return {
        type: 'UnitsSold',
        quantity: command.quantity,
        ...optional('channel', command.channel),
        ...consumes(stock, command.reservationId, command.quantity),
      };
    case 'return':
      return {
        type: 'UnitsReturned',
        quantity: command.quantity,
        disposition: command.disposition,
        ...optional('channel', command.channel),
      };
    case 'receipt':
      return { type: 'UnitsReceived', quantity: command.quantity, ...optional('reference', command.reference) };
    case 'adjustment':
      return { type: 'StockAdjusted', quantity: command.quantity, reason: command.reason };
    case 'count':
      return { type: 'StockCounted', counted: command.counted, ...optional('reason', command.reason) };
    case 'fulfilment': {
      const { reservationId, quantity } = command;
      return { type: 'FulfilmentConfirmed', quantity, reservationId, ...consumes(stock, reservationId, quantity) };
    }
    case 'quarantine':
      return { type: 'UnitsQuarantined', quantity: command.quantity, reason: command.reason };
    case 'disposition':
      return { type: 'QuarantineDisposed', quantity: command.quantity, disposition: command.disposition };
    case 'freeze':
      return { type: 'StockFrozen', reason: command.reason };
    case 'unfreeze':
      return { type: 'StockUnfrozen', reason: command.reason };
    case 'retire':
      return { type: 'StockRetired', reason: command.reason };
    case 'reinstate':
      return { type: 'StockReinstated', reason: command.reason };
    case 'transfer.request':
    case 'transfer.dispatch':
    case 'transfer.settle':
    case 'transfer.expect':
    case 'transfer.receive':
    case 'transfer.short':
    case 'transfer.over':
      return judgeTransfer(stock, command, policy);
    default:
      return judgeReservation(stock, command, now, policy);
  }
}

type TransferCommand = Extract<StockCommand, { transferId: string }>;

function judgeTransfer(stock: Stock, command: TransferCommand, policy: StockPolicy): Verdict {
  const { transferId, quantity } = command;
  switch (command.type) {
    case 'transfer.request': {
      if (stock.reservations.has(transferHold(transferId)))
        return refused('transfer-exists', `${transferId} is already requested`);
      return (
        unlessShort(stock, quantity, undefined, policy) ?? {
          type: 'TransferRequested',
          transferId,
          quantity,
          to: command.to,
        }
      );
    }
    case 'transfer.dispatch':
      return {
        type: 'TransferDispatched',
        transferId,
        quantity,
        to: command.to,
        ...consumes(stock, transferHold(transferId), quantity),
      };
    case 'transfer.settle':
      return { type: 'TransferSettled', transferId, quantity };
    case 'transfer.expect':
      return { type: 'TransferExpected', transferId, quantity, from: command.from };
    case 'transfer.receive':
      return { type: 'TransferReceived', transferId, quantity, from: command.from };
    case 'transfer.short':
      return { type: 'TransferShort', transferId, quantity, end: command.end };
    case 'transfer.over':
      return { type: 'TransferOver', transferId, quantity, end: command.end };
  }
}

type ReservationCommand = Extract<StockCommand, { type: `reservation.${string}` }>;

function judgeReservation(stock: Stock, command: ReservationCommand, now: Instant, policy: StockPolicy): Verdict {
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
      return within(units(reservation), command.quantity, (quantity) => ({
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

function units(reservation: Reservation): number {
  return reservation.held + reservation.committed;
}

function within(limit: number, asked: number | undefined, event: (quantity: number) => Payload): Verdict {
  const quantity = asked ?? limit;
  if (quantity > limit || limit === 0)
    return refused('exceeds-reservation', `${limit} units can be, ${quantity} were asked for`);
  return event(quantity);
}

/** P4: what a request takes must be free: above safety stock and the unused quotas of other channels. */
function unlessShort(
  stock: Stock,
  quantity: number,
  channel: string | undefined,
  policy: StockPolicy,
): Refusal | undefined {
  if (stock.life === 'retired') return refused('stock-retired', 'this SKU is no longer sold from this location');
  if (stock.life === 'frozen') return refused('stock-frozen', 'this stock is frozen');
  const pool = Math.max(0, available(stock.levels) - policy.safetyStock);
  const reservedBy = (other: string) => stock.reservedByChannel.get(other) ?? 0;
  const free = Math.max(0, pool - unusedQuotasOfOthers(pool, policy.quotas, reservedBy, channel));
  if (quantity <= free) return undefined;
  return refused('insufficient-available', `${free} units are free here, ${quantity} were asked for`);
}

function consumes(stock: Stock, reservationId: string | undefined, quantity: number) {
  const reservation = reservationId === undefined ? undefined : stock.reservations.get(reservationId);
  if (reservationId === undefined || reservation === undefined) return undefined;
  const used = Math.min(units(reservation), quantity);
  return { consumed: { id: reservationId, quantity: used, ...optional('channel', reservation.channel) } };
}

function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: V });
}

function refused(reason: RefusalReason, detail: string): Refusal {
  return { outcome: 'refused', reason, detail };
}

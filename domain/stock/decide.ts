// Judges one command against the state of a stock: the events it makes, or why it makes none. Pure, never throws.
// Facts become events whatever they reveal (R4); a request is accepted only while units are free for its channel.

import type { Instant } from '../time.ts';
import { isFact, type StockCommand } from './commands.ts';
import { STOCK_EVENT_VERSION, type StockEvent } from './events.ts';
import { alreadyTaken } from './evolve.ts';
import { judgeReservation } from './judge-reservation.ts';
import { judgeTransfer } from './judge-transfer.ts';
import { lifeOf, turnsAfter, turnsLife } from './life.ts';
import { levelsAfter, type Movement } from './movement.ts';
import type { Stock } from './stock.ts';
import { consumes, optional, type Payload, type Refusal, type StockPolicy, type Verdict } from './verdict.ts';

export interface DecisionContext {
  readonly now: Instant;
  readonly policy: StockPolicy;
  /** Who sent the command, when it does not say. */
  readonly source: string;
}

export type Decision =
  | { readonly outcome: 'accepted'; readonly events: readonly StockEvent[] }
  | { readonly outcome: 'duplicate'; readonly revision: number }
  | Refusal;

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
    case 'transfer.cancel':
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

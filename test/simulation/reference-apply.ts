// One accepted command and what it does to the reference stock; for a request also whether it might have been accepted
// (P4, and "no expiry before it is due").
import type { Policy } from '../../domain/channel/policy.ts';
import type { StockCommand } from '../../domain/stock/commands.ts';
import { freeFor, type ReferenceStock, unitsMoved } from './reference-stock.ts';

export interface Accepting {
  readonly occurredAt: number;
  readonly recordedAt: number;
  readonly policy: Policy;
}

/** Why it must not have been accepted; undefined: rightly so. */
export function applyAccepted(stock: ReferenceStock, command: StockCommand, accepting: Accepting): string | undefined {
  const { occurredAt: at } = accepting;
  const units = unitsMoved(command);
  if (units !== undefined && units !== 0) stock.moved.push({ at, units });
  switch (command.type) {
    case 'count':
      stock.counts.push({ at, id: command.id, counted: command.counted });
      return undefined;
    case 'sale':
    case 'fulfilment':
      if (command.reservationId !== undefined) useUp(stock, command.reservationId, command.quantity);
      return undefined;
    case 'return':
      if (command.disposition === 'quarantine') stock.quarantined += command.quantity;
      return undefined;
    case 'quarantine':
      stock.quarantined += command.quantity;
      return undefined;
    case 'disposition':
      stock.quarantined -= command.quantity;
      return undefined;
    case 'freeze':
    case 'unfreeze':
      stock.frozen = later(stock.frozen, { at, id: command.id, on: command.type === 'freeze' });
      return undefined;
    case 'retire':
    case 'reinstate':
      stock.retired = later(stock.retired, { at, id: command.id, on: command.type === 'retire' });
      return undefined;
    case 'receipt':
    case 'adjustment':
      return undefined;
    default:
      return 'transferId' in command
        ? applyTransfer(stock, command, accepting)
        : applyReservation(stock, command, accepting);
  }
}

function later<S extends { readonly at: number; readonly id: string }>(before: S | undefined, now: S): S {
  if (before === undefined || now.at > before.at) return now;
  return now.at === before.at && now.id > before.id ? now : before;
}

function useUp({ holds }: ReferenceStock, id: string, quantity: number): void {
  const hold = holds.get(id);
  if (hold === undefined) return;
  const promised = Math.min(hold.committed, quantity);
  hold.committed -= promised;
  hold.held -= Math.min(hold.held, quantity - promised);
  if (hold.held + hold.committed === 0) holds.delete(id);
}

type Transferring = Extract<StockCommand, { readonly transferId: string }>;

function applyTransfer(stock: ReferenceStock, command: Transferring, { policy }: Accepting): string | undefined {
  const { transferId: id } = command;
  const move = (units: Map<string, number>, by: number) => void units.set(id, (units.get(id) ?? 0) + by);
  const hold = `transfer ${id}`;
  switch (command.type) {
    case 'transfer.request': {
      const free = freeFor(stock, undefined, policy);
      stock.holds.set(hold, { channel: undefined, held: 0, committed: command.quantity, expiresAt: Infinity });
      return command.quantity > free ? `${free} units were free` : undefined;
    }
    case 'transfer.cancel':
      return stock.holds.delete(hold) ? undefined : 'it was not requested';
    case 'transfer.dispatch':
      useUp(stock, hold, command.quantity);
      move(stock.outward, command.quantity);
      return undefined;
    case 'transfer.settle':
      move(stock.outward, -command.quantity);
      return undefined;
    case 'transfer.expect':
      move(stock.inward, command.quantity);
      return undefined;
    case 'transfer.receive':
      move(stock.inward, -command.quantity);
      return undefined;
    case 'transfer.short':
      move(command.end === 'origin' ? stock.outward : stock.inward, -command.quantity);
      return undefined;
    case 'transfer.over':
      if (command.end === 'destination') move(stock.inward, command.quantity);
      return undefined;
  }
}

type Reserving = Extract<StockCommand, { readonly type: `reservation.${string}` }>;

function applyReservation(stock: ReferenceStock, command: Reserving, accepting: Accepting): string | undefined {
  const { recordedAt, policy } = accepting;
  const { reservationId: id } = command;
  const hold = stock.holds.get(id);
  if (command.type === 'reservation.make') {
    const { channel, quantity, expiresAt } = command;
    const free = freeFor(stock, channel, policy);
    stock.holds.set(id, { channel, held: quantity, committed: 0, expiresAt });
    if (hold !== undefined) return 'it was open already';
    return quantity > free ? `${free} units were free for ${channel}` : undefined;
  }
  if (hold === undefined) return 'it was not open';
  switch (command.type) {
    case 'reservation.renew':
      hold.expiresAt = command.expiresAt;
      return command.expiresAt > recordedAt ? undefined : 'it had expired before it was renewed';
    case 'reservation.commit': {
      const units = command.quantity ?? hold.held;
      const was = hold.held;
      hold.held -= units;
      hold.committed += units;
      return units > was ? `${was} units were held` : undefined;
    }
    case 'reservation.release': {
      const all = hold.held + hold.committed;
      const units = command.quantity ?? all;
      const held = Math.min(hold.held, units);
      hold.held -= held;
      hold.committed -= units - held;
      if (hold.held + hold.committed === 0) stock.holds.delete(id);
      return units > all ? `${all} units were promised` : undefined;
    }
    case 'reservation.expire': {
      const { held, expiresAt } = hold;
      hold.held = 0;
      if (hold.committed === 0) stock.holds.delete(id);
      if (held === 0) return 'nothing was held';
      return expiresAt > recordedAt ? `it was due ${expiresAt - recordedAt} ms later` : undefined;
    }
  }
}

// The names under which what a channel tells is known to Evenstock: made from the channel's own ids, so the same thing has
// the same name by whatever way and however often it arrives.
import { hash } from 'node:crypto';
import { OrderId } from '../../domain/order/commands.ts';
import { Id } from '../../domain/stock/commands.ts';

/** `<channel>-<their id>`; where that cannot be an order id, what can be kept of it and a hash of the whole. */
export function orderIdOf(channel: string, theirs: string): string {
  const name = `${channel}-${theirs}`;
  if (OrderId.safeParse(name).success) return name;
  const kept = name.replaceAll(/[^A-Za-z0-9._-]/g, '_').slice(0, KEPT_LENGTH_MAX);
  return `${kept}-${hash('sha256', name).slice(0, 16)}`;
}
const KEPT_LENGTH_MAX = 47;

/** The id of the command that `what` is, such as `fulfil:<their fulfilment>`: of one order, so it never meets another's. */
export function orderCommandId(channel: string, theirs: string, what: string): string {
  const id = `${channel}:${theirs}:${what}`;
  return Id.safeParse(id).success ? id : `${channel}:${hash('sha256', id)}`;
}

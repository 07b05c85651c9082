// Orders move units, so who owns a movement by policy owns it here too (R14): placing reserves for a channel, and what is
// said to have left or come back is a fulfilment or a return at a location.
import type { Policy } from '../../domain/channel/policy.ts';
import { unitsOfComponents } from '../../domain/order/bundled.ts';
import type { Units } from '../../domain/order/events.ts';
import type { Order } from '../../domain/order/order.ts';
import type { OwnedAct } from '../../domain/policy/ownership.ts';
import type { Client } from '../auth/keys.ts';
import { HttpProblem } from '../problems.ts';

/** @throws HttpProblem `not-owner` */
export function requirePlacingOwner(policy: Policy, client: Client, channel: string): void {
  requireOwner(policy, client, { type: 'reservation.make', channel }, '/channel');
}

interface MovedUnits extends Units {
  readonly location?: string | undefined;
}

/** Units without a location may be from or for any place where the order has some. @throws HttpProblem `not-owner` */
export function requireUnitsOwner(
  policy: Policy,
  client: Client,
  { channel, allocations, lines }: Order,
  type: 'fulfil' | 'return',
  units: readonly MovedUnits[],
): void {
  if (policy.document.ownership.length === 0) return;
  for (const [n, { sku, location }] of unitsOfComponents(lines, units)) {
    const own = allocations.flatMap((one) => (one.sku === sku ? one.location : []));
    for (const place of location === undefined ? new Set(own) : [location]) {
      const act = { type: type === 'fulfil' ? 'fulfilment' : 'return', location: place, channel };
      requireOwner(policy, client, act, `/units/${n}/location`);
    }
  }
}

function requireOwner(policy: Policy, client: Client, act: OwnedAct, path: string): void {
  const rule = policy.notOwner({ client: client.id }, act);
  if (rule === undefined) return;
  const at = act.location === undefined ? `for ${act.channel}` : `at ${act.location}`;
  const message = `${act.type} ${at} is not for ${client.id} to send, by rule ${rule}`;
  throw new HttpProblem('not-owner', `${path} ${message}`, { errors: [{ path, rule: 'not-owner', message }] });
}

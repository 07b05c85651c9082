// What a key that is limited to locations may do with an order: place one that names its own locations, and say what left
// or came back there. Its channel is judged apart.
import type { OrderFlow } from '../../domain/order/flow.ts';
import type { Client } from '../auth/keys.ts';
import { mayUseLocation } from '../auth.ts';
import { HttpProblem } from '../problems.ts';

/**
 * An endless aisle is ordered in a store of the key and comes from elsewhere; every other order must come from its locations.
 * @throws HttpProblem `forbidden`
 */
export function requirePlaces(client: Client, flow: OrderFlow): void {
  if (client.locations === 'all') return;
  if (flow.type === 'ship') {
    throw forbidden('/flow', 'comes from any location of the channel, and this key is limited to some');
  }
  for (const { path, location } of ownPlaces(flow)) requireAt(client, location, path);
}

function ownPlaces(flow: Exclude<OrderFlow, { type: 'ship' }>) {
  switch (flow.type) {
    case 'click-and-collect':
      return [{ path: '/flow/location', location: flow.location }];
    case 'ship-from-store':
      return flow.from.map((location, n) => ({ path: `/flow/from/${n}`, location }));
    case 'endless-aisle':
      return [{ path: '/flow/orderedAt', location: flow.orderedAt }];
  }
}

/** @throws HttpProblem `forbidden` */
export function requireUnits(client: Client, units: readonly { readonly location?: string | undefined }[]): void {
  if (client.locations === 'all') return;
  units.forEach(({ location }, n) => {
    const path = `/units/${n}/location`;
    if (location === undefined) throw forbidden(path, 'must be said by a key that is limited to locations');
    requireAt(client, location, path);
  });
}

function requireAt(client: Client, location: string, path: string): void {
  if (!mayUseLocation(client, location)) {
    throw forbidden(path, `this key is limited to other locations than ${location}`);
  }
}

function forbidden(path: string, message: string): HttpProblem {
  return new HttpProblem('forbidden', `${path} ${message}`, { errors: [{ path, rule: 'forbidden', message }] });
}

// Orders in words: in what state, how they reach the buyer. Shared by the list and the page of one order.
import { html } from 'htm/preact';
import { spoken } from '../../format.ts';
import { Badge, type Tone } from '../../parts/badge.ts';
import type { Order } from './units.ts';

const STATUSES: Readonly<Record<Order['status'], readonly [tone: Tone, title: string]>> = {
  new: ['idle', 'Not placed yet'],
  reserving: ['idle', 'Its units are being reserved'],
  held: ['warn', 'Its units are held until it is confirmed, or its hold expires'],
  confirming: ['idle', 'Its reservations are being committed'],
  confirmed: ['good', 'Its units are committed and have not left'],
  partlyFulfilled: ['good', 'Some of its units have left'],
  fulfilled: ['good', 'All of its units have left'],
  cancelled: ['idle', 'What had not left was cancelled'],
  refused: ['bad', 'Not all of its units could be reserved: none is'],
  expired: ['bad', 'It was not confirmed in time'],
};

/** For the menu. */
export const OPEN_STATUSES = (['reserving', 'held', 'confirming', 'confirmed', 'partlyFulfilled'] as const).map(
  (status) => [status, spoken(status)] as const,
);

export function OrderBadge({ status }: Pick<Order, 'status'>) {
  const [tone, title] = STATUSES[status];
  return html`<${Badge} tone=${tone} text=${spoken(status)} title=${title} />`;
}

/** `ship from store: store-002, store-001`. */
export function flowText(flow: Order['flow']): string {
  const near = 'near' in flow && flow.near !== undefined ? `, near ${flow.near.join(', ')}` : '';
  switch (flow.type) {
    case 'ship':
      return `ship from any location of the channel${near}`;
    case 'click-and-collect':
      return `click and collect at ${flow.location}`;
    case 'ship-from-store':
      return `ship from store: ${flow.from.join(', ')}`;
    case 'endless-aisle':
      return `endless aisle, ordered at ${flow.orderedAt}${near}`;
  }
}

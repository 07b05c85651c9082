// One order: what became of its units, where they are reserved, what it owes, what happened, and what people can say to it.
import { html } from 'htm/preact';
import { useReading } from '../../api/reading.ts';
import { ago, count, duration, instant } from '../../format.ts';
import { Badge, type Tone } from '../../parts/badge.ts';
import { CasesLink } from '../../parts/cases-link.ts';
import type { Pair } from '../../parts/pairs.ts';
import { Empty, Shown } from '../../parts/states.ts';
import { StreamCard } from '../../parts/stream-card.ts';
import { type Column, Table } from '../../parts/table.ts';
import { WorkflowCard } from '../../parts/workflow-card.ts';
import { now } from '../../shell/now.ts';
import { hrefOf } from '../../shell/route.ts';
import { WorkflowActions } from '../../shell/workflow-actions.ts';
import { orderActions } from './actions.ts';
import { type Order, type SkuUnits, unitsBySku } from './units.ts';
import { flowText, OrderBadge } from './words.ts';

export function OrderPage({ id }: { readonly id: string }) {
  const path = `/v1/orders/${encodeURIComponent(id)}`;
  const reading = useReading<Order>(path, 3_000);
  const order = reading.data;
  const actions = order && {
    ...{ path, name: `Order ${id}`, scope: 'orders:write', actions: orderActions(order), changed: reading.reload },
  };
  return html`<div class="heading">
      <h1><a class="up" href=${hrefOf('orders')}>Orders</a> / ${id}</h1>
      ${order && html`<${OrderBadge} ...${order} /><${CasesLink} about=${{ orderId: id }} /><div class="end"><${WorkflowActions} ...${actions} /></div>`}
    </div>
    <${Shown} reading=${reading}>
      ${(one: Order) => html`<div class="cards one">
        <${UnitsCard} order=${one} />
        <${AboutCard} order=${one} />
        <${ReservationsCard} order=${one} />
        <${StreamCard} stream=${`order-${id}`} prefix="Order" />
      </div>`}
    </${Shown}>`;
}

const figure = (n: number, isBad = false) =>
  html`<span class=${isBad && n > 0 ? 'bad-text strong' : ''}>${count(n)}</span>`;

const UNITS: readonly Column<SkuUnits>[] = [
  {
    key: 'sku',
    title: 'SKU',
    by: ({ sku }) => sku,
    cell: ({ sku, bundles }) =>
      html`<a href=${hrefOf('skus', sku)}>${sku}</a>${bundles.length > 0 && html` <small>of ${bundles.join(', ')}</small>`}`,
  },
  { key: 'ordered', title: 'Ordered', isFigure: true, cell: ({ ordered }) => figure(ordered) },
  { key: 'reserved', title: 'Reserved', isFigure: true, cell: ({ reserved }) => figure(reserved) },
  { key: 'short', title: 'Short', isFigure: true, cell: ({ short }) => figure(short, true) },
  { key: 'fulfilled', title: 'Fulfilled', isFigure: true, cell: ({ fulfilled }) => figure(fulfilled) },
  { key: 'cancelled', title: 'Cancelled', isFigure: true, cell: ({ cancelled }) => figure(cancelled) },
  { key: 'returned', title: 'Returned', isFigure: true, isMinor: true, cell: ({ returned }) => figure(returned) },
];

function UnitsCard({ order }: { readonly order: Order }) {
  return html`<section class="card" aria-labelledby="units-title">
    <h2 id="units-title">Units <small>ordered = fulfilled + cancelled + open</small></h2>
    <${Table} caption="Units by SKU" columns=${UNITS} rows=${unitsBySku(order)} keyOf=${({ sku }: SkuUnits) => sku}
      empty=${html`<${Empty} title="It was cancelled before it was placed" />`} />
  </section>`;
}

function AboutCard({ order }: { readonly order: Order }) {
  const { channel, kind, flow, placedAt, expiresAt, owed, revision } = order;
  const leftMs = expiresAt === undefined ? 0 : new Date(expiresAt).getTime() - now.value;
  const pairs: readonly Pair[] = [
    ['Channel', channel && html`<a href=${hrefOf('channels', channel)}>${channel}</a>`],
    ['Kind', kind === 'request' ? 'request: all of it or nothing' : 'commitment: sold already'],
    ['Flow', flowText(flow)],
    ['Placed', `${instant(placedAt, now.value)}, ${ago(placedAt, now.value)}`],
    [
      'Held until',
      expiresAt &&
        `${instant(expiresAt, now.value)}${leftMs > 0 ? `, ${duration(Math.ceil(leftMs / 1_000) * 1_000)} left` : ''}`,
    ],
  ];
  return html`<${WorkflowCard} pairs=${pairs} owed=${owed} revision=${revision} />`;
}

type Reservation = Order['reservations'][number];

const STATES: Readonly<Record<Reservation['state'], readonly [tone: Tone, title: string]>> = {
  asked: ['idle', 'Its stock has not answered'],
  held: ['warn', 'Held until the hold of the order ends'],
  committed: ['good', 'Its units are the order’s until they leave'],
  releasing: ['idle', 'It is being given back'],
  done: ['idle', 'Nothing of it is reserved any more'],
};

const RESERVATIONS: readonly Column<Reservation>[] = [
  { key: 'location', title: 'Location', by: ({ location }) => location },
  { key: 'sku', title: 'SKU', by: ({ sku }) => sku },
  {
    key: 'state',
    title: 'State',
    by: ({ state }) => state,
    cell: ({ state }) => html`<${Badge} tone=${STATES[state][0]} text=${state} title=${STATES[state][1]} />`,
  },
  {
    key: 'quantity',
    title: 'Units',
    isFigure: true,
    by: ({ quantity }) => quantity,
    cell: ({ quantity }) => count(quantity),
  },
  {
    key: 'fulfilled',
    title: 'Fulfilled',
    isFigure: true,
    by: ({ fulfilled }) => fulfilled,
    cell: ({ fulfilled }) => count(fulfilled),
  },
  {
    key: 'id',
    title: 'Reservation',
    isMinor: true,
    cell: ({ reservationId }) => html`<span class="mono">${reservationId}</span>`,
  },
];

function ReservationsCard({ order: { reservations } }: { readonly order: Order }) {
  return html`<section class="card whole" aria-labelledby="reservations-title">
    <h2 id="reservations-title">Reservations <small>by location</small></h2>
    <${Table} caption="Units reserved by location" columns=${RESERVATIONS} rows=${reservations} sortedBy=${{ key: 'location' }}
      keyOf=${({ reservationId }: Reservation) => reservationId}
      empty=${html`<${Empty} title="Nothing is reserved for it" />`} />
  </section>`;
}

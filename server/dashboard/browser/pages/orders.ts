// Orders that are open, the oldest first, by what is chosen in the address; one that has ended is found by its id.
import { html } from 'htm/preact';
import type { z } from 'zod';
import type { OrderList } from '../../../routes/openapi/orders.ts';
import { useReading } from '../api/reading.ts';
import { count, plural } from '../format.ts';
import { Ago } from '../parts/ago.ts';
import { ChannelChoice } from '../parts/channel-choice.ts';
import { askedOf, Choice, Filters, OpenById, Paging } from '../parts/filters.ts';
import { Empty, Shown } from '../parts/states.ts';
import { type Column, Table } from '../parts/table.ts';
import type { PageProps } from '../shell/page.ts';
import { hrefOf } from '../shell/route.ts';
import { OrderPage } from './orders/order.ts';
import { OPEN_STATUSES, OrderBadge } from './orders/words.ts';

type List = z.infer<typeof OrderList>;
type Row = List['orders'][number];

const PAGE_ORDERS = 100;
const EVERY_MS = 5_000;
const FILTERS = ['status', 'channel', 'cursor'] as const;

export function View({ parts: [id], query }: PageProps) {
  return id === undefined ? html`<${Open} query=${query} />` : html`<${OrderPage} key=${id} id=${id} />`;
}

function Open({ query }: { readonly query: URLSearchParams }) {
  const asked = askedOf(query, FILTERS);
  asked.set('limit', String(PAGE_ORDERS));
  const reading = useReading<List>(`/v1/orders?${asked}`, EVERY_MS);
  const isFiltered = query.has('status') || query.has('channel');
  const empty = isFiltered
    ? html`<${Empty} title="No open order is like that" text="Take a filter away to see others; one that has ended is opened by its id." />`
    : html`<${Empty} title="No open orders" text="One that has ended is opened by its id." />`;
  return html`<h1>Orders</h1>
    <div class="beside">
      <${Filters} label="Filter orders">
        <${Choice} name="status" title="Status" query=${query} any="any that is open" options=${OPEN_STATUSES} />
        <${ChannelChoice} query=${query} />
      </${Filters}>
      <${OpenById} page="orders" title="Order id" />
    </div>
    <${Shown} reading=${reading}>
      ${({
        orders,
        next,
      }: List) => html`<p role="status">${plural(orders.length, 'order')}${next !== undefined && ', the oldest of more'}</p>
        <${Table} caption="Open orders, the oldest first" columns=${COLUMNS} rows=${orders} keyOf=${({ id }: Row) => id} empty=${empty} />
        <${Paging} path=${['orders']} query=${query} next=${next} />`}
    </${Shown}>`;
}

const COLUMNS: readonly Column<Row>[] = [
  { key: 'id', title: 'Order', by: ({ id }) => id, cell: ({ id }) => html`<a href=${hrefOf('orders', id)}>${id}</a>` },
  { key: 'status', title: 'Status', by: ({ status }) => status, cell: (row) => html`<${OrderBadge} ...${row} />` },
  { key: 'channel', title: 'Channel', by: ({ channel }) => channel },
  { key: 'kind', title: 'Kind', isMinor: true, by: ({ kind }) => kind },
  {
    key: 'placed',
    title: 'Placed',
    by: ({ placedAt }) => placedAt,
    cell: ({ placedAt }) => html`<${Ago} at=${placedAt} />`,
  },
  {
    key: 'short',
    title: 'Short',
    isFigure: true,
    by: ({ short }) => short,
    cell: ({ short }) => html`<span class=${short > 0 ? 'bad-text strong' : ''}>${count(short)}</span>`,
  },
  {
    key: 'owed',
    title: 'Owed',
    isFigure: true,
    isMinor: true,
    by: ({ owed }) => owed,
    cell: ({ owed }) => count(owed),
  },
];

// Transfers that are open, the oldest first, by what is chosen in the address; one that has ended is found by its id.
import { html } from 'htm/preact';
import type { z } from 'zod';
import type { TransferList } from '../../../routes/openapi/transfers.ts';
import { useReading } from '../api/reading.ts';
import { count, plural } from '../format.ts';
import { Ago } from '../parts/ago.ts';
import { askedOf, Choice, Filters, OpenById, Paging, Ticked, Typed } from '../parts/filters.ts';
import { Empty, Shown } from '../parts/states.ts';
import { type Column, Table } from '../parts/table.ts';
import type { PageProps } from '../shell/page.ts';
import { hrefOf } from '../shell/route.ts';
import { TransferPage } from './transfers/transfer.ts';
import { OPEN_STATUSES, TransferBadge } from './transfers/words.ts';

type List = z.infer<typeof TransferList>;
type Row = List['transfers'][number];

const PAGE_TRANSFERS = 100;
const EVERY_MS = 5_000;
const FILTERS = ['status', 'location', 'stuck'] as const;

export function View({ parts: [id], query }: PageProps) {
  return id === undefined ? html`<${Open} query=${query} />` : html`<${TransferPage} key=${id} ...${{ id, query }} />`;
}

function Open({ query }: { readonly query: URLSearchParams }) {
  const asked = askedOf(query, [...FILTERS, 'cursor']);
  asked.set('limit', String(PAGE_TRANSFERS));
  const reading = useReading<List>(`/v1/transfers?${asked}`, EVERY_MS);
  const isFiltered = FILTERS.some((name) => query.has(name));
  const empty = isFiltered
    ? html`<${Empty} title="No open transfer is like that" text="Take a filter away to see others; one that has ended is opened by its id." />`
    : html`<${Empty} title="No open transfers" text="One that has ended is opened by its id." />`;
  return html`<h1>Transfers</h1>
    <div class="beside">
      <${Filters} label="Filter transfers">
        <${Choice} name="status" title="Status" query=${query} any="any that is open" options=${OPEN_STATUSES} />
        <${Typed} name="location" title="Location" query=${query} placeholder="at either end" />
        <${Ticked} name="stuck" title="Stuck only" query=${query} />
      </${Filters}>
      <${OpenById} page="transfers" title="Transfer id" />
    </div>
    <${Shown} reading=${reading}>
      ${({
        transfers,
        next,
      }: List) => html`<p role="status">${plural(transfers.length, 'transfer')}${next !== undefined && ', the oldest of more'}</p>
        <${Table} caption="Open transfers, the oldest first" columns=${COLUMNS} rows=${transfers} keyOf=${({ id }: Row) => id} empty=${empty} />
        <${Paging} path=${['transfers']} query=${query} next=${next} />`}
    </${Shown}>`;
}

const COLUMNS: readonly Column<Row>[] = [
  {
    ...{ key: 'id', title: 'Transfer', by: ({ id }: Row) => id },
    cell: ({ id }) => html`<a href=${hrefOf('transfers', id)}>${id}</a>`,
  },
  { key: 'status', title: 'Status', by: ({ status }) => status, cell: (row) => html`<${TransferBadge} ...${row} />` },
  { key: 'from', title: 'From', by: ({ from }) => from },
  { key: 'to', title: 'To', by: ({ to }) => to },
  {
    key: 'setAside',
    title: 'Set aside',
    isFigure: true,
    by: ({ setAside }) => setAside,
    cell: ({ setAside }) => count(setAside),
  },
  {
    key: 'underWay',
    title: 'In-transit',
    isFigure: true,
    by: ({ underWay }) => underWay,
    cell: ({ underWay }) => count(underWay),
  },
  {
    key: 'back',
    title: 'Coming back',
    isFigure: true,
    isMinor: true,
    by: ({ comingBack }) => comingBack,
    cell: ({ comingBack }) => count(comingBack),
  },
  {
    key: 'opened',
    title: 'Asked for',
    isMinor: true,
    by: ({ openedAt }) => openedAt,
    cell: ({ openedAt }) => html`<${Ago} at=${openedAt} />`,
  },
  {
    key: 'heard',
    title: 'Last heard',
    by: ({ heardAt }) => heardAt,
    cell: ({ heardAt }) => html`<${Ago} at=${heardAt} />`,
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

// One transfer: what became of its units, how both ends stand, what went wrong, what happened, and what people can say.
import { html } from 'htm/preact';
import { useReading } from '../../api/reading.ts';
import { may } from '../../api/session.ts';
import { ago, count, instant } from '../../format.ts';
import { CasesLink } from '../../parts/cases-link.ts';
import type { Pair } from '../../parts/pairs.ts';
import { Shown } from '../../parts/states.ts';
import { StreamCard } from '../../parts/stream-card.ts';
import { type Column, Table } from '../../parts/table.ts';
import { WorkflowCard } from '../../parts/workflow-card.ts';
import { now } from '../../shell/now.ts';
import { hrefOf } from '../../shell/route.ts';
import { WorkflowActions } from '../../shell/workflow-actions.ts';
import { transferActions } from './actions.ts';
import { EndsCard } from './ends.ts';
import { type Line, type Transfer, TransferBadge } from './words.ts';

export function TransferPage({ id, query }: { readonly id: string; readonly query: URLSearchParams }) {
  const path = `/v1/transfers/${encodeURIComponent(id)}`;
  const reading = useReading<Transfer>(path, 3_000);
  const transfer = reading.data;
  const actions = transfer && {
    ...{ path, name: `Transfer ${id}`, scope: 'transfers:write', changed: reading.reload },
    actions: transferActions(transfer),
  };
  return html`<div class="heading">
      <h1><a class="up" href=${hrefOf('transfers')}>Transfers</a> / ${id}</h1>
      ${transfer && html`<${TransferBadge} ...${transfer} /><${CasesLink} about=${{ transferId: id }} /><div class="end"><${WorkflowActions} ...${actions} /></div>`}
    </div>
    <${Shown} reading=${reading}>
      ${(one: Transfer) => html`<div class="cards one">
        <${LinesCard} lines=${one.lines} />
        ${may('stock:read') && html`<${EndsCard} transfer=${one} query=${query} />`}
        <${AboutCard} transfer=${one} />
        ${one.discrepancies.length > 0 && html`<${DiscrepanciesCard} transfer=${one} />`}
        <${StreamCard} stream=${`transfer-${id}`} prefix="Transfer" />
      </div>`}
    </${Shown}>`;
}

/** A figure that is 0 is there, and quiet. */
const figure = (n: number, loud = '') => html`<span class=${n === 0 ? 'quiet-text' : loud}>${count(n)}</span>`;

const LINES: readonly Column<Line>[] = [
  {
    key: 'sku',
    title: 'SKU',
    by: ({ sku }) => sku,
    cell: ({ sku, refusal }) =>
      html`<a href=${hrefOf('skus', sku)}>${sku}</a>${refusal && html` <small class="bad-text">${refusal.detail}</small>`}`,
  },
  { key: 'requested', title: 'Asked for', isFigure: true, cell: ({ requested }) => figure(requested) },
  { key: 'setAside', title: 'Set aside', isFigure: true, cell: ({ setAside }) => figure(setAside) },
  { key: 'dispatched', title: 'Dispatched', isFigure: true, cell: ({ dispatched }) => figure(dispatched) },
  { key: 'underWay', title: 'In-transit', isFigure: true, cell: ({ underWay }) => figure(underWay, 'strong') },
  { key: 'received', title: 'Received', isFigure: true, cell: ({ received }) => figure(received) },
  { key: 'over', title: 'Over', isFigure: true, isMinor: true, cell: ({ over }) => figure(over, 'warn-text strong') },
  {
    key: 'short',
    title: 'Short',
    isFigure: true,
    cell: ({ short, shortBack }) => figure(short + shortBack, 'bad-text strong'),
  },
  {
    key: 'rejected',
    title: 'Rejected',
    isFigure: true,
    isMinor: true,
    cell: ({ rejected }) => figure(rejected, 'warn-text strong'),
  },
  {
    key: 'comingBack',
    title: 'Coming back',
    isFigure: true,
    isMinor: true,
    cell: ({ comingBack }) => figure(comingBack),
  },
  { key: 'returned', title: 'Returned', isFigure: true, isMinor: true, cell: ({ returned }) => figure(returned) },
];

function LinesCard({ lines }: { readonly lines: readonly Line[] }) {
  return html`<section class="card whole" aria-labelledby="lines-title">
    <h2 id="lines-title">Units <small>dispatched = in-transit + received + short + rejected</small></h2>
    <${Table} caption="Units by SKU" columns=${LINES} rows=${lines} keyOf=${({ sku }: Line) => sku} />
  </section>`;
}

function AboutCard({ transfer }: { readonly transfer: Transfer }) {
  const { from, to, openedAt, heardAt, owed, revision } = transfer;
  const pairs: readonly Pair[] = [
    ['From', from],
    ['To', to],
    ['Asked for', `${instant(openedAt, now.value)}, ${ago(openedAt, now.value)}`],
    ['Last heard of', ago(heardAt, now.value)],
  ];
  return html`<${WorkflowCard} pairs=${pairs} owed=${owed} revision=${revision} />`;
}

type Discrepancy = Transfer['discrepancies'][number];

const DISCREPANCIES: readonly Column<Discrepancy>[] = [
  { key: 'at', title: 'When', cell: ({ occurredAt }) => instant(occurredAt, now.value) },
  {
    key: 'type',
    title: 'What',
    cell: ({ type, leg }) => html`<strong>${type}${leg === 'back' && ' on the way back'}</strong>`,
  },
  {
    key: 'lines',
    title: 'Units',
    cell: ({ lines }) =>
      html`<span class="wrap">${lines.map(({ sku, quantity }) => `${count(quantity)} ${sku}`).join(', ')}</span>`,
  },
  { key: 'reason', title: 'Why', cell: ({ reason }) => html`<span class="wrap">${reason ?? '–'}</span>` },
];

function DiscrepanciesCard({ transfer: { discrepancies } }: { readonly transfer: Transfer }) {
  const rows = discrepancies.map((one, n) => ({ ...one, n }));
  return html`<section class="card whole" aria-labelledby="discrepancies-title">
    <h2 id="discrepancies-title">Discrepancies</h2>
    <${Table} caption="What was short, over or rejected" columns=${DISCREPANCIES} rows=${rows} keyOf=${({ n }: { readonly n: number }) => String(n)} />
  </section>`;
}

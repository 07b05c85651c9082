// What a channel was told last, and the values that it refuses.
import { html } from 'htm/preact';
import type { z } from 'zod';
import type { PublishingHistory } from '../../../../routes/openapi/publishing-history.ts';
import { may } from '../../api/session.ts';
import { count, duration, instant, plural, spoken } from '../../format.ts';
import { Empty } from '../../parts/states.ts';
import { type Column, Table } from '../../parts/table.ts';
import { now } from '../../shell/now.ts';
import { republish } from './actions.ts';

export type History = z.infer<typeof PublishingHistory>;
type Told = History['events'][number];
type Refused = History['refused'][number];

/** What each event of the channel's stream is called here. */
const EVENTS: Readonly<Record<string, string>> = {
  AvailabilityPublished: 'told',
  AvailabilityReadBack: 'read back',
  PublishingStarted: 'started',
  PublishingStopped: 'stopped',
  PublishingHeld: 'held on to',
  PublishingAsked: 'asked for',
  PublishingPaused: 'paused',
  PublishingResumed: 'resumed',
  RepublishRequested: 'to be told again',
};

const GOOD = new Set(['confirmed', 'applied']);

export function ToldCard({ events }: { readonly events: readonly Told[] }) {
  return html`<section class="card" aria-labelledby="told-title">
    <h2 id="told-title">Told last <small>newest first, from its stream in the log</small></h2>
    <${Table} caption="What the channel was told last" columns=${TOLD} rows=${events} keyOf=${({ position }: Told) => position}
      empty=${html`<${Empty} title="It was told nothing yet" />`} />
  </section>`;
}

const TOLD: readonly Column<Told>[] = [
  { key: 'at', title: 'When', cell: ({ at }) => instant(at, now.value) },
  {
    key: 'event',
    title: 'What',
    cell: ({ event, by, lane }) =>
      html`${EVENTS[event] ?? event}${lane === 'bulk' && ' in bulk'}${by && html` by <strong>${by}</strong>`}`,
  },
  { key: 'updates', title: 'SKUs', isFigure: true, cell: ({ updates }) => count(updates) },
  { key: 'outcomes', title: 'Outcome', cell: ({ outcomes }) => outcomes && html`<${Outcomes} of=${outcomes} />` },
  { key: 'took', title: 'Took', isFigure: true, isMinor: true, cell: ({ tookMs }) => duration(tookMs) },
  { key: 'lag', title: 'Lag', isFigure: true, cell: ({ lagMs }) => duration(lagMs || undefined) },
  { key: 'detail', title: 'Why', cell: ({ detail }) => html`<span class="cut" title=${detail}>${detail ?? ''}</span>` },
];

function Outcomes({ of }: { readonly of: Readonly<Record<string, number>> }) {
  return Object.entries(of).map(
    ([outcome, n]) =>
      html`<span key=${outcome} class=${GOOD.has(outcome) ? 'good-text' : 'warn-text'}>${count(n)} ${spoken(outcome)} </span>`,
  );
}

interface RefusedProps {
  readonly channel: string;
  readonly refused: readonly Refused[];
  changed(): void;
}

export function RefusedCard({ channel, refused, changed }: RefusedProps) {
  const again = (skus: readonly string[]) => void republish(channel, skus).then(changed);
  const isAllowed = may('publishing:write');
  const columns: readonly Column<Refused>[] = [
    { key: 'sku', title: 'SKU', by: ({ sku }) => sku },
    { key: 'units', title: 'Units', isFigure: true, by: ({ units }) => units, cell: ({ units }) => count(units) },
    { key: 'reason', title: 'Why', by: ({ reason }) => reason },
    {
      key: 'again',
      title: 'Action',
      cell: ({ sku }) =>
        html`<button type="button" class="quiet" disabled=${!isAllowed} onClick=${() => again([sku])}>Tell again …<span class="visually-hidden"> ${sku}</span></button>`,
    },
  ];
  return html`<section class="card" aria-labelledby="refused-title">
    <h2 id="refused-title">Refused now <small>${plural(refused.length, 'value')}</small></h2>
    <${Table} caption="Values that the channel refuses" columns=${columns} rows=${refused} keyOf=${({ sku }: Refused) => sku}
      empty=${html`<${Empty} title="It refuses nothing" />`} />
  </section>`;
}

// Runs of reconciliation, newest first, and what is compared by schedule; one is started on demand.
import { html } from 'htm/preact';
import type { z } from 'zod';
import type { ReconciliationList } from '../../../routes/openapi/reconciliation.ts';
import { useReading } from '../api/reading.ts';
import { count, duration, instant, plural } from '../format.ts';
import { Ago } from '../parts/ago.ts';
import { Badge } from '../parts/badge.ts';
import { ChannelChoice } from '../parts/channel-choice.ts';
import { askedOf, Filters, Typed } from '../parts/filters.ts';
import { Empty, Shown } from '../parts/states.ts';
import { type Column, Table } from '../parts/table.ts';
import { now } from '../shell/now.ts';
import type { PageProps } from '../shell/page.ts';
import { hrefOf } from '../shell/route.ts';
import { RunPage } from './reconciliations/run.ts';
import { CompareButton } from './reconciliations/start.ts';
import { type Run, resultOf, subjectText } from './reconciliations/words.ts';

type List = z.infer<typeof ReconciliationList>;
type Due = List['schedule'][number];

const SHOWN_MAX = 200;
const EVERY_MS = 5_000;
const FILTERS = ['channel', 'system', 'location'] as const;

export function View({ parts: [id], query }: PageProps) {
  return id === undefined ? html`<${Runs} query=${query} />` : html`<${RunPage} key=${id} ...${{ id, query }} />`;
}

function Runs({ query }: { readonly query: URLSearchParams }) {
  const asked = askedOf(query, FILTERS);
  const isFiltered = asked.size > 0;
  asked.set('limit', String(SHOWN_MAX));
  const reading = useReading<List>(`/v1/reconciliations?${asked}`, EVERY_MS);
  const empty = isFiltered
    ? html`<${Empty} title="Nothing like that was compared" text="Take a filter away to see other runs." />`
    : html`<${Empty} title="Nothing was compared yet" text="The policy schedules runs; or compare now." />`;
  return html`<div class="heading">
      <h1>Reconciliation</h1>
      <div class="end actions"><${CompareButton} label="Compare now" /></div>
    </div>
    <${Filters} label="Filter runs">
      <${ChannelChoice} query=${query} />
      <${Typed} name="system" title="ERP or other system" query=${query} placeholder="any" />
      <${Typed} name="location" title="Location" query=${query} placeholder="any" />
    </${Filters}>
    <${Shown} reading=${reading}>
      ${({
        reconciliations,
        schedule,
      }: List) => html`<p role="status">${plural(reconciliations.length, 'run')}${reconciliations.length === SHOWN_MAX && ', the newest of more'}</p>
        <${Table} caption="Runs, newest first" columns=${RUNS} rows=${reconciliations} keyOf=${({ id }: Run) => id} empty=${empty} />
        ${schedule.length > 0 && html`<${Scheduled} schedule=${schedule} />`}`}
    </${Shown}>`;
}

const RUNS: readonly Column<Run>[] = [
  { key: 'subject', title: 'Compared with', by: subjectText },
  {
    key: 'run',
    title: 'Run',
    by: ({ id }) => id,
    cell: ({ id }) => html`<a href=${hrefOf('reconciliations', id)}>${id}</a>`,
  },
  {
    key: 'result',
    title: 'Result',
    by: ({ comparison }) => comparison?.different,
    cell: (run) => html`<${Badge} ...${resultOf(run)} title=${run.reason} />`,
  },
  {
    key: 'corrected',
    title: 'Corrected',
    isFigure: true,
    by: ({ corrected }) => corrected.republish + corrected.count,
    cell: ({ corrected, shadow }) =>
      shadow ? html`<small>shadow</small>` : count(corrected.republish + corrected.count),
  },
  {
    key: 'cases',
    title: 'Cases',
    isFigure: true,
    isMinor: true,
    by: ({ corrected }) => corrected.case,
    cell: ({ corrected }) => count(corrected.case),
  },
  {
    key: 'started',
    title: 'Started',
    by: ({ startedAt }) => startedAt,
    cell: ({ startedAt }) => html`<${Ago} at=${startedAt} />`,
  },
  {
    key: 'took',
    title: 'Took',
    isFigure: true,
    isMinor: true,
    cell: ({ startedAt, endedAt }) => endedAt && duration(Date.parse(endedAt) - Date.parse(startedAt)),
  },
  { key: 'by', title: 'By', isMinor: true, by: ({ by, cause }) => (cause === 'schedule' ? 'schedule' : by) },
];

const SCHEDULE: readonly Column<Due>[] = [
  { key: 'subject', title: 'Compared with', by: subjectText },
  {
    key: 'every',
    title: 'Every',
    isFigure: true,
    by: ({ everyMinutes }) => everyMinutes,
    cell: ({ everyMinutes }) => duration(everyMinutes * 60_000),
  },
  { key: 'due', title: 'Next', by: ({ dueAt }) => dueAt, cell: ({ dueAt }) => instant(dueAt, now.value) },
  {
    key: 'now',
    title: 'Action',
    cell: ({ channel, system, location }) =>
      html`<${CompareButton} subject=${channel === undefined ? { system, location } : { channel }} label="Compare now" />`,
  },
];

function Scheduled({ schedule }: { readonly schedule: readonly Due[] }) {
  return html`<section class="card apart" aria-labelledby="schedule-title">
    <h2 id="schedule-title">By schedule <small>from the policy</small></h2>
    <${Table} caption="What is compared by schedule" columns=${SCHEDULE} rows=${schedule} keyOf=${subjectText} />
  </section>`;
}

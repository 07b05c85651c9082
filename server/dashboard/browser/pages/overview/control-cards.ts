// What people control by: cases by age, what was compared with others and when, what waits for the ERPs.
import { html } from 'htm/preact';
import type { Overview } from '../../api/watching.ts';
import { ago, count, duration, plural } from '../../format.ts';
import { Badge, type Tone } from '../../parts/badge.ts';
import { SplitBar } from '../../parts/split-bar.ts';
import { Empty } from '../../parts/states.ts';
import { type Column, Table } from '../../parts/table.ts';
import { now } from '../../shell/now.ts';
import { hrefOf, hrefWith } from '../../shell/route.ts';

type Cases = NonNullable<Overview['cases']>;
type Subject = NonNullable<Overview['reconciliation']>[number];
type Erp = NonNullable<Overview['erps']>[number];

const AGES = [
  ['under-1h', 'under 1 h'],
  ['1h-to-1d', '1 h to 1 d'],
  ['1d-to-7d', '1 to 7 d'],
  ['over-7d', 'over 7 d'],
] as const;

export function CasesCard({ cases }: { readonly cases: Cases }) {
  const kinds = Object.entries(cases.byKind).toSorted(([, a], [, b]) => b - a);
  const ages = AGES.map(([key, name], n) => ({ name, value: cases.byAge[key] ?? 0, level: n + 1 }));
  return html`<section class="card" aria-labelledby="cases-title">
    <h2 id="cases-title"><a href=${hrefOf('cases')}>Open cases</a>
      <small>${cases.overdue > 0 ? html`<a href=${hrefWith({ overdue: 'true' }, 'cases')}>${count(cases.overdue)} overdue</a>` : 'none overdue'}</small></h2>
    ${
      cases.open === 0
        ? html`<${Empty} title="No open case" text="Nothing needs a person now." />`
        : html`<${SplitBar} label="Open cases by age" parts=${ages} />
          <dl class="pairs">
            ${kinds.map(([kind, n]) => html`<div key=${kind}><dt><a href=${hrefWith({ kind }, 'cases')}>${kind.replaceAll('-', ' ')}</a></dt><dd>${count(n)}</dd></div>`)}
          </dl>`
    }
  </section>`;
}

export function ReconciliationCard({ subjects }: { readonly subjects: readonly Subject[] }) {
  return html`<section class="card" aria-labelledby="reconciliation-title">
    <h2 id="reconciliation-title">Reconciliation</h2>
    <${Table} caption="What is compared with others" columns=${SUBJECT_COLUMNS} rows=${subjects} keyOf=${nameOf}
      empty=${html`<${Empty} title="Nothing is compared" text="The policy schedules no reconciliation, and none was started." />`} />
  </section>`;
}

const SUBJECT_COLUMNS: readonly Column<Subject>[] = [
  {
    key: 'subject',
    title: 'Compared with',
    by: nameOf,
    cell: (subject) =>
      subject.last === undefined
        ? nameOf(subject)
        : html`<a href=${hrefOf('reconciliations', subject.last.id)}>${nameOf(subject)}</a>`,
  },
  {
    key: 'result',
    title: 'Last run',
    by: ({ last }) => last?.different,
    cell: (subject) => html`<${Badge} ...${resultOf(subject)} />`,
  },
  {
    key: 'at',
    title: 'When',
    isFigure: true,
    by: ({ last }) => last?.at,
    cell: ({ last, dueAt }) => html`<span title=${dueAt && `due ${dueAt}`}>${ago(last?.at, now.value)}</span>`,
  },
];

function nameOf({ channel, system, location }: Subject): string {
  return channel ?? `${system} at ${location}`;
}

function resultOf({ last, failures }: Subject): { readonly tone: Tone; readonly text: string } {
  if (last === undefined) return { tone: 'idle', text: 'never' };
  if (last.state === 'failed') return { tone: 'bad', text: `failed ${plural(failures, 'time')}` };
  if (last.state !== 'completed') return { tone: 'idle', text: last.state };
  if (last.different === 0) return { tone: 'good', text: `all ${count(last.skus)} equal` };
  return { tone: 'warn', text: `${count(last.different)} of ${count(last.skus)} differ` };
}

export function ErpsCard({ erps }: { readonly erps: readonly Erp[] }) {
  return html`<section class="card" aria-labelledby="erps-title">
    <h2 id="erps-title">ERP queue</h2>
    <${Table} caption="ERPs" columns=${ERP_COLUMNS} rows=${erps} keyOf=${({ erp }: Erp) => erp}
      empty=${html`<${Empty} title="No ERP" text="The policy names none that keeps the books." />`} />
  </section>`;
}

const ERP_TONES: Readonly<Record<string, Tone>> = {
  current: 'good',
  posting: 'good',
  starting: 'idle',
  off: 'idle',
  window: 'warn',
  held: 'warn',
  outage: 'bad',
  failed: 'bad',
};

const ERP_COLUMNS: readonly Column<Erp>[] = [
  { key: 'erp', title: 'ERP', by: ({ erp }) => erp },
  {
    key: 'state',
    title: 'State',
    by: ({ state }) => state,
    cell: ({ state, lastError }) =>
      html`<${Badge} tone=${ERP_TONES[state] ?? 'idle'} text=${state} title=${lastError} />`,
  },
  {
    key: 'waiting',
    title: 'Waiting',
    isFigure: true,
    by: ({ waiting }) => waiting,
    cell: ({ waiting }) => count(waiting),
  },
  {
    key: 'oldest',
    title: 'Oldest',
    isFigure: true,
    by: ({ oldestWaitingMs }) => oldestWaitingMs,
    cell: ({ waiting, oldestWaitingMs }) => (waiting === 0 ? '–' : duration(oldestWaitingMs)),
  },
  { key: 'parked', title: 'Apart', isFigure: true, by: ({ parked }) => parked, cell: ({ parked }) => count(parked) },
  {
    key: 'rate',
    title: 'a minute',
    isFigure: true,
    by: ({ postedLastMinute }) => postedLastMinute,
    cell: ({ postedLastMinute }) => count(postedLastMinute),
  },
];

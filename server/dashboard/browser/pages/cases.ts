// The inbox of exception cases: the most severe first, then the oldest. Filtered by the address, so that a filter can be
// kept and sent on; a selection is worked on at once.
import { html } from 'htm/preact';
import { useEffect, useState } from 'preact/hooks';
import type { z } from 'zod';
import type { CaseList } from '../../../routes/openapi/case-documents.ts';
import { useReading } from '../api/reading.ts';
import { count, duration, plural } from '../format.ts';
import { askedOf, Choice, Filters, Ticked, Typed } from '../parts/filters.ts';
import { Empty, Shown } from '../parts/states.ts';
import { type Column, Table } from '../parts/table.ts';
import { now } from '../shell/now.ts';
import type { PageProps } from '../shell/page.ts';
import { setQuery } from '../shell/route.ts';
import { BulkProgress, CaseActions, NotDone, notDone } from './cases/actions.ts';
import { CasePage } from './cases/case.ts';
import {
  About,
  aboutOf,
  type Case,
  caseHref,
  isOpen,
  KINDS,
  Overdue,
  SEVERITIES,
  SeverityBadge,
  STATUSES,
  StatusBadge,
} from './cases/words.ts';

type List = z.infer<typeof CaseList>;

const SHOWN_MAX = 1_000;
const EVERY_MS = 10_000;
const FILTERS = ['status', 'kind', 'severity', 'owner', 'overdue', 'sku'] as const;
/** Set by links from other pages, taken away here. */
const LINKED = {
  location: 'location',
  channel: 'channel',
  source: 'source',
  orderId: 'order',
  transferId: 'transfer',
} as const;
const ASKED = [...FILTERS, ...Object.keys(LINKED)];

export function View({ parts: [id], query }: PageProps) {
  return id === undefined ? html`<${Inbox} query=${query} />` : html`<${CasePage} key=${id} id=${id} />`;
}

function Inbox({ query }: { readonly query: URLSearchParams }) {
  const asked = askedOf(query, ASKED);
  asked.set('limit', String(SHOWN_MAX));
  const reading = useReading<List>(`/v1/cases?${asked}`, EVERY_MS);
  const isFiltered = ASKED.some((name) => query.has(name));
  return html`<h1>Cases</h1>
    <${CaseFilters} query=${query} />
    <${BulkProgress} />
    <${NotDone} />
    <${Shown} reading=${reading}>
      ${(list: List) => html`<${Listed} key=${asked.toString()} ...${{ list, isFiltered, changed: reading.reload }} />`}
    </${Shown}>`;
}

const named = (names: readonly string[]) => names.map((one) => [one, one] as const);
const OTHER_STATUSES = named(STATUSES.filter((one) => one !== 'open'));

function CaseFilters({ query }: { readonly query: URLSearchParams }) {
  return html`<${Filters} label="Filter cases">
    <${Choice} name="status" title="Status" query=${query} any="open or assigned" options=${OTHER_STATUSES} />
    <${Choice} name="kind" title="Kind" query=${query} any="any" options=${named(KINDS)} />
    <${Choice} name="severity" title="Severity" query=${query} any="any" options=${named(SEVERITIES)} />
    <${Typed} name="owner" title="Owner" query=${query} placeholder="anybody" />
    <${Typed} name="sku" title="SKU" query=${query} placeholder="any, in full" />
    <${Ticked} name="overdue" title="Overdue only" query=${query} />
    ${Object.entries(LINKED).map(([name, title]) => query.has(name) && html`<${Linked} key=${name} ...${{ name, title, id: query.get(name)! }} />`)}
  </${Filters}>`;
}

function Linked({ name, title, id }: { readonly name: string; readonly title: string; readonly id: string }) {
  return html`<button type="button" title="Take this filter away" onClick=${() => setQuery({ [name]: undefined })}>${title} ${id} <span aria-hidden="true">✕</span></button>`;
}

interface ListedProps {
  readonly list: List;
  readonly isFiltered: boolean;
  changed(): Promise<void>;
}

function Listed({ list: { cases, counts, next }, isFiltered, changed }: ListedProps) {
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  // What is not listed any more was closed, or is out of sight: nothing is done to it.
  const selected = cases.filter(({ id }) => picked.has(id));
  const not = notDone.value;
  useEffect(() => {
    if (not.length > 0) setPicked(new Set(not.map(({ id }) => id)));
  }, [not]);
  const acted = () => {
    if (notDone.value.length === 0) setPicked(new Set());
    void changed();
  };
  const pick = (id: string) => setPicked((before) => before.symmetricDifference(new Set([id])));
  const all = selected.length === cases.length;
  const empty = isFiltered
    ? html`<${Empty} title="No case is like that" text="Take a filter away to see others." />`
    : html`<${Empty} title="No open cases" text="Nothing needs somebody just now." />`;
  return html`<div class="selection">
      <p role="status">
        <strong>${plural(counts.total, 'case')}</strong>, ${count(counts.overdue)} overdue
        ${next !== undefined && html`<span>; the ${count(cases.length)} most severe are shown</span>`}
        ${selected.length > 0 && html`<span> · <strong>${count(selected.length)} selected</strong></span>`}
      </p>
      <div class="end actions">
        <button type="button" disabled=${cases.length === 0} onClick=${() => setPicked(new Set(all ? [] : cases.map(({ id }) => id)))}>
          ${all && cases.length > 0 ? 'Select none' : `Select all ${count(cases.length)}`}
        </button>
        <${CaseActions} cases=${selected.map(({ id }) => id)} isOpen=${selected.every(isOpen)} changed=${acted} />
      </div>
    </div>
    <${Table} caption="Exception cases" columns=${columns(picked, pick)} rows=${cases} keyOf=${({ id }: Case) => id} empty=${empty} />`;
}

function columns(picked: ReadonlySet<string>, pick: (id: string) => void): readonly Column<Case>[] {
  const rank = ({ severity }: Case) => SEVERITIES.indexOf(severity);
  return [
    {
      key: 'picked',
      title: '✓',
      cell: ({ id, detail }) =>
        html`<input type="checkbox" aria-label=${`Select: ${detail}`} checked=${picked.has(id)} onChange=${() => pick(id)} />`,
    },
    { key: 'severity', title: 'Severity', by: rank, cell: (one) => html`<${SeverityBadge} ...${one} />` },
    {
      key: 'detail',
      title: 'What',
      by: ({ detail }) => detail,
      cell: ({ id, detail }) => html`<a class="cut" href=${caseHref(id)} title=${detail}>${detail}</a>`,
    },
    { key: 'kind', title: 'Kind', by: ({ kind }) => kind },
    {
      key: 'about',
      title: 'About',
      isMinor: true,
      by: ({ subject }) => aboutOf(subject),
      cell: ({ subject }) => html`<span class="cut" title=${aboutOf(subject)}><${About} subject=${subject} /></span>`,
    },
    {
      key: 'units',
      title: 'Units',
      isFigure: true,
      isMinor: true,
      by: ({ units }) => units,
      cell: ({ units }) => count(units),
    },
    {
      key: 'age',
      title: 'Age',
      isFigure: true,
      by: ({ ageMs }) => ageMs,
      cell: ({ openedAt, closedAt, overdue }) =>
        html`${duration(ageOf(openedAt, closedAt))}<${Overdue} isOverdue=${overdue} />`,
    },
    { key: 'status', title: 'Status', by: ({ status }) => status, cell: (one) => html`<${StatusBadge} ...${one} />` },
    { key: 'owner', title: 'Owner', by: ({ owner }) => owner },
  ];
}

/** Grows while one looks, by whole seconds. */
function ageOf(openedAt: string, closedAt: string | undefined): number {
  const end = closedAt === undefined ? now.value : new Date(closedAt).getTime();
  return Math.max(0, Math.floor((end - new Date(openedAt).getTime()) / 1_000) * 1_000);
}

// What happened to one thing, from its stream in the log: when, what, by whom, and how many units of what.
import { html } from 'htm/preact';
import { useReading } from '../api/reading.ts';
import { may } from '../api/session.ts';
import { count, instant, plural, spoken } from '../format.ts';
import { now } from '../shell/now.ts';
import { Empty, Shown } from './states.ts';
import { type Column, Table } from './table.ts';

/** Of an entry of the audit in the API, what is shown here. */
interface Entry {
  readonly position: string;
  readonly event: string;
  readonly knownAt?: string;
  readonly happenedAt?: string;
  readonly who?: string;
  readonly key?: string;
  readonly what: Readonly<Record<string, unknown>>;
}
interface Audited {
  readonly entries: readonly Entry[];
  readonly atHead: boolean;
}

const ENTRIES_MAX = 1_000;
const EVERY_MS = 5_000;

interface StreamProps {
  readonly stream: string;
  /** What every type of event there begins with, and nobody needs to read: `Order`. */
  readonly prefix: string;
}

export function StreamCard({ stream, prefix }: StreamProps) {
  return html`<section class="card whole" aria-labelledby="history-title">
    <h2 id="history-title">History <small>newest first, from its stream in the log</small></h2>
    ${may('events:read') ? html`<${Happened} ...${{ stream, prefix }} />` : html`<p>This needs a key with the scope events:read.</p>`}
  </section>`;
}

function Happened({ stream, prefix }: StreamProps) {
  const asked = new URLSearchParams({ stream, limit: String(ENTRIES_MAX) });
  const reading = useReading<Audited>(`/v1/audit?${asked}`, EVERY_MS);
  return html`<${Shown} reading=${reading}>
    ${({
      entries,
      atHead,
    }: Audited) => html`${!atHead && html`<p role="status">The first ${count(entries.length)} events are shown; <code>evenstock audit --stream ${stream}</code> has all.</p>`}
      <${Table} caption="What happened, newest first" columns=${columns(prefix)} rows=${entries.toReversed()} keyOf=${({ position }: Entry) => position}
        empty=${html`<${Empty} title="Nothing of it may be seen with this key" />`} />`}
  </${Shown}>`;
}

function columns(prefix: string): readonly Column<Entry>[] {
  return [
    { key: 'at', title: 'When', cell: ({ knownAt, happenedAt }) => instant(knownAt ?? happenedAt, now.value) },
    {
      key: 'event',
      title: 'What',
      cell: ({ event }) =>
        html`<strong>${spoken(event.startsWith(prefix) ? event.slice(prefix.length) : event)}</strong>`,
    },
    { key: 'by', title: 'By', cell: ({ who, key }) => who ?? key ?? '–' },
    { key: 'units', title: 'Units', cell: ({ what }) => html`<span class="wrap">${gist(what)}</span>` },
    {
      key: 'position',
      title: 'Position',
      isFigure: true,
      isMinor: true,
      cell: ({ position }) => html`<span class="mono">${position}</span>`,
    },
  ];
}

interface Part {
  readonly sku?: string;
  readonly quantity?: number;
  readonly location?: string;
  readonly reservation?: number;
  readonly outcome?: string;
  readonly reason?: string;
}

const LISTS = ['allocations', 'parts', 'elsewhere', 'units', 'short', 'missing', 'lines', 'answers'] as const;
const PARTS_SHOWN = 6;

/** The units that an event speaks of, in whichever of its lists they are, and the words in it. */
function gist(what: Entry['what']): string {
  const times = new Map<string, number>();
  for (const part of LISTS.flatMap((name) => (what[name] ?? []) as readonly Part[])) {
    const said = saidOf(part);
    times.set(said, (times.get(said) ?? 0) + 1);
  }
  const parts = Array.from(times, ([said, n]) => (n === 1 ? said : `${count(n)} × ${said}`));
  const more = parts.length - PARTS_SHOWN;
  const { expiresAt, reason } = what;
  return [
    ...parts.slice(0, PARTS_SHOWN),
    ...(more > 0 ? [plural(more, 'more line')] : []),
    ...(typeof expiresAt === 'number' ? [`held until ${instant(expiresAt, now.value)}`] : []),
    ...(typeof reason === 'string' ? [reason] : []),
  ].join(', ');
}

function saidOf({ sku, quantity, location, reservation, outcome, reason }: Part): string {
  if (outcome !== undefined) return reason === undefined ? outcome : `${outcome}: ${reason}`;
  const of = sku ?? (reservation === undefined ? '' : `of reservation ${reservation}`);
  return `${count(quantity)} ${of}${location === undefined ? '' : ` at ${location}`}`;
}

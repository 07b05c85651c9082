// Policy versions, newest first: who took each, why and from when; what is planned; when channels were lowered.
import { html } from 'htm/preact';
import { useReading } from '../api/reading.ts';
import { ago, duration, instant, plural } from '../format.ts';
import { Paging } from '../parts/filters.ts';
import { Empty, Shown } from '../parts/states.ts';
import { type Column, Table } from '../parts/table.ts';
import { now } from '../shell/now.ts';
import type { PageProps } from '../shell/page.ts';
import { hrefOf } from '../shell/route.ts';
import { cancelVersion, VersionPage } from './policy/version.ts';
import { type HistoryPage, type Version, VersionBadge, whyNotChange } from './policy/words.ts';

const PAGE_VERSIONS = 100;
const EVERY_MS = 10_000;

export function View({ parts: [version], query }: PageProps) {
  return version === undefined
    ? html`<${History} query=${query} />`
    : html`<${VersionPage} key=${version} ...${{ version, query }} />`;
}

function History({ query }: { readonly query: URLSearchParams }) {
  const asked = new URLSearchParams({ limit: String(PAGE_VERSIONS) });
  if (query.has('cursor')) asked.set('before', query.get('cursor')!);
  const reading = useReading<HistoryPage>(`/v1/policy/history?${asked}`, EVERY_MS);
  return html`<h1>Policy</h1>
    <${Shown} reading=${reading}>
      ${({ versions, lowerings, next }: HistoryPage) => {
        const planned = versions
          .filter(({ state }) => state === 'scheduled')
          .toSorted((a, b) => (a.effectiveFrom < b.effectiveFrom ? -1 : 1));
        return html`${planned.length > 0 && html`<${Planned} versions=${planned} changed=${reading.reload} />`}
          <${Table} caption="Versions, newest first" columns=${VERSIONS} rows=${versions} keyOf=${keyOf}
            empty=${html`<${Empty} title="There are no older versions" />`} />
          <${Paging} path=${['policy']} query=${query} next=${next === undefined ? undefined : String(next)} />
          ${lowerings.length > 0 && html`<${Lowered} lowerings=${lowerings} />`}`;
      }}
    </${Shown}>`;
}

/** A version may have been taken more than once. */
function keyOf({ revision }: Version): string {
  return String(revision);
}

const VERSION: Column<Version> = {
  ...{ key: 'version', title: 'Version', by: ({ version }: Version) => version },
  cell: ({ version }) => html`<a href=${hrefOf('policy', version)}>${version}</a>`,
};
const AUTHOR: Column<Version> = { key: 'author', title: 'Author', by: ({ author }) => author };
const REASON: Column<Version> = {
  ...{ key: 'reason', title: 'Reason' },
  cell: ({ reason, cancelled }) =>
    html`<span class="wrap">${reason}${cancelled && html` <small>cancelled by ${cancelled.author}: ${cancelled.reason}</small>`}</span>`,
};

const VERSIONS: readonly Column<Version>[] = [
  VERSION,
  { key: 'state', title: 'State', by: ({ state }) => state, cell: (one) => html`<${VersionBadge} ...${one} />` },
  {
    key: 'from',
    title: 'In force from',
    by: ({ effectiveFrom }) => effectiveFrom,
    cell: ({ effectiveFrom }) => instant(effectiveFrom, now.value),
  },
  AUTHOR,
  REASON,
  {
    key: 'taken',
    title: 'Taken',
    isMinor: true,
    by: ({ recordedAt }) => recordedAt,
    cell: ({ recordedAt }) => ago(recordedAt, now.value),
  },
];

interface PlannedProps {
  readonly versions: readonly Version[];
  changed(): void;
}

function Planned({ versions, changed }: PlannedProps) {
  const whyNot = whyNotChange();
  const columns: readonly Column<Version>[] = [
    VERSION,
    { key: 'from', title: 'From', cell: ({ effectiveFrom }) => instant(effectiveFrom, now.value) },
    {
      key: 'in',
      title: 'In',
      isFigure: true,
      cell: ({ effectiveFrom }) =>
        duration(Math.max(0, Math.ceil((Date.parse(effectiveFrom) - now.value) / 1_000) * 1_000)),
    },
    AUTHOR,
    REASON,
    {
      key: 'cancel',
      title: 'Action',
      cell: ({ version }) =>
        html`<button type="button" disabled=${whyNot !== undefined} title=${whyNot}
          onClick=${() => void cancelVersion(version).then(changed)}>Take back …<span class="visually-hidden"> ${version}</span></button>`,
    },
  ];
  return html`<section class="card apart" aria-labelledby="planned-title">
    <h2 id="planned-title">Planned <small>the next first</small></h2>
    <${Table} caption="Versions that are planned" columns=${columns} rows=${versions} keyOf=${keyOf} />
  </section>`;
}

type Lowering = HistoryPage['lowerings'][number];

const LOWERED: readonly Column<Lowering>[] = [
  {
    key: 'channel',
    title: 'Channel',
    by: ({ channel }) => channel,
    cell: ({ channel }) => html`<a href=${hrefOf('channels', channel)}>${channel}</a>`,
  },
  { key: 'from', title: 'From', by: ({ from }) => from, cell: ({ from }) => instant(from, now.value) },
  {
    key: 'to',
    title: 'To',
    by: ({ to }) => to,
    cell: ({ to }) => (to === undefined ? html`<strong>still</strong>` : instant(to, now.value)),
  },
  { key: 'why', title: 'Why', cell: ({ reason }) => html`<span class="wrap">${reason}</span>` },
];

function Lowered({ lowerings }: { readonly lowerings: readonly Lowering[] }) {
  return html`<section class="card apart" aria-labelledby="lowered-title">
    <h2 id="lowered-title">Lowered because they failed <small>${plural(lowerings.length, 'time')}</small></h2>
    <${Table} caption="Channels that were lowered" columns=${LOWERED} rows=${lowerings} keyOf=${({ channel, from }: Lowering) => `${channel} ${from}`} />
  </section>`;
}

// SKUs: found by how they begin, and what one of them is worth in every channel and why, now or at an earlier time.
import { html } from 'htm/preact';
import { useReading } from '../api/reading.ts';
import { count } from '../format.ts';
import { Empty, Shown } from '../parts/states.ts';
import { type Column, Table } from '../parts/table.ts';
import type { PageProps } from '../shell/page.ts';
import { hrefOf, setQuery } from '../shell/route.ts';
import { SkuPage } from './skus/sku.ts';

interface Figures {
  readonly availability: readonly Figure[];
  readonly next?: string;
}
interface Figure {
  readonly sku: string;
  readonly units: number;
}
interface Channels {
  readonly channels: readonly { readonly channel: string }[];
}
type Chosen = { readonly currentTarget: HTMLInputElement | HTMLSelectElement };

const SHOWN_MAX = 500;

export function View({ parts: [sku], query }: PageProps) {
  return sku === undefined ? html`<${Search} query=${query} />` : html`<${SkuPage} key=${sku} ...${{ sku, query }} />`;
}

function Search({ query }: { readonly query: URLSearchParams }) {
  const channels = useReading<Channels>('/v1/channels');
  return html`<h1>SKUs</h1>
    <${Shown} reading=${channels}>${(data: Channels) => html`<${Found} ...${{ query, names: data.channels.map(({ channel }) => channel) }} />`}</${Shown}>`;
}

function Found({ query, names }: { readonly query: URLSearchParams; readonly names: readonly string[] }) {
  const channel = query.get('channel') ?? names[0];
  const prefix = query.get('begins') ?? '';
  const asked = new URLSearchParams({ limit: String(SHOWN_MAX), ...(prefix !== '' && { prefix }) });
  const path = channel === undefined ? undefined : `/v1/availability/${encodeURIComponent(channel)}?${asked}`;
  const reading = useReading<Figures>(path, 10_000);
  if (channel === undefined)
    return html`<${Empty} title="No channels" text="The policy has none that this key may see." />`;
  const chosen = (name: string) => (event: Chosen) => setQuery({ [name]: event.currentTarget.value.trim() });
  return html`<form class="filters" role="search" aria-label="Find SKUs" onSubmit=${(event: Event) => event.preventDefault()}>
      <label>Begins with <input type="search" value=${prefix} autocomplete="off" onInput=${chosen('begins')} /></label>
      <label>In channel
        <select value=${channel} onChange=${chosen('channel')}>${names.map((name) => html`<option key=${name}>${name}</option>`)}</select>
      </label>
    </form>
    <${Shown} reading=${reading}>
      ${({
        availability,
        next,
      }: Figures) => html`${next && html`<p role="status">The first ${count(availability.length)} are shown.</p>`}
        <${Table} caption="SKUs" columns=${FOUND} rows=${availability} keyOf=${({ sku }: Figure) => sku}
          empty=${html`<${Empty} title="No SKU begins like that" text="Capital and small letters differ." />`} />`}
    </${Shown}>`;
}

const FOUND: readonly Column<Figure>[] = [
  {
    ...{ key: 'sku', title: 'SKU', by: ({ sku }: Figure) => sku },
    cell: ({ sku }) => html`<a href=${hrefOf('skus', sku)}>${sku}</a>`,
  },
  { key: 'units', title: 'ATS', isFigure: true, by: ({ units }) => units, cell: ({ units }) => count(units) },
];

// One SKU: what each channel may sell of it with everything that figure was made from, now or as of two times: what had
// happened by then, and what was known by then.
import { html } from 'htm/preact';
import { useReading } from '../../api/reading.ts';
import { Empty, Shown } from '../../parts/states.ts';
import { hrefOf, setQuery } from '../../shell/route.ts';
import { Explained } from './explained.ts';

interface Channels {
  readonly channels: readonly { readonly channel: string }[];
}
interface SkuProps {
  readonly sku: string;
  readonly query: URLSearchParams;
}

export function SkuPage({ sku, query }: SkuProps) {
  const channels = useReading<Channels>('/v1/channels');
  const times = new URLSearchParams();
  for (const name of ['asOf', 'knownAt']) if (query.has(name)) times.set(name, query.get(name)!);
  return html`<div class="heading"><h1><a class="up" href=${hrefOf('skus')}>SKUs</a> / ${sku}</h1></div>
    <${Times} query=${query} />
    <${Shown} reading=${channels}>
      ${(data: Channels) =>
        data.channels.length === 0
          ? html`<${Empty} title="No channels" text="The policy has none that this key may see." />`
          : html`<div class="cards">
            ${data.channels.map(({ channel }) => html`<${Explained} key=${channel} ...${{ channel, sku, times: times.toString() }} />`)}
          </div>`}
    </${Shown}>`;
}

/** In the time zone of who looks; the address holds it in UTC. */
function Times({ query }: { readonly query: URLSearchParams }) {
  const field = (name: string, title: string) =>
    html`<label>${title}
      <input type="datetime-local" step="1" value=${localOf(query.get(name))}
        onChange=${({ currentTarget: { value } }: { readonly currentTarget: HTMLInputElement }) =>
          setQuery({ [name]: value === '' ? undefined : new Date(value).toISOString() })} />
    </label>`;
  const isPast = query.has('asOf') || query.has('knownAt');
  return html`<form class="filters" aria-label="As of" onSubmit=${(event: Event) => event.preventDefault()}>
    ${field('asOf', 'Had happened by')} ${field('knownAt', 'Was known by')}
    <button type="button" disabled=${!isPast} onClick=${() => setQuery({ asOf: undefined, knownAt: undefined })}>Now</button>
  </form>`;
}

function localOf(instant: string | null): string {
  const at = new Date(instant ?? '');
  if (Number.isNaN(at.getTime())) return '';
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

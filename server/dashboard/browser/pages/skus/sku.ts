// One SKU: where it is, how its figure came to be, and what each channel may sell of it with everything that was made from;
// now and as it changes, or as of two times: what had happened by then, and what was known by then.
import { html } from 'htm/preact';
import { useReading } from '../../api/reading.ts';
import { may } from '../../api/session.ts';
import { localInput } from '../../format.ts';
import { CasesLink } from '../../parts/cases-link.ts';
import { LiveBadge, LiveBanner } from '../../parts/live-badge.ts';
import { Empty, Shown } from '../../parts/states.ts';
import { hrefOf, hrefWith, setQuery } from '../../shell/route.ts';
import { type SkuChanges, useSkuChanges } from './changes.ts';
import { Explained } from './explained.ts';
import { type Stock, StockCard, StockTiles } from './stock.ts';
import { TimelineCard } from './timeline.ts';

interface Channels {
  readonly channels: readonly { readonly channel: string }[];
}
interface SkuProps {
  readonly sku: string;
  readonly query: URLSearchParams;
}

/** Besides what events tell; without them. */
const EVERY_MS = { live: 60_000, polled: 5_000 };

/**
 * 0 while the server is gone: the banner says so once. Whoever changes the pace reads at once, so what happened while
 * nobody listened is there when the stream is live.
 */
function everyMsOf({ live }: SkuChanges): number {
  const state = live?.value;
  if (state?.state === 'broken' && state.why.status === 0) return 0;
  return state?.state === 'live' ? EVERY_MS.live : EVERY_MS.polled;
}

export function SkuPage({ sku, query }: SkuProps) {
  const following = useSkuChanges(sku);
  const times = timesOf(query);
  const isNow = times === '';
  const changes = following.changes.value;
  const everyMs = everyMsOf(following);
  const path = `/v1/stock/${encodeURIComponent(sku)}`;
  const stock = useReading<Stock>(isNow ? path : `${path}?${times}`, isNow ? everyMs : 0, isNow ? changes : 0);
  const channels = useReading<Channels>('/v1/channels');
  const isUnknown = stock.data === undefined && stock.problem?.status === 404;
  return html`<${Heading} ...${{ sku, following }} />
    <${Times} query=${query} />
    ${
      isUnknown
        ? html`<${Unknown} ...${{ sku, why: stock.problem!.message, isNow }} />`
        : html`<${Shown} reading=${stock}>
          ${(data: Stock) => html`<${Shown} reading=${channels}>
            ${(all: Channels) => html`<${Known} ...${{ sku, query, times, changes, everyMs, stock: data, channels: all.channels.map(({ channel }) => channel) }} />`}
          </${Shown}>`}
        </${Shown}>`
    }`;
}

function Heading({ sku, following: { live, retry } }: { readonly sku: string; readonly following: SkuChanges }) {
  return html`<div class="heading">
      <h1><a class="up" href=${hrefOf('skus')}>SKUs</a> / ${sku}</h1>
      ${live && html`<${LiveBadge} live=${live} />`}
      <nav class="end actions" aria-label=${`More of ${sku}`}>
        <${CasesLink} about=${{ sku }} />
        ${may('events:read') && html`<a href=${hrefWith({ filter: `stock-${sku}~` }, 'events')}>Its events, live</a>`}
      </nav>
    </div>
    ${live && html`<${LiveBanner} live=${live} retry=${retry} />`}`;
}

interface KnownProps extends SkuProps {
  readonly times: string;
  readonly changes: number;
  readonly everyMs: number;
  readonly stock: Stock;
  readonly channels: readonly string[];
}

function Known({ sku, query, times, changes, everyMs, stock, channels }: KnownProps) {
  const locations = stock.stock.map(({ location }) => location);
  const isTimed = !stock.isBundle && channels.length > 0;
  // What happens to its components is told to their pages.
  const paceMs = stock.isBundle ? EVERY_MS.polled : everyMs;
  return html`<div class="cards sku">
    ${
      stock.isBundle
        ? html`<p class="banner" role="status">A bundle: it holds no stock of its own, and what can be sold of it follows from its components.</p>`
        : html`<${StockTiles} of=${stock} />`
    }
    ${isTimed && html`<${TimelineCard} ...${{ sku, query, channels, locations, changes, everyMs }} />`}
    ${!stock.isBundle && html`<${StockCard} of=${stock} chosen=${query.get('location') ?? undefined} />`}
    ${
      channels.length === 0
        ? html`<${Empty} title="No channels" text="The policy has none that this key may see." />`
        : channels.map(
            (channel) => html`<${Explained} key=${channel} ...${{ channel, sku, times, changes, everyMs: paceMs }} />`,
          )
    }
  </div>`;
}

/** With a way on: it may be misspelt, or not have been known yet. */
function Unknown({ sku, why, isNow }: { readonly sku: string; readonly why: string; readonly isNow: boolean }) {
  const begins = sku.slice(0, Math.max(1, Math.ceil(sku.length / 2)));
  return html`<div class="state problem" role="alert">
    <p class="strong">Nothing is known of SKU ${sku}</p>
    <p>${why}. Capital and small letters differ. This page shows it as soon as something happens to it.</p>
    <p class="actions">
      ${!isNow && html`<button type="button" onClick=${toNow}>As of now</button>`}
      <a href=${hrefWith({ begins }, 'skus')}>SKUs that begin with ${begins}</a> <a href=${hrefOf('skus')}>All SKUs</a>
    </p>
  </div>`;
}

function timesOf(query: URLSearchParams): string {
  const times = new URLSearchParams();
  for (const name of ['asOf', 'knownAt']) if (query.has(name)) times.set(name, query.get(name)!);
  return times.toString();
}

function toNow(): void {
  setQuery({ asOf: undefined, knownAt: undefined });
}

/** In the time zone of who looks; the address holds it in UTC. */
function Times({ query }: { readonly query: URLSearchParams }) {
  const field = (name: string, title: string) =>
    html`<label>${title}
      <input type="datetime-local" step="1" value=${localInput(query.get(name))}
        onChange=${({ currentTarget: { value } }: { readonly currentTarget: HTMLInputElement }) =>
          setQuery({ [name]: value === '' ? undefined : new Date(value).toISOString() })} />
    </label>`;
  return html`<form class="filters" aria-label="As of" onSubmit=${(event: Event) => event.preventDefault()}>
    ${field('asOf', 'Had happened by')} ${field('knownAt', 'Was known by')}
    <button type="button" disabled=${timesOf(query) === ''} onClick=${toNow}>Now</button>
  </form>`;
}

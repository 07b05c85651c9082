// How the stocks at both ends of a transfer stand, of one SKU at a time: in-transit out at the origin, in at the
// destination, and how much of it is of this transfer.
import { html } from 'htm/preact';
import { useReading } from '../../api/reading.ts';
import { count } from '../../format.ts';
import { type Pair, Pairs } from '../../parts/pairs.ts';
import { Empty, Shown } from '../../parts/states.ts';
import { setQuery } from '../../shell/route.ts';
import type { Transfer } from './words.ts';

/** Of the figures of a stock in the API, what is shown here. */
interface Stock {
  readonly onHand: number;
  readonly reserved: number;
  readonly available: number;
  readonly inTransitIn: number;
  readonly inTransitOut: number;
  readonly transfers: readonly {
    readonly transfer: string;
    readonly in: number;
    readonly out: number;
    readonly setAside: number;
  }[];
}

interface EndsProps {
  readonly transfer: Transfer;
  readonly query: URLSearchParams;
}

export function EndsCard({ transfer: { id, from, to, lines }, query }: EndsProps) {
  const named = lines.find(({ sku }) => sku === query.get('sku'));
  const sku = (named ?? lines.find(({ underWay }) => underWay > 0) ?? lines[0])?.sku;
  if (sku === undefined) return null;
  return html`<section class="card" aria-labelledby="ends-title">
    <h2 id="ends-title">Both ends</h2>
    <label>SKU
      <select value=${sku} onChange=${({ currentTarget }: { readonly currentTarget: HTMLSelectElement }) => setQuery({ sku: currentTarget.value })}>
        ${lines.map((line) => html`<option key=${line.sku}>${line.sku}</option>`)}
      </select>
    </label>
    <div class="ends">
      <${End} key=${`from ${sku}`} ...${{ id, sku, location: from, role: 'origin' }} />
      <${End} key=${`to ${sku}`} ...${{ id, sku, location: to, role: 'destination' }} />
    </div>
  </section>`;
}

interface EndProps {
  readonly id: string;
  readonly sku: string;
  readonly location: string;
  readonly role: string;
}

function End({ id, sku, location, role }: EndProps) {
  const reading = useReading<Stock>(`/v1/stock/${encodeURIComponent(sku)}/${encodeURIComponent(location)}`, 3_000);
  const isUnknown = reading.data === undefined && reading.problem?.status === 404;
  return html`<div role="group" aria-label=${`At ${location}`}>
    <h3>${location} <small>${role}</small></h3>
    ${
      isUnknown
        ? html`<${Empty} title="Nothing is known of it there yet" />`
        : html`<${Shown} reading=${reading}>${(stock: Stock) => html`<${Figures} ...${{ id, stock }} />`}</${Shown}>`
    }
  </div>`;
}

function Figures({ id, stock }: { readonly id: string; readonly stock: Stock }) {
  const own = stock.transfers.find(({ transfer }) => transfer === id);
  const inTransit = (all: number, ours = 0) =>
    html`${count(all)}${all > 0 && html` <small>${count(ours)} of this transfer</small>`}`;
  const pairs: readonly Pair[] = [
    ['On-hand', count(stock.onHand)],
    [
      'Reserved',
      html`${count(stock.reserved)}${own !== undefined && own.setAside > 0 && html` <small>${count(own.setAside)} set aside for it</small>`}`,
    ],
    ['Available', count(stock.available)],
    ['In-transit in', inTransit(stock.inTransitIn, own?.in)],
    ['In-transit out', inTransit(stock.inTransitOut, own?.out)],
  ];
  return html`<${Pairs} pairs=${pairs} />`;
}

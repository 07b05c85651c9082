// What one channel may sell of a SKU, and what that was made from: the pool of its locations, the terms of its policy.
import { html } from 'htm/preact';
import { useReading } from '../../api/reading.ts';
import { count, plural } from '../../format.ts';
import { Shown } from '../../parts/states.ts';
import { type Column, Table } from '../../parts/table.ts';

/** Of `Explanation` in the API, what is shown here. */
interface Explanation {
  readonly channel: string;
  readonly units: number;
  readonly asOf: string;
  readonly policyVersion: string;
  readonly pool: number;
  readonly locations: readonly Part[];
  readonly terms: Terms;
  readonly bundle?: { readonly components: readonly Component[] };
}
interface Component {
  readonly sku: string;
  readonly quantity: number;
  readonly units: number;
  readonly makes: number;
  readonly pool: number;
  readonly locations: readonly Part[];
  readonly terms: Terms;
}
interface Part {
  readonly location: string;
  readonly levels: Readonly<Record<string, unknown>>;
  readonly available: number;
  readonly safetyStock: number;
  readonly quotasOfOthers: number;
  readonly units: number;
  readonly revision: number;
  readonly position: string;
}
interface Terms {
  readonly on: boolean;
  readonly percentage: number;
  readonly buffer: number;
  readonly lagPrice?: { readonly units: number };
  readonly cap?: number;
}

interface ExplainedProps {
  readonly channel: string;
  readonly sku: string;
  /** A query; '': now. */
  readonly times: string;
}

export function Explained({ channel, sku, times }: ExplainedProps) {
  const path = `/v1/availability/${encodeURIComponent(channel)}/${encodeURIComponent(sku)}/explain`;
  const reading = useReading<Explanation>(times === '' ? path : `${path}?${times}`, times === '' ? 5_000 : 0);
  const title = `ats-${channel}`;
  return html`<section class="card" aria-labelledby=${title}>
    <h2 id=${title}>${channel} ${reading.data && html`<small>policy ${reading.data.policyVersion}, log up to ${reading.data.asOf}</small>`}</h2>
    <${Shown} reading=${reading}>${(data: Explanation) => html`<${Made} of=${data} />`}</${Shown}>
  </section>`;
}

function Made({ of: { units, pool, terms, locations, bundle, channel } }: { readonly of: Explanation }) {
  return html`<p class="sum"><strong>ATS ${count(units)}</strong> = ${
    bundle === undefined ? sumOf(pool, terms) : 'the least that a component makes'
  }</p>
    ${bundle?.components.map(
      (one) => html`<div key=${one.sku}>
        <p><strong>${one.sku}</strong>: ${plural(one.units, 'unit')} for ${count(one.quantity)} a bundle make ${count(one.makes)} (${sumOf(one.pool, one.terms)})</p>
        <${Locations} caption=${`Locations of ${one.sku} for ${channel}`} rows=${one.locations} />
      </div>`,
    )}
    ${bundle === undefined && html`<${Locations} caption=${`Locations for ${channel}`} rows=${locations} />`}`;
}

/** The formula with its figures, as docs/api.md has it. */
function sumOf(pool: number, { on, percentage, buffer, lagPrice, cap }: Terms): string {
  if (!on) return '0: the channel is switched off';
  const share = percentage === 100 ? `pool ${count(pool)}` : `${percentage} % of pool ${count(pool)}`;
  const less = `${share} − buffer ${count(buffer)}${lagPrice === undefined ? '' : ` − lag price ${count(lagPrice.units)}`}`;
  return `${less}${cap === undefined ? '' : `, at most ${count(cap)}`}, never below 0`;
}

function Locations({ caption, rows }: { readonly caption: string; readonly rows: readonly Part[] }) {
  return html`<${Table} caption=${caption} columns=${PARTS} rows=${rows} keyOf=${({ location }: Part) => location} />`;
}

const level = (name: string) => (part: Part) => {
  const value = part.levels[name];
  return typeof value === 'number' ? count(value) : '–';
};

const PARTS: readonly Column<Part>[] = [
  { key: 'location', title: 'Location', by: ({ location }) => location },
  { key: 'onHand', title: 'On-hand', isFigure: true, cell: level('onHand') },
  { key: 'reserved', title: 'Reserved', isFigure: true, cell: level('reserved') },
  { key: 'quarantined', title: 'Quarantined', isFigure: true, isMinor: true, cell: level('quarantined') },
  { key: 'available', title: 'Available', isFigure: true, cell: ({ available }) => count(available) },
  { key: 'safety', title: '− safety stock', isFigure: true, cell: ({ safetyStock }) => count(safetyStock) },
  {
    key: 'quotas',
    title: '− quotas of others',
    isFigure: true,
    isMinor: true,
    cell: ({ quotasOfOthers }) => count(quotasOfOthers),
  },
  { key: 'units', title: '= to sell', isFigure: true, cell: ({ units }) => html`<strong>${count(units)}</strong>` },
  {
    key: 'at',
    title: 'Event',
    isMinor: true,
    cell: ({ revision, position }) => html`<span class="mono">@${revision}, position ${position}</span>`,
  },
];

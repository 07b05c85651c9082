// What one channel may sell of a SKU, and what that was made from: the pool of its locations, the terms of its policy.
import { html } from 'htm/preact';
import { useReading } from '../../api/reading.ts';
import { count, duration, figure, plural } from '../../format.ts';
import { Shown } from '../../parts/states.ts';
import { type Column, Table } from '../../parts/table.ts';
import { hrefOf } from '../../shell/route.ts';

/** Of `Explanation` in the API, what is shown here. */
interface Explanation {
  readonly channel: string;
  readonly units: number;
  readonly asOf: string;
  readonly policyVersion: string;
  readonly pool: number;
  readonly locations: readonly Part[];
  readonly terms: Terms;
  readonly lagPriceLeftOut?: true;
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
  readonly quotas?: readonly { readonly channel: string; readonly quantity: number; readonly reserved: number }[];
  readonly units: number;
  readonly revision: number;
  readonly position: string;
}
interface Terms {
  readonly on: boolean;
  readonly percentage: number;
  readonly buffer: number;
  readonly lagPrice?: LagPrice;
  readonly cap?: number;
}

interface LagPrice {
  readonly lagMs?: number;
  readonly othersPerDay: number;
  readonly expectedUnits: number;
  readonly targetOversellProbability: number;
  readonly oversellProbability?: number;
  readonly unitsMin: number;
  readonly unitsMax: number;
  readonly units: number;
}

interface ExplainedProps {
  readonly channel: string;
  readonly sku: string;
  /** A query; '': now. */
  readonly times: string;
  /** Read again when it changes. */
  readonly changes: number;
  readonly everyMs: number;
}

export function Explained({ channel, sku, times, changes, everyMs }: ExplainedProps) {
  const path = `/v1/availability/${encodeURIComponent(channel)}/${encodeURIComponent(sku)}/explain`;
  const isNow = times === '';
  const reading = useReading<Explanation>(isNow ? path : `${path}?${times}`, isNow ? everyMs : 0, isNow ? changes : 0);
  const title = `ats-${channel}`;
  return html`<section class="card" aria-labelledby=${title}>
    <h2 id=${title}>${channel} ${reading.data && html`<small>policy ${reading.data.policyVersion}, log up to ${reading.data.asOf}</small>`}</h2>
    <${Shown} reading=${reading}>${(data: Explanation) => html`<${Made} of=${data} />`}</${Shown}>
  </section>`;
}

function Made({
  of: { units, pool, terms, locations, bundle, channel, lagPriceLeftOut },
}: {
  readonly of: Explanation;
}) {
  return html`<p class="sum"><strong>ATS ${count(units)}</strong> = ${
    bundle === undefined ? sumOf(pool, terms) : 'the least that a component makes'
  }</p>
    ${lagPriceLeftOut && html`<p>The lag-priced buffer is left out of figures of the past: the channel showed this or less.</p>`}
    ${terms.lagPrice && html`<${LagPriced} price=${terms.lagPrice} />`}
    ${bundle?.components.map(
      (one) => html`<div key=${one.sku}>
        <p><a href=${hrefOf('skus', one.sku)}>${one.sku}</a>: ${plural(one.units, 'unit')} for ${count(one.quantity)} a bundle make ${count(one.makes)} (${sumOf(one.pool, one.terms)})</p>
        ${one.terms.lagPrice && html`<${LagPriced} price=${one.terms.lagPrice} />`}
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

/** Why so many are held back: docs/lag-priced-buffer.md. */
function LagPriced({ price }: { readonly price: LagPrice }) {
  const { lagMs, othersPerDay, expectedUnits, targetOversellProbability, oversellProbability, unitsMin, unitsMax } =
    price;
  const target = percent(targetOversellProbability);
  const why =
    lagMs === undefined
      ? `its lag has not been measured yet, so the least of ${plural(unitsMin, 'unit')} is held back`
      : `it lags ${duration(lagMs)} and others sell ${figure(othersPerDay)} a day here, ${figure(expectedUnits)} before it knows; ` +
        `the chance that more are sold than are held back is ${percent(oversellProbability)}, at most ${target} is wanted`;
  return html`<p><strong>Lag price ${count(price.units)}</strong>: ${why} (from ${count(unitsMin)} to ${plural(unitsMax, 'unit')}).</p>`;
}

function percent(share: number | undefined): string {
  return share === undefined ? '–' : `${Number((share * 100).toPrecision(2))} %`;
}

function Locations({ caption, rows }: { readonly caption: string; readonly rows: readonly Part[] }) {
  const quotas = rows.flatMap(({ location, quotas = [] }) => quotas.map((quota) => ({ ...quota, location })));
  return html`${
    quotas.length > 0 &&
    html`<p class="quotas"><strong>Quotas</strong>: ${quotas
      .map(
        ({ location, channel, quantity, reserved }) =>
          `${channel} ${count(quantity)} at ${location}, ${count(reserved)} used`,
      )
      .join(' · ')}</p>`
  }<${Table} caption=${caption} columns=${PARTS} rows=${rows} keyOf=${({ location }: Part) => location} />`;
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

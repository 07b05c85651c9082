// The differences that a run found: by class with what each class means, and one by one, the page and class in the address.
import { html } from 'htm/preact';
import { ago, count, duration } from '../../format.ts';
import { Badge } from '../../parts/badge.ts';
import { Paging } from '../../parts/filters.ts';
import { Empty } from '../../parts/states.ts';
import { type Column, Table } from '../../parts/table.ts';
import { now } from '../../shell/now.ts';
import { hrefOf } from '../../shell/route.ts';
import { CLASSES, type Class, correctionText, type Difference, money, type Report, signed } from './words.ts';

interface CardProps {
  readonly report: Report;
  readonly query: URLSearchParams;
}
interface ClassRow {
  readonly name: Class;
  readonly meaning: string;
  readonly skus: number;
  readonly units: number;
  readonly value: number | undefined;
}

export function ClassesCard({ report: { id, comparison }, query }: CardProps) {
  const totals = comparison?.classes ?? {};
  const rows = CLASSES.map(
    ([name, , meaning]): ClassRow => ({
      name,
      meaning,
      ...(totals[name] ?? { skus: 0, units: 0 }),
      value: totals[name]?.value,
    }),
  );
  const chosen = query.get('class');
  const linkTo = (name: string) => `${hrefOf('reconciliations', id)}${name === chosen ? '' : `?class=${name}`}`;
  const columns: readonly Column<ClassRow>[] = [
    {
      key: 'class',
      title: 'Class',
      cell: ({ name, skus }) =>
        skus === 0
          ? html`<span class="quiet-text">${name}</span>`
          : html`<a href=${linkTo(name)} aria-current=${name === chosen ? 'true' : undefined}>${name}</a>`,
    },
    {
      key: 'meaning',
      title: 'Means that',
      isMinor: true,
      cell: ({ meaning }) => html`<span class="quiet-text">${meaning}</span>`,
    },
    { key: 'skus', title: 'SKUs', isFigure: true, cell: ({ skus }) => count(skus) },
    { key: 'units', title: 'Units', isFigure: true, cell: ({ units }) => count(units) },
    { key: 'value', title: 'Value', isFigure: true, cell: ({ value }) => money(value) },
  ];
  return html`<section class="card classes" aria-labelledby="classes-title">
    <h2 id="classes-title">By class</h2>
    <${Table} caption="Differences by class" columns=${columns} rows=${rows} keyOf=${({ name }: ClassRow) => name} />
  </section>`;
}

const TONES = new Map(CLASSES.map(([name, tone]) => [name, tone]));

const DIFFERENCES: readonly Column<Difference>[] = [
  {
    key: 'sku',
    title: 'SKU',
    by: ({ sku }) => sku,
    cell: ({ sku }) => html`<a href=${hrefOf('skus', sku)}>${sku}</a>`,
  },
  {
    key: 'class',
    title: 'Class',
    by: (one) => one.class,
    cell: (one) => html`<${Badge} tone=${TONES.get(one.class)} text=${one.class} title=${one.why} />`,
  },
  {
    key: 'reported',
    title: 'Reported',
    isFigure: true,
    by: ({ reported }) => reported,
    cell: ({ reported }) => count(reported),
  },
  {
    key: 'expected',
    title: 'Expected',
    isFigure: true,
    by: ({ expected }) => expected,
    cell: ({ expected }) => count(expected),
  },
  {
    key: 'units',
    title: 'Units',
    isFigure: true,
    by: ({ units }) => Math.abs(units),
    cell: ({ units }) => html`<strong>${signed(units)}</strong>`,
  },
  {
    key: 'value',
    title: 'Value',
    isFigure: true,
    isMinor: true,
    by: ({ value }) => value && Math.abs(value),
    cell: ({ value }) => money(value),
  },
  {
    key: 'age',
    title: 'Age',
    isFigure: true,
    by: ({ ageMs }) => ageMs,
    cell: ({ ageMs, firstSeenAt }) =>
      html`<span title=${firstSeenAt === undefined ? 'Not seen by a run before' : `First seen ${ago(firstSeenAt, now.value)}`}>${duration(ageMs)}</span>`,
  },
  {
    key: 'correction',
    title: 'Correction',
    by: ({ plan }) => plan,
    cell: (one) => html`<span class="wrap">${correctionText(one)}</span>`,
  },
  {
    key: 'attempts',
    title: 'Tries before',
    isFigure: true,
    isMinor: true,
    by: ({ attempts }) => attempts,
    cell: ({ attempts }) => count(attempts),
  },
  { key: 'why', title: 'Why', isMinor: true, cell: ({ why }) => html`<span class="wrap">${why}</span>` },
];

export function DifferencesCard({ report, query }: CardProps) {
  const { id, differences, next, comparison } = report;
  const chosen = query.get('class');
  const notListed = comparison?.notListed ?? 0;
  const empty =
    chosen === null
      ? html`<${Empty} title="Nothing differs" text="Every SKU is as it should be." />`
      : html`<${Empty} title="Nothing differs in that way" />`;
  return html`<section class="card whole" aria-labelledby="differences-title">
    <h2 id="differences-title">Differences${chosen !== null && html` <a href=${hrefOf('reconciliations', id)}>${chosen} only: show all</a>`}</h2>
    ${notListed > 0 && html`<p role="status">${count(notListed)} more are counted above and not listed.</p>`}
    <${Table} caption="Differences one by one" columns=${DIFFERENCES} rows=${differences} keyOf=${({ sku }: Difference) => sku} empty=${empty} />
    <${Paging} path=${['reconciliations', id]} query=${query} next=${next === undefined ? undefined : String(next)} />
  </section>`;
}

// A run as a page to read: what was compared, a picture of the classes, and the largest differences. One document without
// script, which loads nothing.
import { plural } from '../../../domain/plural.ts';
import { DIFFERENCE_CLASSES } from '../../../domain/reconciliation/difference.ts';
import type { ClassTotals } from '../../../domain/reconciliation/events.ts';
import { subjectText } from '../../../domain/reconciliation/subject.ts';
import type { StoredRun } from '../../reconciliation/run-record.ts';
import { text } from './view.ts';

const ROWS_MAX = 500;

/** What each class means, for the reader. */
const MEANINGS: Readonly<Record<(typeof DIFFERENCE_CLASSES)[number], string>> = {
  'in-flight': 'an update is under way',
  explained: 'it was right then, and has changed since',
  'stale-publish': 'it holds an older value than it acknowledged',
  'missing-fact': 'it has probably sold what it has not told yet',
  'unknown-sku': 'only one of the two knows the SKU',
  drift: 'nothing explains it',
};
const COLOURS: Readonly<Record<(typeof DIFFERENCE_CLASSES)[number], string>> = {
  'in-flight': '#8aa4c8',
  explained: '#9dbb9d',
  'stale-publish': '#e0a030',
  'missing-fact': '#c9b458',
  'unknown-sku': '#a678b4',
  drift: '#c0392b',
};

export const PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";

export function reportPage({ record: { run }, differences, corrections }: StoredRun): string {
  const { id, subject, stage, compared, taken } = run;
  const title = `Reconciliation of ${subjectText(subject)}`;
  const largest = [...differences].sort((a, b) => Math.abs(b.units) - Math.abs(a.units)).slice(0, ROWS_MAX);
  const outcomes = new Map(corrections.map(({ sku, outcome }) => [sku, outcome]));
  const summary = [
    ['Run', `${id}, ${stage}${run.reason === undefined ? '' : `: ${run.reason}`}`],
    ['Started', `${text(run.startedAt)} by ${run.by} (${run.cause})`],
    ['Statement', taken === undefined ? 'not read' : statementText(taken)],
    [
      'Compared',
      compared === undefined ? 'not yet' : `${plural(compared.compared, 'SKU')}, ${compared.equal} of them equal`,
    ],
    ['Units', compared === undefined ? '' : `${compared.reportedUnits} reported, ${compared.ourUnits} ours`],
    ['Correction', run.isShadow ? 'none: shadow mode' : run.correction],
  ];
  const rows = largest.map((difference) => {
    const { sku, reported, expected, units, ageMs, plan, why } = difference;
    const age = ageMs === undefined ? '' : ageText(ageMs);
    const outcome = outcomes.get(sku);
    const done = plan === 'none' ? '' : `${plan}${outcome === undefined || outcome === 'done' ? '' : ` (${outcome})`}`;
    const cells = [sku, difference.class, reported ?? '–', expected ?? '–', signed(units), age, done, why];
    return `<tr>${cells.map((cell) => `<td>${escaped(String(cell))}</td>`).join('')}</tr>`;
  });
  const left = differences.length - largest.length + (compared?.notListed ?? 0);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title><style>${STYLE}</style></head><body>
<h1>${escaped(title)}</h1>
<dl>${summary.map(([name, value]) => `<dt>${name}</dt><dd>${escaped(value!)}</dd>`).join('')}</dl>
${picture(compared?.totals ?? {})}
<table><thead><tr>${HEADS.map((head) => `<th>${head}</th>`).join('')}</tr></thead>
<tbody>${rows.join('\n')}</tbody></table>
${left > 0 ? `<p>${left} smaller differences are not shown here.</p>` : ''}
</body></html>
`;
}

const HEADS = ['SKU', 'class', 'reported', 'expected', 'units', 'age', 'correction', 'why'] as const;
const STYLE = [
  'body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#222}',
  'dl{display:grid;grid-template-columns:8rem 1fr;gap:.2rem 1rem}dt{color:#666}dd{margin:0}',
  'table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.25rem .5rem;border-bottom:1px solid #ddd}',
  'svg{width:100%;height:auto;margin:1rem 0}',
].join('');

/** A bar for each class, as long as it has SKUs; beside it SKUs, units and value. */
function picture(totals: ClassTotals): string {
  const most = Math.max(1, ...DIFFERENCE_CLASSES.map((name) => totals[name]?.skus ?? 0));
  const bars = DIFFERENCE_CLASSES.map((name, n) => {
    const { skus, units, value } = totals[name] ?? { skus: 0, units: 0, value: undefined };
    const width = skus === 0 ? 0 : Math.max(2, Math.round((skus / most) * 300));
    const money = value === undefined ? '' : `, value ${(value / 100).toFixed(2)}`;
    const y = n * 30;
    return (
      `<text x="0" y="${y + 17}">${name}</text>` +
      `<rect x="120" y="${y + 3}" width="${width}" height="20" fill="${COLOURS[name]}"/>` +
      `<text x="${128 + width}" y="${y + 17}">${plural(skus, 'SKU')}, ${plural(units, 'unit')}${money} – ${escaped(MEANINGS[name])}</text>`
    );
  });
  const height = DIFFERENCE_CLASSES.length * 30;
  return `<svg viewBox="0 0 900 ${height}" role="img" aria-label="SKUs by class of difference" font-size="13">${bars.join('')}</svg>`;
}

function statementText({
  rows,
  asOf,
  isComplete,
  faultCount,
}: NonNullable<StoredRun['record']['run']['taken']>): string {
  const bad = faultCount === 0 ? '' : `, ${faultCount} bad lines`;
  return `${plural(rows, 'row')} as of ${text(asOf)}, ${isComplete ? 'complete' : 'partial'}${bad}`;
}

function ageText(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 120) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1_440)} d`;
}

function signed(units: number): string {
  return units > 0 ? `+${units}` : String(units);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(value: string): string {
  return value.replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!);
}

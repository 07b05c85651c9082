// The scenario's table: both runs side by side, in Markdown, so that it goes into the README as it is.
import { percentile } from '../../bench/statistics.ts';
import { CAUSE_TEXTS, CAUSES } from './causes.ts';
import type { RunResult } from './result.ts';

type Row = readonly [what: string, cell: (run: RunResult) => string];

const count = (n: number) => n.toLocaleString('en');

const ROWS: readonly Row[] = [
  ['orders accepted', ({ orders }) => count(orders.accepted)],
  ['oversold: accepted with no unit left', ({ orders }) => `${count(orders.oversold)}${shareOf(orders)}`],
  ['cancelled: no shelf had it', ({ orders }) => count(orders.cancelled)],
  ['turned away although units were free', ({ orders }) => count(orders.lost)],
  ['units shown that nobody could have, at worst', ({ moments }) => count(worst(moments.map((m) => m.overshown)))],
  ['units there and not shown, at worst', ({ moments }) => count(worst(moments.map((m) => m.undershown)))],
  ['a change reaches a channel, p50', ({ lagMs }) => duration(ofSorted(lagMs, 0.5))],
  ['a change reaches a channel, p99', ({ lagMs }) => duration(ofSorted(lagMs, 0.99))],
  ['calls to channels', ({ calls }) => count(calls.made)],
  ['updates in them', ({ calls }) => count(calls.updates)],
  ['manual work', ({ manual }) => count(manual)],
  ['units that systems disagree by at the end', ({ driftAtEnd }) => count(driftAtEnd)],
];

export function resultTable(runs: readonly RunResult[]): string {
  return table([['', ...runs.map(({ name }) => name)], ...ROWS.map(([what, cell]) => [what, ...runs.map(cell)])]);
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(3, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, n) => cell.padEnd(widths[n]!)).join(' | ')} |`;
  const rule = `| ${widths.map((width, n) => (n === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  const [head, ...body] = rows;
  return `${[line(head!), rule, ...body.map(line)].join('\n')}\n`;
}

/** What is printed, in Markdown. @param about what was run */
export function reportText(about: string, runs: readonly RunResult[]): string {
  const erps = [...new Set(runs.map(({ erp }) => erp))].join(' and ');
  return `${about} The ERP is ${erps}; Amazon, eBay, the web shop (Vendure) and Square are simulated.

${resultTable(runs)}
Why an order was oversold, and for how long figures were wrong, over all SKUs and shops together:

${causesTable(runs)}`;
}

/** Where oversold orders and wrong figures come from. */
export function causesTable(runs: readonly RunResult[]): string {
  const rows = CAUSES.map((cause) => [
    CAUSE_TEXTS[cause],
    ...runs.map(({ causes }) => `${count(causes.oversold[cause])} / ${duration(causes.wrongMinutes[cause] * 60_000)}`),
  ]);
  return table([['orders / time', ...runs.map(({ name }) => name)], ...rows]);
}

const BEGIN = '<!-- scenario: written by npm run scenario -->';
const END = '<!-- /scenario -->';

/** The text with the table between its two marks. @throws Error where they are not there, once each and in order */
export function withTable(text: string, table: string): string {
  const [before, rest, ...more] = text.split(BEGIN);
  const [old, after, ...others] = (rest ?? '').split(END);
  if (rest === undefined || old === undefined || after === undefined || more.length + others.length > 0) {
    throw new Error(`the text must have ${BEGIN} and then ${END}, once each`);
  }
  return `${before}${BEGIN}\n${table}${END}${after}`;
}

function shareOf({ accepted, oversold }: RunResult['orders']): string {
  return accepted === 0 ? '' : ` (${((oversold / accepted) * 100).toFixed(1)} %)`;
}

const worst = (values: readonly number[]) => values.reduce((most, value) => Math.max(most, value), 0);

function ofSorted(values: readonly number[], share: number): number {
  return percentile(
    values.toSorted((a, b) => a - b),
    share,
  );
}

/** Two digits that matter: `340 ms`, `1.2 s`, `15 min`. */
export function duration(ms: number): string {
  if (!Number.isFinite(ms)) return '–';
  const units = [
    [3_600_000, 'h'],
    [60_000, 'min'],
    [1_000, 's'],
  ] as const;
  const [size, unit] = units.find(([least]) => ms >= least) ?? ([1, 'ms'] as const);
  const value = ms / size;
  return `${value >= 10 || size === 1 ? Math.round(value) : value.toFixed(1)} ${unit}`;
}

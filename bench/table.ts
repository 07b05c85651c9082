// The one table of a run, in Markdown so that it goes into docs/performance.md as it is.
import type { Figure } from './figure.ts';
import type { Machine } from './machine.ts';
import { median } from './statistics.ts';
import type { Judged } from './targets.ts';

export interface Skipped {
  readonly part: string;
  readonly why: string;
}

export interface Report {
  readonly at: string;
  readonly mode: string;
  readonly machine: Machine;
  readonly figures: readonly Figure[];
  readonly targets: readonly Judged[];
  readonly skipped: readonly Skipped[];
}

export function printReport(report: Report): string {
  const { machine } = report;
  const lines = [
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.os}, ${machine.kernel}, ` +
      `${machine.fileSystem}, Node ${machine.node}; ${report.at.slice(0, 10)}, ${report.mode}`,
    '',
    ...aligned([
      ['measured', 'median', 'lowest – highest', 'note'],
      ...report.figures.map((each) => [
        each.title,
        number(median(each.samples), each.unit),
        each.samples.length < 2
          ? ''
          : `${number(Math.min(...each.samples), each.unit)} – ${number(Math.max(...each.samples), each.unit)}`,
        each.note ?? '',
      ]),
    ]),
    '',
    ...aligned([
      ['target', 'must be', 'is', 'verdict'],
      ...report.targets.map(({ title, target, value, unit, verdict, missedBy }) => [
        title,
        target,
        value === undefined ? '' : number(value, unit),
        missedBy === undefined ? verdict : `missed by ${(missedBy * 100).toFixed(0)} %`,
      ]),
    ]),
    ...report.skipped.map(({ part, why }) => `\n${part} was skipped: ${why}`),
  ];
  return `${lines.join('\n')}\n`;
}

/** Three significant digits, thousands apart. */
export function number(value: number, unit: string): string {
  if (!Number.isFinite(value)) return '–';
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  const text = value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return unit === '/s' ? `${text}/s` : `${text} ${unit}`;
}

function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length), 3));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, n) => cell.padEnd(widths[n]!)).join(' | ')} |`;
  const [head, ...body] = rows;
  return [line(head!), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)];
}

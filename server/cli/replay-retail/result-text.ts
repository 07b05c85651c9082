// The outcome of a replay as a person reads it: one table, what was compared, and every difference.
import type { LocationLine, ReplayResult } from './replay-month.ts';

const HEADINGS = [
  'location',
  'SKUs',
  'lines',
  'sold',
  'returned',
  'adjusted',
  'opening',
  'expected',
  'on-hand',
  'diff.',
];

export function resultText(result: ReplayResult, seconds: number): string {
  const { month, deliveries, answers, web, differencesTotal } = result;
  const repeated = deliveries.repeatedSoon + deliveries.repeatedLate;
  const total = totalOf(result.locations);
  const rows = [...result.locations, total].map(cellsOf);
  const lines = [
    '',
    ...tableOf([HEADINGS, ...rows]),
    '',
    `web channel: ${web.skus} SKUs, available-to-sell expected ${web.expected}, actual ${web.actual}`,
    `rows: ${month.rows} = ${result.lines} lines + ${month.notGoods.rows} that are not goods (left out); ` +
      `${month.equalRows} rows equal another one and count like any other`,
    `sum of Quantity: ${month.quantitySum} = ${total.sold} sold − ${total.returned} returned − ${total.adjusted} adjusted ` +
      `${month.notGoods.quantity < 0 ? '−' : '+'} ${Math.abs(month.notGoods.quantity)} not goods`,
    `deliveries: ${deliveries.sent} = ${result.lines} lines + ${repeated} repeated ` +
      `(${deliveries.repeatedSoon} within the hour, ${deliveries.repeatedLate} later); ` +
      `recognised as duplicates: ${answers.duplicates}`,
    `events in the log: ${result.events} = ${result.takenOn} counts of the take-on + ${result.lines} lines`,
    `compared at the end of each of ${result.daysCompared} days with deliveries: ${result.compared} figures; seed ${result.seed}; ${seconds.toFixed(1)} s`,
    ...result.differences.map(
      ({ figure, expected, actual }) => `DIFFERENCE ${figure}: expected ${expected}, actual ${actual ?? 'none'}`,
    ),
    ...(differencesTotal > result.differences.length
      ? [`… and ${differencesTotal - result.differences.length} more`]
      : []),
    differencesTotal === 0 ? 'OK: no difference' : `FAILED: ${differencesTotal} differences`,
  ];
  return `${lines.join('\n')}\n`;
}

function cellsOf(line: LocationLine): string[] {
  const { location, skus, lines, sold, returned, adjusted, opening, onHandExpected, onHandActual } = line;
  const numbers = [skus, lines, sold, returned, adjusted, opening, onHandExpected, onHandActual];
  return [location, ...numbers.map(String), String(onHandActual - onHandExpected)];
}

function totalOf(locations: readonly LocationLine[]): LocationLine {
  const sum = (of: (line: LocationLine) => number) => locations.reduce((total, line) => total + of(line), 0);
  return {
    location: 'all',
    skus: sum(({ skus }) => skus),
    lines: sum(({ lines }) => lines),
    sold: sum(({ sold }) => sold),
    returned: sum(({ returned }) => returned),
    adjusted: sum(({ adjusted }) => adjusted),
    opening: sum(({ opening }) => opening),
    onHandExpected: sum(({ onHandExpected }) => onHandExpected),
    onHandActual: sum(({ onHandActual }) => onHandActual),
  };
}

/** Columns as wide as their widest cell; the first to the left, numbers to the right. */
function tableOf(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  '),
  );
  const rule = '─'.repeat(lines[0]!.length);
  return [lines[0]!, rule, ...lines.slice(1, -1), rule, lines.at(-1)!];
}

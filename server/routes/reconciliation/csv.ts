// The differences of a run as CSV (RFC 4180): a line each, for a spreadsheet or another program.
import type { FoundDifference, MadeCorrection } from '../../../domain/reconciliation/events.ts';
import { cell } from '../../csv-cell.ts';
import { text } from './view.ts';

const COLUMNS = [
  ...['sku', 'class', 'reported', 'expected', 'acknowledged', 'figure', 'units', 'value', 'ageMinutes', 'since'],
  ...['plan', 'outcome', 'attempts', 'event', 'why'],
] as const;

export function reportCsv(differences: readonly FoundDifference[], corrections: readonly MadeCorrection[]): string {
  const outcomes = new Map(corrections.map(({ sku, outcome }) => [sku, outcome]));
  const lines = differences.map((difference) => {
    const { since, ageMs } = difference;
    const row: Partial<Record<(typeof COLUMNS)[number], string | number | undefined>> = {
      ...difference,
      ageMinutes: ageMs === undefined ? undefined : Math.floor(ageMs / 60_000),
      since: since === undefined ? undefined : text(since),
      outcome: outcomes.get(difference.sku),
    };
    return COLUMNS.map((column) => cell(row[column])).join(',');
  });
  return `${[COLUMNS.join(','), ...lines].join('\r\n')}\r\n`;
}

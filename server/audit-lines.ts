// Audit entries as lines of a file: NDJSON for programs, CSV (RFC 4180) for spreadsheets, with what was recorded as JSON in the
// last column.
import type { AuditEntry } from '../projections/audit.ts';
import { cell } from './csv-cell.ts';

export const AUDIT_FORMATS = ['csv', 'ndjson'] as const;
export type AuditFormat = (typeof AUDIT_FORMATS)[number];

const COLUMNS = [
  ...(['position', 'knownAt', 'happenedAt', 'stream', 'revision', 'event', 'sku', 'location', 'channel'] as const),
  ...(['who', 'key', 'command', 'cause', 'belongsTo', 'eventId', 'what'] as const),
];

/** What comes before the first line. */
export function auditHead(format: AuditFormat): string {
  return format === 'csv' ? `${COLUMNS.join(',')}\r\n` : '';
}

export function auditLine(entry: AuditEntry, format: AuditFormat): string {
  if (format === 'ndjson') return `${JSON.stringify(auditView(entry))}\n`;
  const view = auditView(entry);
  const cells = COLUMNS.map((column) => cell(column === 'what' ? JSON.stringify(view.what) : view[column]));
  return `${cells.join(',')}\r\n`;
}

/** Positions are bigint: as decimal text. */
export function auditView({ position, ...entry }: AuditEntry) {
  return { position: position.toString(), ...entry };
}

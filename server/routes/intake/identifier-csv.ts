// Lines about names as CSV with a header: `ours,theirs` and, where they are wanted, `what`, `action` and a column
// `more.<name>` for each further id. An empty cell says nothing.
import { isUtf8 } from 'node:buffer';
import { CsvError, type Info } from 'csv-parse';
import { parse } from 'csv-parse/sync';
import { HttpProblem } from '../../problems.ts';
import type { BatchLines } from './batch-lines.ts';

const MORE_PREFIX = 'more.';
const COLUMNS: ReadonlySet<string> = new Set(['what', 'ours', 'theirs', 'action']);

/** @throws HttpProblem `invalid-csv`, `too-many-lines` */
export function identifierCsvLines(bytes: Buffer, linesMax: number): BatchLines {
  if (!isUtf8(bytes)) throw invalid('is not valid UTF-8');
  const [header, ...rows] = records(bytes);
  if (header === undefined || rows.length === 0) throw invalid('has no lines');
  if (rows.length > linesMax)
    throw new HttpProblem('too-many-lines', `A request may have ${linesMax} lines, this has ${rows.length}: divide it`);
  checkHeader(header.record);
  return {
    count: rows.length,
    lineNumber: (n) => rows[n]!.info.lines,
    parse(n) {
      const { record } = rows[n]!;
      if (record.length === header.record.length) return { ok: true, value: lineOf(header.record, record) };
      const message = `has ${record.length} columns instead of ${header.record.length}`;
      return { ok: false, rule: 'syntax', message };
    },
  };
}

interface Row {
  readonly record: readonly string[];
  readonly info: Info;
}

function records(bytes: Buffer): readonly Row[] {
  try {
    const options = { bom: true, info: true, relax_column_count: true, skip_empty_lines: true, trim: true } as const;
    return parse(bytes, options) as unknown as readonly Row[];
  } catch (error) {
    if (error instanceof CsvError) throw invalid(`cannot be read: ${error.message}`);
    throw error;
  }
}

function checkHeader(header: readonly string[]): void {
  const twice = header.find((column, n) => header.indexOf(column) !== n);
  if (twice !== undefined) throw invalid(`has the column ${JSON.stringify(twice)} twice`);
  const unknown = header.find((column) => !COLUMNS.has(column) && !column.startsWith(MORE_PREFIX));
  if (unknown !== undefined) throw invalid(`has a column ${JSON.stringify(unknown.slice(0, 60))} that nobody knows`);
  for (const needed of ['ours', 'theirs']) if (!header.includes(needed)) throw invalid(`has no column ${needed}`);
}

function lineOf(header: readonly string[], record: readonly string[]): Record<string, unknown> {
  const line: Record<string, unknown> = Object.create(null);
  const more: Record<string, string> = Object.create(null);
  for (const [n, column] of header.entries()) {
    const cell = record[n]!;
    if (cell === '') continue;
    if (column.startsWith(MORE_PREFIX)) more[column.slice(MORE_PREFIX.length)] = cell;
    else line[column] = cell;
  }
  return Object.keys(more).length === 0 ? { ...line } : { ...line, more: { ...more } };
}

function invalid(what: string): HttpProblem {
  return new HttpProblem('invalid-csv', `The body ${what}`);
}

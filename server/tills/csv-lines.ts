// A till's file as CSV: a header, then a record a line. A record never goes over several lines, so a line with a broken
// quotation mark is bad by itself and costs none of those behind it.
import { HttpProblem } from '../problems.ts';
import type { BatchLines } from '../routes/intake/batch-lines.ts';
import { NOT_UTF8, type StrictJson } from '../routes/intake/strict-json.ts';
import { TILL_COLUMNS } from './till-line.ts';

const NUMBERS: ReadonlySet<string> = new Set(['counter', 'quantity']);
const WHOLE = /^-?\d{1,15}$/;

/** @throws HttpProblem `invalid-command` when the header is none of a till's file, `too-many-lines` */
export function csvLines(bytes: Buffer, linesMax: number): BatchLines {
  const text = new TextDecoder('utf-8', { ignoreBOM: false }).decode(bytes);
  const lines = text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  const columns = columnsOf(lines[0] ?? '');
  const filled: number[] = [];
  for (let n = 1; n < lines.length; n += 1) if (lines[n] !== '') filled.push(n);
  if (filled.length > linesMax) {
    throw new HttpProblem(
      'too-many-lines',
      `An upload may have ${linesMax} lines, this has ${filled.length}: divide it`,
    );
  }
  if (filled.length === 0) throw invalid('the file has no lines behind its header');
  return {
    count: filled.length,
    lineNumber: (n) => filled[n]! + 1,
    parse: (n) => rowOf(lines[filled[n]!]!, columns),
  };
}

function columnsOf(header: string): readonly string[] {
  const columns = cellsOf(header)?.map((name) => name.trim()) ?? [];
  const unknown = columns.find((name) => !TILL_COLUMNS.includes(name));
  if (unknown !== undefined) {
    const name = JSON.stringify(unknown.slice(0, 40));
    throw invalid(`the header has a column ${name}; a till's file has ${TILL_COLUMNS.join(', ')}`);
  }
  if (new Set(columns).size < columns.length) throw invalid('the header has a column twice');
  const missing = ['counter', 'type', 'sku', 'quantity', 'occurredAt'].find((name) => !columns.includes(name));
  if (missing !== undefined) throw invalid(`the header has no column ${missing}`);
  return columns;
}

function rowOf(line: string, columns: readonly string[]): StrictJson {
  // What is no UTF-8 was replaced; no SKU, counter or time has this character.
  if (line.includes('\uFFFD')) return NOT_UTF8;
  const cells = cellsOf(line);
  if (cells === undefined) return bad('has a quotation mark that is not closed, or text beside one');
  if (cells.length !== columns.length) return bad(`has ${cells.length} cells, the header has ${columns.length}`);
  const row: Record<string, unknown> = {};
  for (const [n, name] of columns.entries()) {
    const cell = cells[n]!.trim();
    if (cell !== '') row[name] = NUMBERS.has(name) && WHOLE.test(cell) ? Number(cell) : cell;
  }
  return { ok: true, value: row };
}

/** RFC 4180 within one line; undefined: its quotation marks do not add up. */
function cellsOf(line: string): readonly string[] | undefined {
  if (!line.includes('"')) return line.split(',');
  const cells: string[] = [];
  for (let at = 0; at <= line.length; ) {
    if (line[at] !== '"') {
      const end = line.indexOf(',', at);
      const cell = line.slice(at, end < 0 ? line.length : end);
      if (cell.includes('"')) return undefined;
      cells.push(cell);
      at = end < 0 ? line.length + 1 : end + 1;
      continue;
    }
    let cell = '';
    let from = at + 1;
    for (;;) {
      const quote = line.indexOf('"', from);
      if (quote < 0) return undefined;
      cell += line.slice(from, quote);
      from = quote + 1;
      if (line[from] !== '"') break;
      cell += '"';
      from += 1;
    }
    if (from < line.length && line[from] !== ',') return undefined;
    cells.push(cell);
    at = from + 1;
  }
  return cells;
}

const bad = (message: string): StrictJson => ({ ok: false, rule: 'syntax', message });
const invalid = (message: string): HttpProblem => new HttpProblem('invalid-command', `The upload: ${message}`);

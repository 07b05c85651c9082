// An uploaded statement: CSV with a header, or NDJSON. A line that cannot be read is a fault with its number and costs no
// other; but then the statement is not complete any more, because nobody knows which SKU the line was about.
import { isUtf8 } from 'node:buffer';
import { Readable } from 'node:stream';
import { CsvError, type Info, parse } from 'csv-parse';
import type { LineFault } from '../../domain/reconciliation/events.ts';
import {
  STATEMENT_COLUMNS,
  type Statement,
  StatementLine,
  type StatementRow,
} from '../../domain/reconciliation/statement.ts';
import type { Instant } from '../../domain/time.ts';
import { faultsOf } from '../problems.ts';
import { hasByteOrderMark, NOT_UTF8, parseStrictText } from '../routes/intake/strict-json.ts';

export type StatementFormat = 'csv' | 'ndjson';

export interface ParsedStatement {
  readonly statement: Statement;
  readonly faults: readonly LineFault[];
}

export interface ParseOptions {
  readonly format: StatementFormat;
  /** Of rows that do not say. */
  readonly asOf: Instant;
  readonly isComplete: boolean;
  readonly linesMax: number;
  /** Lets others have their turn: a large file is read for seconds. Default: nobody waits. */
  readonly giveWay?: () => Promise<void>;
}

/** Lines between two turns, about 5 ms. */
const SLICE_LINES = 250;

/** The statement cannot be read at all: the message says what to mend. */
export class StatementInvalid extends Error {
  override readonly name = 'StatementInvalid';
}

type Line = { readonly line: number; readonly value: unknown } | Fault;

/** @throws StatementInvalid */
export async function parseStatement(bytes: Buffer, options: ParseOptions): Promise<ParsedStatement> {
  const faults: Fault[] = [];
  const rows = new Map<string, { readonly row: StatementRow; readonly line: number }>();
  let lines = 0;
  const lineByLine = options.format === 'csv' ? csvLines(bytes) : ndjsonLines(bytes);
  for await (const given of lineByLine) {
    lines += 1;
    if (lines > options.linesMax) throw new StatementInvalid(`has more than ${options.linesMax} lines: divide it`);
    if (lines % SLICE_LINES === 0) await options.giveWay?.();
    const read = rowOf(given, options.asOf);
    if ('rule' in read) {
      faults.push(read);
      continue;
    }
    const first = rows.get(read.sku);
    if (first === undefined) rows.set(read.sku, { row: read, line: given.line });
    else faults.push(repeated(given.line, read, first));
  }
  for (const { rule, sku } of faults) if (rule === 'contradiction') rows.delete(sku!);
  if (rows.size === 0) throw new StatementInvalid(emptyBecause(lines, faults));
  const taken = Array.from(rows.values(), ({ row }) => row);
  const asOf = taken.reduce((earliest, row) => Math.min(earliest, row.asOf), options.asOf);
  // Of any other bad line nobody knows for sure what it says of which SKU.
  const isComplete = options.isComplete && faults.every(({ rule }) => rule === 'duplicate');
  return { statement: { rows: taken, asOf, isComplete }, faults: faults.map(({ sku: _, ...fault }) => fault) };
}

interface Fault extends LineFault {
  readonly sku?: string;
}

function repeated(
  line: number,
  row: StatementRow,
  first: { readonly row: StatementRow; readonly line: number },
): Fault {
  const { sku } = row;
  if (row.units === first.row.units) {
    return { line, sku, rule: 'duplicate', message: `${sku} is in line ${first.line} already` };
  }
  const message = `${sku} has ${first.row.units} units in line ${first.line} and ${row.units} here: it is not compared`;
  return { line, sku, rule: 'contradiction', message };
}

function emptyBecause(lines: number, [first]: readonly Fault[]): string {
  if (lines === 0 || first === undefined) return 'has no lines';
  return `has no line that can be compared; line ${first.line}: ${first.message}`;
}

function rowOf(given: Line, asOf: Instant): StatementRow | Fault {
  if ('rule' in given) return given;
  const parsed = StatementLine.safeParse(given.value);
  if (!parsed.success) {
    const { path, rule, message } = faultsOf(parsed.error.issues)[0]!;
    return { line: given.line, rule, message: `${path.slice(1)} ${message}`.trimStart().slice(0, 300) };
  }
  return { ...parsed.data, asOf: parsed.data.asOf ?? asOf };
}

async function* ndjsonLines(bytes: Buffer): AsyncIterable<Line> {
  if (hasByteOrderMark(bytes)) throw new StatementInvalid('starts with a byte order mark: send UTF-8 without it');
  let line = 0;
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(0x0a, start);
    const end = found < 0 ? bytes.length : found;
    const part = bytes.subarray(start, end);
    start = end + 1;
    line += 1;
    const text = isUtf8(part) ? part.toString('utf8') : undefined;
    if (text?.trim() === '') continue;
    const parsed = text === undefined ? NOT_UTF8 : parseStrictText(text);
    yield parsed.ok ? { line, value: parsed.value } : { line, rule: parsed.rule, message: parsed.message };
  }
}

/** The parts a large file is read in, so that others have their turn in between. */
const PART_BYTES = 64 * 1024;

function* partsOf(bytes: Buffer): Iterable<Buffer> {
  for (let at = 0; at < bytes.length; at += PART_BYTES) yield bytes.subarray(at, at + PART_BYTES);
}

async function* csvLines(bytes: Buffer): AsyncIterable<Line> {
  if (!isUtf8(bytes)) throw new StatementInvalid('is not valid UTF-8');
  const header = bytes.subarray(0, Math.max(0, bytes.indexOf(0x0a)));
  const delimiter = header.includes(';') && !header.includes(',') ? ';' : ',';
  const parser = Readable.from(partsOf(bytes)).pipe(
    parse({ delimiter, bom: true, info: true, relax_column_count: true, skip_empty_lines: true, trim: true }),
  );
  let columns: readonly string[] | undefined;
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: Info }>) {
      if (columns === undefined) columns = columnsOf(record);
      else if (record.length !== columns.length) {
        const message = `has ${record.length} columns instead of ${columns.length}`;
        yield { line: info.lines, rule: 'columns', message };
      } else yield { line: info.lines, value: cellsOf(columns, record) };
    }
  } catch (error) {
    // After a quotation mark that is wrong nobody can tell where the next row begins.
    throw error instanceof CsvError ? new StatementInvalid(`cannot be read: ${error.message}`) : error;
  }
}

function columnsOf(header: readonly string[]): readonly string[] {
  const unknown = header.find((column) => !STATEMENT_COLUMNS.includes(column));
  if (unknown !== undefined) {
    const named = JSON.stringify(unknown.slice(0, 60));
    throw new StatementInvalid(`has a column ${named}; there are ${STATEMENT_COLUMNS.join(', ')}`);
  }
  for (const name of ['sku', 'units']) {
    const times = header.filter((column) => column === name).length;
    if (times !== 1) throw new StatementInvalid(`needs one column ${name} in its header, it has ${times}`);
  }
  const twice = header.find((column, n) => header.indexOf(column) !== n);
  if (twice !== undefined) throw new StatementInvalid(`has the column ${twice} twice`);
  return header;
}

/** Text that is a whole number becomes one, `12.0` too; anything else is left for the schema to refuse. */
const NUMBER = /^-?\d{1,15}(?:\.0+)?$/;
const NUMERIC: ReadonlySet<string> = new Set(['units', 'unitPrice']);

function cellsOf(columns: readonly string[], record: readonly string[]): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  columns.forEach((column, n) => {
    const cell = record[n]!;
    if (cell === '') return;
    value[column] = NUMERIC.has(column) && NUMBER.test(cell) ? Number(cell) : cell;
  });
  return value;
}

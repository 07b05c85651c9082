// Reads a file row by row, never whole: CSV or NDJSON, gzip by its name. Promise: a row that cannot be read is a
// BadRow with its line and costs no other; memory does not grow with the file.
import { createReadStream } from 'node:fs';
import { type Readable, Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { CsvError, type Info, parse } from 'csv-parse';
import { parseStrictText } from '../../routes/intake/strict-json.ts';
import { ImportError, type Mapping } from './mapping.ts';
import { type BadRow, type Cells, QUOTED_CHARS_MAX, ROW_CHARS_MAX, type Row } from './row.ts';

export type FileFormat = 'csv' | 'ndjson';
const FORMATS: readonly (readonly [ending: string, format: FileFormat])[] = [
  ['.csv', 'csv'],
  ['.tsv', 'csv'],
  ['.ndjson', 'ndjson'],
  ['.jsonl', 'ndjson'],
];

/** By the file's name, `.gz` aside. @throws ImportError */
export function formatOf(file: string): FileFormat {
  const name = file.toLowerCase().replace(/\.gz$/, '');
  const found = FORMATS.find(([ending]) => name.endsWith(ending));
  if (found === undefined) {
    throw new ImportError(`${file} ends in none of ${FORMATS.map(([ending]) => ending).join(', ')}: give --format`);
  }
  return found[1];
}

export interface OpenFile {
  /** Rows in the order of the file. Ending the iteration early closes the file. */
  readonly rows: AsyncIterable<Row | BadRow>;
  /** Bytes read from disk so far, for the progress bar. */
  bytesRead(): number;
}

/** @param csv undefined: NDJSON; its lines are commands, or flat objects whose members are the cells */
export function readRows(file: string, csv: Mapping['csv'] | undefined): OpenFile {
  const raw = createReadStream(file);
  const bytes: Readable = file.toLowerCase().endsWith('.gz') ? raw.pipe(createGunzip()) : raw;
  if (bytes !== raw) raw.once('error', (error) => bytes.destroy(error));
  const text = bytes.pipe(decoder(csv?.encoding ?? 'utf-8'));
  bytes.once('error', (error) => text.destroy(error));
  const rows = csv === undefined ? ndjsonRows(text) : csvRows(text, csv);
  return { rows: closing(rows, file, [raw, bytes, text]), bytesRead: () => raw.bytesRead };
}

async function* closing(
  rows: AsyncIterable<Row | BadRow>,
  file: string,
  streams: readonly Readable[],
): AsyncIterable<Row | BadRow> {
  try {
    yield* rows;
  } catch (error) {
    if (error instanceof ImportError || !(error instanceof Error) || !('code' in error)) throw error;
    throw new ImportError(`${file} cannot be read: ${error.message}`, { cause: error });
  } finally {
    for (const stream of streams) stream.destroy();
  }
}

/** Bytes to text. Bytes that are no text become U+FFFD, which a cell that is used may not have. */
function decoder(encoding: string): Transform {
  const decode = new TextDecoder(encoding);
  return new Transform({
    decodeStrings: false,
    encoding: 'utf8',
    transform(chunk: Buffer, _, done) {
      done(null, decode.decode(chunk, { stream: true }));
    },
    flush(done) {
      done(null, decode.decode());
    },
  });
}

async function* csvRows(text: Readable, csv: Mapping['csv']): AsyncIterable<Row | BadRow> {
  const parser = text.pipe(
    parse({
      delimiter: csv.delimiter,
      quote: csv.quotes === 'literal' ? null : '"',
      bom: true,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
      max_record_size: ROW_CHARS_MAX,
    }),
  );
  text.once('error', (error) => parser.destroy(error));
  let columns = csv.columns;
  if (columns !== undefined) checkHeader(columns);
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: Info }>) {
      if (columns === undefined) {
        columns = record;
        checkHeader(columns);
      } else if (record.length !== columns.length) {
        const fault = `has ${record.length} columns instead of ${columns.length}`;
        yield { line: info.lines, fault, text: record.join(csv.delimiter).slice(0, QUOTED_CHARS_MAX) };
      } else {
        yield { line: info.lines, cells: cellsOf(columns, record) };
      }
    }
  } catch (error) {
    throw error instanceof CsvError ? new ImportError(messageOf(error)) : error;
  }
}

/** After a quotation mark that is wrong nobody can tell where the next row begins: going on would lose rows. */
function messageOf(error: CsvError): string {
  const advice = 'Mend the line, or set csv.quotes to "literal" if quotation marks mean nothing in this file.';
  return error.message.includes('Quote') ? `${error.message}. ${advice}` : error.message;
}

function checkHeader(columns: readonly string[]): void {
  const twice = columns.find((column, n) => columns.indexOf(column) !== n);
  if (twice !== undefined) throw new ImportError(`The header has the column ${JSON.stringify(twice)} twice`);
}

function cellsOf(columns: readonly string[], record: readonly string[]): Cells {
  const cells = Object.create(null) as Record<string, string>;
  for (let n = 0; n < columns.length; n++) cells[columns[n]!] = record[n]!;
  return cells;
}

async function* ndjsonRows(text: AsyncIterable<string>): AsyncIterable<Row | BadRow> {
  let rest = '';
  let line = 0;
  for await (const chunk of text) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    if (rest.length > ROW_CHARS_MAX) throw new ImportError(`line ${line + lines.length + 1} has more than 1 MiB`);
    for (const one of lines) {
      line += 1;
      if (one.trim() !== '') yield jsonRow(one, line);
    }
  }
  if (rest.trim() !== '') yield jsonRow(rest, line + 1);
}

function jsonRow(text: string, line: number): Row | BadRow {
  const bad = (fault: string): BadRow => ({ line, fault, text: text.slice(0, QUOTED_CHARS_MAX) });
  const parsed = parseStrictText(text);
  if (!parsed.ok) return bad(parsed.message);
  const { value } = parsed;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return bad('is not a JSON object');
  if (text.includes('\ufffd')) return bad('is not valid UTF-8');
  const cells = Object.create(null) as Record<string, string>;
  for (const [name, cell] of Object.entries(value)) {
    if (typeof cell !== 'object') cells[name] = String(cell).trim();
    else if (cell === null) cells[name] = '';
  }
  return { line, cells, command: value };
}

// Rows of a file gathered into batches of commands for the target, in the order of the file, together with what is
// already known of the rows that give no command.
import { isFact, type StockCommand, type StockCommandJson } from '../../../domain/stock/commands.ts';
import type { ReportEntry } from './error-report.ts';
import { commandAsItIs, compileMapping, createPlaces, type MapRow } from './map-row.ts';
import type { Mapping } from './mapping.ts';
import { type BadRow, isBadRow, type Row } from './row.ts';

export interface Line {
  readonly line: number;
  readonly row: ReportEntry['row'];
  readonly command: StockCommandJson;
}

export interface ImportBatch {
  readonly lines: readonly Line[];
  /** Rows that gave no command, by the mapping. */
  readonly invalid: readonly ReportEntry[];
  readonly skipped: readonly string[];
  /** The last line that is in this batch. */
  readonly lastLine: number;
  /** Has a request: its outcome may depend on what is before it, so it is not sent beside other batches. */
  readonly ordered: boolean;
}

export interface BatchSettings {
  readonly mapping: Mapping | undefined;
  readonly isCsv: boolean;
  /** Rows in a batch. */
  readonly size: number;
  /** Rows up to this line are counted and passed over. */
  readonly afterLine: number;
}

export async function* batchesOf(
  rows: AsyncIterable<Row | BadRow>,
  settings: BatchSettings,
): AsyncGenerator<ImportBatch> {
  const { mapping, size, afterLine } = settings;
  const placeOf = createPlaces(mapping?.group);
  let mapRow: MapRow | undefined;
  let batch = emptyBatch();
  for await (const row of rows) {
    if (isBadRow(row)) {
      if (row.line <= afterLine) continue;
      batch.invalid.push({ line: row.line, reason: 'unreadable-row', detail: `the row ${row.fault}`, row: row.text });
    } else {
      if (mapping !== undefined) {
        mapRow ??= compileMapping(mapping, settings.isCsv ? Object.keys(row.cells) : undefined);
      }
      const place = placeOf(row.cells);
      if (row.line <= afterLine) continue;
      const mapped = mapRow === undefined ? commandAsItIs(row.command) : mapRow(row, place);
      const original = mapping === undefined ? (row.command as object) : row.cells;
      if ('skipped' in mapped) batch.skipped.push(mapped.skipped);
      else if ('command' in mapped) batch.lines.push({ line: row.line, row: original, command: mapped.command });
      else batch.invalid.push({ line: row.line, reason: 'invalid-row', ...mapped.invalid, row: original });
    }
    batch.rows += 1;
    batch.lastLine = row.line;
    if (batch.rows < size) continue;
    yield { ...batch, ordered: batch.lines.some(isRequest) };
    batch = emptyBatch();
  }
  if (batch.rows > 0) yield { ...batch, ordered: batch.lines.some(isRequest) };
}

function emptyBatch() {
  return { lines: [] as Line[], invalid: [] as ReportEntry[], skipped: [] as string[], rows: 0, lastLine: 0 };
}

function isRequest({ command }: Line): boolean {
  return !isFact(command as unknown as StockCommand);
}

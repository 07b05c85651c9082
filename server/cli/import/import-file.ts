// Imports a file of stock movements: reads it row by row, maps each row to a command and sends them in batches, some
// at a time. Promise: the journal moves on only over rows whose results are definite and in order, so an import that
// stopped anywhere can be repeated; every row is accounted for in the summary or the error report.
import { stat } from 'node:fs/promises';
import type { Clock } from '../../../domain/time.ts';
import { type BatchSettings, batchesOf, type ImportBatch } from './batches.ts';
import { type ErrorReport, noErrorReport, openErrorReport, type ReportEntry } from './error-report.ts';
import { type Counts, fingerprintOf, readJournal, removeJournal, writeJournal } from './journal.ts';
import { ImportError, Mapping, type MappingJson } from './mapping.ts';
import { type FileFormat, formatOf, readRows } from './read-rows.ts';
import { type ImportTarget, type Patience, patience, type Settled, settleBatch } from './target.ts';

export interface ImportOptions {
  readonly file: string;
  readonly format?: FileFormat | 'auto';
  /** Needed for CSV; without it the lines of an NDJSON file are commands. */
  readonly mapping?: MappingJson | undefined;
  readonly target: ImportTarget;
  /** NDJSON file of the lines that had no effect. */
  readonly errorReport?: string | undefined;
  /** Journal of the import; without it, it cannot be resumed. */
  readonly resumeFile?: string | undefined;
  /** Starts over whatever the journal says. */
  readonly restart?: boolean;
  /** Reads, maps and checks, and sends nothing. */
  readonly dryRun?: boolean;
  /** Rows in a batch, 1 to 10,000. */
  readonly batchRows?: number;
  /** Batches sent at once, 1 to 32. Batches with requests (such as reservations) always go one after another. */
  readonly concurrency?: number;
  readonly onProgress?: (progress: ImportProgress) => void;
  readonly signal?: AbortSignal;
  readonly clock: Clock;
  readonly patience?: Patience;
}

export interface ImportProgress {
  readonly line: number;
  readonly rows: number;
  readonly bytesRead: number;
  readonly bytesTotal: number;
  readonly counts: Counts;
}

export interface ImportSummary extends Counts {
  readonly file: string;
  readonly rows: number;
  /** The last line whose result is definite. */
  readonly lastLine: number;
  /** The line after which a resumed import went on. */
  readonly resumedAfterLine?: number;
  /** `stopped`: told to · `unsettled`: the target gave no definite result in time. Both can be resumed. */
  readonly status: 'complete' | 'stopped' | 'unsettled';
  readonly detail?: string;
  readonly dryRun: boolean;
  readonly errorReport?: string;
  readonly durationMs: number;
}

const BATCH_ROWS = 500;
const BATCH_ROWS_MAX = 10_000;
const CONCURRENCY = 4;
const CONCURRENCY_MAX = 32;

/** @throws ImportError when it cannot run at all, or not on */
export async function importFile(options: ImportOptions): Promise<ImportSummary> {
  const startedAt = options.clock.now();
  const { mapping, isCsv } = shapeOf(options);
  const size = await sizeOf(options.file);
  const resumeFile = options.dryRun ? undefined : options.resumeFile;
  const fingerprint = resumeFile === undefined ? '' : await fingerprintOf(options.file, size, mapping);
  const before = resumeFile === undefined || options.restart ? undefined : await readJournal(resumeFile, fingerprint);
  const report =
    options.errorReport === undefined
      ? noErrorReport
      : await openErrorReport(options.errorReport, before?.reportBytes ?? 0);
  const tally = createTally(before?.counts, before?.line ?? 0);
  const opened = readRows(options.file, isCsv ? (mapping?.csv ?? Mapping.shape.csv.parse(undefined)) : undefined);
  const settings: BatchSettings = {
    mapping,
    isCsv,
    size: bounded('batchRows', options.batchRows ?? BATCH_ROWS, BATCH_ROWS_MAX),
    afterLine: before?.line ?? 0,
  };
  try {
    const end = await sendAll(batchesOf(opened.rows, settings), options, async (batch, settled) => {
      await report.write(tally.add(batch, settled));
      const { counts, line } = tally;
      if (resumeFile !== undefined) {
        await writeJournal(resumeFile, { version: 1, fingerprint, line, reportBytes: report.bytes, counts });
      }
      options.onProgress?.({ line, rows: rowsOf(counts), bytesRead: opened.bytesRead(), bytesTotal: size, counts });
    });
    if (end.status === 'complete' && resumeFile !== undefined) await removeJournal(resumeFile);
    return {
      file: options.file,
      rows: rowsOf(tally.counts),
      ...tally.counts,
      lastLine: tally.line,
      ...(before === undefined ? undefined : { resumedAfterLine: before.line }),
      ...end,
      dryRun: options.dryRun ?? false,
      ...reportOf(options.errorReport, report),
      durationMs: options.clock.now() - startedAt,
    };
  } finally {
    await report.close();
  }
}

interface End {
  readonly status: ImportSummary['status'];
  readonly detail?: string;
}
type OnSettled = (batch: ImportBatch, settled: SettledBatch) => Promise<void>;
type SettledBatch = Extract<Settled, { results: unknown }>;

/** Sends the batches, a bounded number at once, and settles them in their order. */
async function sendAll(
  batches: AsyncGenerator<ImportBatch>,
  options: ImportOptions,
  onSettled: OnSettled,
): Promise<End> {
  const { target, signal } = options;
  const inFlight: { readonly batch: ImportBatch; readonly settled: Promise<Settled> }[] = [];
  const concurrency = bounded('concurrency', options.concurrency ?? CONCURRENCY, CONCURRENCY_MAX);
  const settleDownTo = async (left: number): Promise<End | undefined> => {
    while (inFlight.length > left) {
      const { batch, settled } = inFlight.shift()!;
      const outcome = await settled;
      if ('unsettled' in outcome) {
        if (signal?.aborted) return STOPPED;
        return { status: 'unsettled', detail: `${outcome.unsettled.reason}: ${outcome.unsettled.detail}` };
      }
      await onSettled(batch, outcome);
    }
    return undefined;
  };
  try {
    for await (const batch of batches) {
      if (signal?.aborted) return (await settleDownTo(0)) ?? STOPPED;
      if (batch.ordered) {
        const end = await settleDownTo(0);
        if (end !== undefined) return end;
      }
      const settled = send(batch, target, options);
      // Awaited in turn; until then a failure is nobody's unhandled rejection.
      settled.catch(() => {});
      inFlight.push({ batch, settled });
      const end = await settleDownTo(batch.ordered ? 0 : concurrency - 1);
      if (end !== undefined) return end;
    }
    return (await settleDownTo(0)) ?? { status: 'complete' };
  } catch (error) {
    // The file ended badly: what was read before counts.
    await settleDownTo(0).catch(() => {});
    throw error;
  } finally {
    // Nothing is in the air when this returns, whatever ended it.
    await Promise.allSettled(inFlight.map(({ settled }) => settled));
  }
}
const STOPPED: End = { status: 'stopped', detail: 'told to stop' };

function send(batch: ImportBatch, target: ImportTarget, options: ImportOptions): Promise<Settled> {
  if (options.dryRun || batch.lines.length === 0) return Promise.resolve({ results: [] });
  const commands = batch.lines.map(({ command }) => command);
  return settleBatch(commands, target, options.patience ?? patience, options.signal);
}

/** Counts what became of the rows, and says which of them go into the error report. */
function createTally(before: Counts | undefined, line: number) {
  const counts = before ?? { accepted: 0, duplicates: 0, parked: 0, refused: 0, invalid: 0, skipped: {} };
  return {
    counts,
    line,
    add(batch: ImportBatch, { results }: SettledBatch): ReportEntry[] {
      const entries: ReportEntry[] = [...batch.invalid];
      counts.invalid += batch.invalid.length;
      for (const reason of batch.skipped) counts.skipped[reason] = (counts.skipped[reason] ?? 0) + 1;
      batch.lines.forEach(({ line: at, row, command }, n) => {
        // In a dry run there are no results: what would be sent counts as accepted.
        const result = results[n] ?? { outcome: 'accepted', duplicate: false };
        if ('reason' in result) {
          counts[result.outcome] += 1;
          entries.push({ line: at, reason: result.reason, detail: result.detail, commandId: command.id, row });
        } else if (result.duplicate) counts.duplicates += 1;
        else {
          counts[result.outcome] += 1;
          if (result.outcome === 'parked') {
            entries.push({ line: at, reason: 'parked', detail: PARKED, commandId: command.id, row });
          }
        }
      });
      this.line = batch.lastLine;
      return entries.sort((a, b) => a.line - b.line);
    },
  };
}
const PARKED = 'recorded, but outside the window in which it can be judged: it moved no stock and waits for somebody';

function rowsOf({ accepted, duplicates, parked, refused, invalid, skipped }: Counts): number {
  const left = Object.values(skipped).reduce((sum, n) => sum + n, 0);
  return accepted + duplicates + parked + refused + invalid + left;
}

function shapeOf(options: ImportOptions): { readonly mapping: Mapping | undefined; readonly isCsv: boolean } {
  const { format = 'auto', file } = options;
  const isCsv = (format === 'auto' ? formatOf(file) : format) === 'csv';
  const mapping = options.mapping === undefined ? undefined : Mapping.parse(options.mapping);
  if (isCsv && mapping === undefined) throw new ImportError(`${file} is CSV: say with --mapping what its columns mean`);
  return { mapping, isCsv };
}

async function sizeOf(file: string): Promise<number> {
  try {
    const found = await stat(file);
    if (found.isFile()) return found.size;
  } catch (error) {
    throw new ImportError(`${file} cannot be read: ${(error as Error).message}`);
  }
  throw new ImportError(`${file} is not a file`);
}

function bounded(name: string, value: number, max: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= max) return value;
  throw new ImportError(`${name} must be a whole number from 1 to ${max}, not ${value}`);
}

function reportOf(path: string | undefined, report: ErrorReport): { readonly errorReport?: string } {
  return path === undefined || report.bytes === 0 ? {} : { errorReport: path };
}

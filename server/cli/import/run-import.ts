// `evenstock import`: files and flags in, an exit code out. 0: every row is in or was left out on purpose ·
// 2: it went through, but rows were refused, invalid or parked · 1: it could not run or not to the end.
import { readFile } from 'node:fs/promises';
import type { Clock } from '../../../domain/time.ts';
import { type ImportSummary, importFile } from './import-file.ts';
import { ImportError, type Mapping, parseMapping } from './mapping.ts';
import { noProgress, type ProgressStream, progressView } from './progress.ts';
import type { ImportTarget, Patience } from './target.ts';

export interface ImportFlags {
  readonly file: string;
  readonly format?: 'auto' | 'csv' | 'ndjson';
  /** Path of the mapping file. */
  readonly mapping?: string;
  /** Path of the error report. Default: the file's path and `.errors.ndjson`. */
  readonly errors?: string;
  /** Path of the journal. Default: the file's path and `.import.json`. */
  readonly journal?: string;
  readonly restart?: boolean;
  readonly dryRun?: boolean;
  readonly batch?: number;
  readonly concurrency?: number;
  readonly json?: boolean;
}

export interface ImportRoom {
  /** Opened only once the flags are known to be right. @throws ImportError */
  readonly openTarget: () => ImportTarget | Promise<ImportTarget>;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: ProgressStream;
  readonly clock: Clock;
  /** Told to stop: what is in flight is settled or left for the next run. */
  readonly signal?: AbortSignal;
  readonly patience?: Patience;
}

/** Never throws for what a person can mend: says it on stderr and answers 1. */
export async function runImport(flags: ImportFlags, room: ImportRoom): Promise<0 | 1 | 2> {
  const view = flags.json ? noProgress : progressView(room.stderr, room.clock);
  try {
    const mapping = flags.mapping === undefined ? undefined : await mappingOf(flags.mapping);
    const target = flags.dryRun ? nowhere : await room.openTarget();
    const summary = await importFile({
      file: flags.file,
      ...(flags.format === undefined ? {} : { format: flags.format }),
      mapping,
      target,
      errorReport: flags.errors ?? `${flags.file}.errors.ndjson`,
      resumeFile: flags.journal ?? `${flags.file}.import.json`,
      restart: flags.restart ?? false,
      dryRun: flags.dryRun ?? false,
      ...(flags.batch === undefined ? {} : { batchRows: flags.batch }),
      ...(flags.concurrency === undefined ? {} : { concurrency: flags.concurrency }),
      onProgress: view.show,
      ...(room.signal === undefined ? {} : { signal: room.signal }),
      ...(room.patience === undefined ? {} : { patience: room.patience }),
      clock: room.clock,
    });
    view.stop();
    room.stdout.write(flags.json ? `${JSON.stringify(summary)}\n` : summaryText(summary));
    return exitCodeOf(summary);
  } catch (error) {
    view.stop();
    if (!(error instanceof ImportError)) throw error;
    room.stderr.write(`import: ${error.message}\n`);
    if (flags.json) room.stdout.write(`${JSON.stringify({ status: 'failed', detail: error.message })}\n`);
    return 1;
  }
}

export function exitCodeOf({ status, refused, invalid, parked }: ImportSummary): 0 | 1 | 2 {
  if (status !== 'complete') return 1;
  return refused + invalid + parked === 0 ? 0 : 2;
}

export function summaryText(summary: ImportSummary): string {
  const { rows, accepted, duplicates, parked, refused, invalid, skipped, durationMs } = summary;
  const perSecond = durationMs === 0 ? '' : ` (${Math.round((rows * 1_000) / durationMs)} rows/s)`;
  const resumed = summary.resumedAfterLine === undefined ? '' : `, resumed after line ${summary.resumedAfterLine}`;
  const lines = [
    `${summary.file}: ${rows} rows in ${(durationMs / 1_000).toFixed(1)} s${perSecond}${resumed}`,
    `  ${summary.dryRun ? 'to be sent ' : 'accepted   '} ${accepted}`,
    `  duplicates  ${duplicates}   were recorded before, no effect`,
    ...Object.entries(skipped).map(([reason, n]) => `  left out    ${n}   ${reason}`),
    `  parked      ${parked}   recorded, moved no stock: outside the window`,
    `  refused     ${refused}`,
    `  invalid     ${invalid}`,
  ];
  if (summary.errorReport !== undefined) lines.push(`  Rows without effect are in ${summary.errorReport}`);
  if (summary.status !== 'complete') {
    lines.push(`NOT COMPLETE, ${summary.detail ?? summary.status}. Settled up to line ${summary.lastLine}.`);
    lines.push('Run the same command again: it goes on there.');
  }
  return `${lines.join('\n')}\n`;
}

async function mappingOf(path: string): Promise<Mapping> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new ImportError(`The mapping file cannot be read: ${(error as Error).message}`);
  }
  return parseMapping(text, path);
}

/** A dry run sends nothing. */
const nowhere: ImportTarget = {
  submitBatch: () => Promise.reject(new Error('a dry run has no target')),
};

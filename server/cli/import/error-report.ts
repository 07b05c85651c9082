// The error report: one NDJSON line for every line of the file that had no effect, with the reason and the row as it
// was, in the order of the file. What is mended in it can be imported by itself.
import { type FileHandle, open, rm } from 'node:fs/promises';
import { ImportError } from './mapping.ts';
import type { Cells } from './row.ts';

export interface ReportEntry {
  readonly line: number;
  readonly reason: string;
  readonly detail: string;
  readonly rule?: string | undefined;
  readonly column?: string | undefined;
  readonly field?: string | undefined;
  readonly commandId?: string | undefined;
  readonly row: Cells | string | object;
}

export interface ErrorReport {
  readonly bytes: number;
  write(entries: readonly ReportEntry[]): Promise<void>;
  /** An empty report is not left behind. */
  close(): Promise<void>;
}

/** @param keepBytes of a report begun earlier; what is beyond is cut off @throws ImportError */
export async function openErrorReport(path: string, keepBytes: number): Promise<ErrorReport> {
  let handle: FileHandle;
  let bytes: number;
  try {
    handle = await open(path, 'a');
    bytes = Math.min((await handle.stat()).size, keepBytes);
    await handle.truncate(bytes);
  } catch (error) {
    throw new ImportError(`The error report ${path} cannot be written: ${(error as Error).message}`);
  }
  return {
    get bytes() {
      return bytes;
    },
    async write(entries) {
      if (entries.length === 0) return;
      const text = Buffer.from(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
      await handle.appendFile(text);
      bytes += text.length;
    },
    async close() {
      await handle.close();
      if (bytes === 0) await rm(path, { force: true });
    },
  };
}

/** Nobody wants it. */
export const noErrorReport: ErrorReport = { bytes: 0, async write() {}, async close() {} };

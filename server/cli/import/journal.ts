// Where an import is: the last line up to which every result was definite, kept beside the file so that the import
// can go on after a crash. Only a hint for speed: what is sent twice has its effect once, by its command id.
import { createHash } from 'node:crypto';
import { open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { ImportError } from './mapping.ts';

const Count = z.int().min(0);
export const Counts = z.strictObject({
  accepted: Count,
  duplicates: Count,
  parked: Count,
  refused: Count,
  invalid: Count,
  skipped: z.record(z.string(), Count),
});
export type Counts = z.output<typeof Counts>;

const Journal = z.strictObject({
  version: z.literal(1),
  /** Of the file's size and beginning and of the mapping: another file or mapping starts over. */
  fingerprint: z.string(),
  /** Every row up to this line has its result. */
  line: Count,
  /** Bytes of the error report that belong to those rows. */
  reportBytes: Count,
  counts: Counts,
});
export type Journal = z.output<typeof Journal>;

const BEGINNING_BYTES = 1024 * 1024;

export async function fingerprintOf(file: string, size: number, mapping: unknown): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([size, mapping ?? null]));
  const handle = await open(file);
  try {
    const beginning = Buffer.alloc(Math.min(size, BEGINNING_BYTES));
    await handle.read(beginning, 0, beginning.length, 0);
    return hash.update(beginning).digest('base64url');
  } finally {
    await handle.close();
  }
}

/** @throws ImportError when the journal is of another file or mapping, or is none */
export async function readJournal(path: string, fingerprint: string): Promise<Journal | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new ImportError(`${path} cannot be read: ${(error as Error).message}`);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  const { data } = Journal.safeParse(json);
  if (data === undefined) throw new ImportError(`${path} is no import journal: delete it, or use --restart`);
  if (data.fingerprint !== fingerprint) {
    throw new ImportError(`${path} is of another file or another mapping: delete it, or use --restart`);
  }
  return data;
}

/** Replaces the journal in one step, so that a crash leaves the old one or the new one. */
export async function writeJournal(path: string, journal: Journal): Promise<void> {
  await writeFile(`${path}.new`, `${JSON.stringify(journal)}\n`);
  await rename(`${path}.new`, path);
}

export async function removeJournal(path: string): Promise<void> {
  await rm(path, { force: true });
}

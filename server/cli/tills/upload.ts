// evenstock till upload: sends a till's file in parts, in the order of its counters, waits where the server asks for it, and says what became of every
// line. It keeps nothing: an upload that was cut off goes on with --from-counter, or starts again, which counts nothing twice.
import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { ConfigError } from '../../config.ts';
import type { BatchLines } from '../../routes/intake/batch-lines.ts';
import { batchLines } from '../../routes/intake/batch-lines.ts';
import { csvLines } from '../../tills/csv-lines.ts';
import { counterOf } from '../../tills/in-counter-order.ts';
import { requestServer, type ServerOptions, whatIsWrong } from '../ask-server.ts';
import { Arrived, inWords } from './show.ts';

export interface UploadOptions extends ServerOptions {
  readonly device: string;
  readonly location?: string;
  readonly channel?: string;
  readonly fromCounter: number;
  readonly errors?: string;
  readonly json?: boolean;
}

/** Lines in one call: small enough that little is sent again when one is cut off. */
const PART_LINES = 2_000;
const TRIES_MAX = 8;
const WAIT_MS_MAX = 30_000;
const SOME_NOT_TAKEN = 2;

const Counts = z.object({
  ...{ lines: z.int(), accepted: z.int(), parked: z.int(), duplicates: z.int() },
  ...{ refused: z.int(), invalid: z.int(), failed: z.int() },
});
type Counts = z.infer<typeof Counts>;
const Summary = z.object({ summary: Counts.extend({ arrived: Arrived.optional() }) });
const NotTaken = z.object({ line: z.int(), outcome: z.enum(['refused', 'invalid', 'failed']), detail: z.string() });
type NotTaken = z.infer<typeof NotTaken>;

interface Part {
  readonly body: Buffer<ArrayBuffer>;
  /** The line in the file of each line of the part, from 1. */
  readonly places: readonly number[];
  readonly firstCounter: number;
  readonly headerLines: 0 | 1;
}

/** Sets the exit code: 2 when lines were not taken. @throws ConfigError that says from which counter to go on */
export async function uploadFile(file: string, options: UploadOptions): Promise<void> {
  const isCsv = !/\.(ndjson|jsonl)$/i.test(file);
  const query = new URLSearchParams();
  for (const name of ['location', 'channel'] as const) if (options[name] !== undefined) query.set(name, options[name]);
  const path = `/v1/tills/${encodeURIComponent(options.device)}/upload?${query}`;
  const total: Counts = { lines: 0, accepted: 0, parked: 0, duplicates: 0, refused: 0, invalid: 0, failed: 0 };
  const notTaken: NotTaken[] = [];
  let arrived: Arrived | undefined;
  for (const part of partsOf(file, read(file), isCsv, options.fromCounter)) {
    const answer = await sendPart(path, part, isCsv, options).catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      throw new ConfigError(
        `${why}\nGo on with --from-counter ${part.firstCounter}, or send it all again: nothing counts twice.`,
      );
    });
    for (const key of Object.keys(total) as (keyof Counts)[]) total[key] += answer.summary[key];
    arrived = answer.summary.arrived ?? arrived;
    notTaken.push(...answer.notTaken);
  }
  if (options.errors !== undefined) {
    writeFileSync(options.errors, notTaken.map((line) => `${JSON.stringify(line)}\n`).join(''));
  }
  process.stdout.write(
    options.json === true
      ? `${JSON.stringify({ ...total, arrived, notTaken })}\n`
      : words(options, total, arrived, notTaken),
  );
  if (notTaken.length > 0) process.exitCode = SOME_NOT_TAKEN;
}

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new ConfigError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Lines in the order of their counters, as the server judges them; those of a CSV file with the header in front. */
export function* partsOf(file: string, bytes: Buffer, isCsv: boolean, fromCounter: number): Generator<Part> {
  let lines: BatchLines;
  try {
    lines = isCsv ? csvLines(bytes, Number.POSITIVE_INFINITY) : batchLines(bytes, 'ndjson', Number.POSITIVE_INFINITY);
  } catch (error) {
    throw new ConfigError(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const text = bytes.toString('latin1').split('\n');
  const counters = Array.from({ length: lines.count }, (_, n) => counterOf(lines.parse(n)));
  const order = [...counters.keys()]
    .filter((n) => counters[n]! < 0 || counters[n]! >= fromCounter)
    .sort((a, b) => counters[a]! - counters[b]! || a - b);
  for (let at = 0; at < order.length; at += PART_LINES) {
    const places = order.slice(at, at + PART_LINES).map((n) => lines.lineNumber(n));
    const rows = places.map((line) => text[line - 1]!);
    const whole = `${[...(isCsv ? [text[0]!] : []), ...rows].join('\n')}\n`;
    yield {
      body: Buffer.from(whole, 'latin1'),
      places,
      firstCounter: Math.max(0, counters[order[at]!]!),
      headerLines: isCsv ? 1 : 0,
    };
  }
}

async function sendPart(path: string, part: Part, isCsv: boolean, options: UploadOptions) {
  const type = isCsv ? 'text/csv' : 'application/x-ndjson';
  for (let attempt = 1; ; attempt += 1) {
    const { status, text, headers } = await requestServer(path, options, { body: part.body, type });
    const last = text.trimEnd().split('\n').at(-1) ?? '';
    const summary = status === 200 ? Summary.safeParse(parsed(last)).data?.summary : undefined;
    if (summary !== undefined && summary.failed === 0) return { summary, notTaken: notTakenOf(text, part) };
    if (status !== 200 && status !== 429 && status < 500)
      throw new ConfigError(`the server answered ${status}: ${whatIsWrong(text)}`);
    if (attempt === TRIES_MAX) {
      const why = status === 200 ? 'its answer was cut off, or lines could not be recorded' : whatIsWrong(text);
      throw new ConfigError(`the server answered ${status} ${TRIES_MAX} times: ${why}`);
    }
    const seconds = Number(headers.get('retry-after') ?? attempt);
    await new Promise((resolve) => setTimeout(resolve, Math.min(WAIT_MS_MAX, (seconds > 0 ? seconds : 1) * 1_000)));
  }
}

function notTakenOf(text: string, { places, headerLines }: Part): readonly NotTaken[] {
  return text.split('\n').flatMap((one) => {
    const line = NotTaken.safeParse(parsed(one)).data;
    return line === undefined ? [] : [{ ...line, line: places[line.line - headerLines - 1] ?? line.line }];
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function words(
  { device }: UploadOptions,
  total: Counts,
  arrived: Arrived | undefined,
  notTaken: readonly NotTaken[],
): string {
  const { lines, accepted, parked, duplicates } = total;
  const said = [
    `${lines} lines: ${accepted} new, ${duplicates} there already, ${parked} put aside, ${notTaken.length} not taken`,
  ];
  for (const { line, detail } of notTaken.slice(0, 10)) said.push(`  line ${line}: ${detail}`);
  if (notTaken.length > 10) said.push(`  … and ${notTaken.length - 10} more (--errors writes them all)`);
  if (arrived !== undefined) said.push(inWords(device, arrived));
  return `${said.join('\n')}\n`;
}

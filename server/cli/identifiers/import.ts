// `evenstock identifiers import`: what another system calls our names, from a CSV or NDJSON file, 2,000 lines a request. The
// same file may be sent again: what was taken is unchanged. Exit code 0: every line holds now · 2: some were refused.
import { createReadStream, statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import { systemClock } from '../../../adapters/platform.ts';
import { ConfigError } from '../../config.ts';
import { requestServer, type ServerOptions, whatIsWrong } from '../ask-server.ts';
import { formatOf } from '../import/read-rows.ts';
import { linesProgress } from '../lines-progress.ts';

const LINES_MAX = 2_000;
const ATTEMPTS_MAX = 10;

interface Verdict {
  readonly line: number;
  readonly outcome: 'taken' | 'unchanged' | 'refused';
  readonly reason?: string;
  readonly detail?: string;
}

/** @throws ConfigError when the server refuses a request as a whole, or does not answer */
export async function importIdentifiers(
  file: string,
  { system, ...options }: ServerOptions & { readonly system: string },
): Promise<void> {
  const isCsv = formatOf(file) === 'csv';
  const tally = { taken: 0, unchanged: 0, refused: 0 };
  const progress = linesProgress(process.stderr, systemClock, 'identifiers', sizeOf(file));
  for await (const { body, firstLine, bytesRead } of requestsOf(file, isCsv)) {
    for (const verdict of await send(system, body, isCsv ? 'text/csv' : 'application/x-ndjson', options)) {
      tally[verdict.outcome] += 1;
      if (verdict.outcome !== 'refused') continue;
      // Lines of a request count from its first: that of the header, in CSV.
      const line = firstLine + verdict.line - (isCsv ? 2 : 1);
      progress.say(`line ${line}: ${verdict.reason}: ${verdict.detail}`);
    }
    progress.show(bytesRead, tally.taken + tally.unchanged, tally.refused);
  }
  progress.stop();
  process.stdout.write(`${tally.taken} taken, ${tally.unchanged} unchanged, ${tally.refused} refused\n`);
  if (tally.refused > 0) process.exitCode = 2;
}

function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch (error) {
    throw new ConfigError(`${file} cannot be read: ${(error as Error).message}`);
  }
}

interface Request {
  readonly body: string;
  /** Of the first line that is not the header, in the file. */
  readonly firstLine: number;
  readonly bytesRead: number;
}

/** A cell of such a file has no line break in it: the server refuses those, so lines may be told apart as they are. */
async function* requestsOf(file: string, isCsv: boolean): AsyncIterable<Request> {
  const raw = createReadStream(file);
  const bytes = file.toLowerCase().endsWith('.gz') ? raw.pipe(createGunzip()) : raw;
  raw.once('error', (error) => bytes.destroy(error));
  let header = '';
  let lines: string[] = [];
  let [number, firstLine] = [0, 1];
  const request = (): Request => ({ body: header + lines.join('\n'), firstLine, bytesRead: raw.bytesRead });
  for await (const line of linesIn(bytes)) {
    number += 1;
    if (isCsv && header === '') {
      header = `${line.replace(/^\ufeff/, '')}\n`;
      firstLine = number + 1;
      continue;
    }
    lines.push(line);
    if (lines.length < LINES_MAX) continue;
    yield request();
    lines = [];
    firstLine = number + 1;
  }
  if (lines.some((line) => line.trim() !== '')) yield request();
}

async function* linesIn(bytes: AsyncIterable<Buffer>): AsyncIterable<string> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let rest = '';
  for await (const chunk of bytes) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r?\n/);
    rest = lines.pop()!;
    yield* lines;
  }
  rest += decoder.decode();
  if (rest !== '') yield rest;
}

async function send(system: string, body: string, type: string, options: ServerOptions): Promise<readonly Verdict[]> {
  for (let attempt = 1; ; attempt++) {
    const path = `/v1/systems/${encodeURIComponent(system)}/identifiers`;
    const { ok, status, headers, text } = await requestServer(path, options, { body, type });
    if (ok)
      return text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Verdict);
    const again = headers.get('retry-after');
    if (again === null || attempt >= ATTEMPTS_MAX)
      throw new ConfigError(`${options.url} answered ${status}: ${whatIsWrong(text)}`);
    await delay(Number(again) * 1_000);
  }
}

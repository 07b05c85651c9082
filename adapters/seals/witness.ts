// The witness as bytes: gzip members, one a seal, of lines `["stream",revision,"hash"]` in log order. Each line is a leaf of
// the tree, so a witness whose root is the signed one is what was sealed; it needs no signature of its own.

import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { writeAll } from './write-all.ts';

export interface WitnessWriter {
  add(leafText: string): Promise<void> | undefined;
  /** Ends the member, durable; answers the length of the file. */
  end(): Promise<number>;
}

const LINES_TOGETHER = 2_000;

/** Appends one member to the file. */
export function writeWitness(handle: FileHandle, from: number): WitnessWriter {
  const gzip = createGzip({ level: 6 });
  let length = from;
  const written = (async () => {
    for await (const chunk of gzip as AsyncIterable<Buffer>) {
      await writeAll(handle, chunk, length);
      length += chunk.length;
    }
    await handle.sync();
  })();
  // Told by `end`; without a listener now, a failure before that would end the process.
  written.catch(() => {});
  let waiting: string[] = [];
  const flush = async () => {
    const text = waiting.join('');
    waiting = [];
    // A failed write ends the stream without ever draining it.
    if (!gzip.write(text)) await Promise.race([once(gzip, 'drain'), written]);
  };
  return {
    add(leafText) {
      waiting.push(`${leafText}\n`);
      return waiting.length < LINES_TOGETHER ? undefined : flush();
    },
    async end() {
      await flush();
      gzip.end();
      await written;
      return length;
    },
  };
}

/** The lines in the first `bytes` of the file. @throws Error when they cannot be read, or are no gzip */
export async function* readWitness(file: string, bytes: number): AsyncGenerator<string> {
  const source = createReadStream(file, { start: 0, end: bytes - 1 });
  const gunzip = createGunzip();
  source.on('error', (error) => gunzip.destroy(error));
  source.pipe(gunzip);
  let rest = '';
  // Not by `readline`, which does not say when its input fails.
  for await (const chunk of gunzip.setEncoding('utf8') as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    yield* lines;
  }
}

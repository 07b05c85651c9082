// Shows how far an import is: a bar on a terminal, now and then a plain line elsewhere, nothing with --json.
import { Presets, SingleBar } from 'cli-progress';
import { type Clock, SECOND } from '../../../domain/time.ts';
import type { ImportProgress } from './import-file.ts';

export interface ProgressView {
  show(progress: ImportProgress): void;
  /** Leaves the terminal as it was. */
  stop(): void;
}

/** A terminal or a file. */
export interface ProgressStream extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
}

const PLAIN_EVERY_MS = 5 * SECOND;

export function progressView(stream: ProgressStream, clock: Clock): ProgressView {
  return stream.isTTY === true ? bar(stream) : plainLines(stream, clock);
}

export const noProgress: ProgressView = { show() {}, stop() {} };

function bar(stream: NodeJS.WritableStream): ProgressView {
  const format =
    'import [{bar}] {percentage}% | {rows} rows | {accepted} accepted, {faults} not | {eta_formatted} left';
  const single = new SingleBar({ format, stream, hideCursor: true, etaBuffer: 50 }, Presets.shades_classic);
  let started = false;
  return {
    show({ bytesRead, bytesTotal, rows, counts }) {
      const fields = { rows, accepted: counts.accepted + counts.duplicates, faults: faultsOf(counts) };
      if (!started) single.start(bytesTotal, bytesRead, fields);
      else single.update(bytesRead, fields);
      started = true;
    },
    stop() {
      if (started) single.stop();
    },
  };
}

function plainLines(stream: NodeJS.WritableStream, clock: Clock): ProgressView {
  let shownAt = clock.now();
  return {
    show({ bytesRead, bytesTotal, rows, line, counts }) {
      const now = clock.now();
      if (now - shownAt < PLAIN_EVERY_MS) return;
      shownAt = now;
      const percent = bytesTotal === 0 ? 100 : Math.floor((100 * bytesRead) / bytesTotal);
      stream.write(`import: ${percent}%, line ${line}, ${rows} rows, ${faultsOf(counts)} without effect\n`);
    },
    stop() {},
  };
}

function faultsOf({ refused, invalid, parked }: ImportProgress['counts']): number {
  return refused + invalid + parked;
}

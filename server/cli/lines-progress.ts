// How far a file is sent, line by line: a bar on a terminal, now and then a plain line elsewhere.
import { Presets, SingleBar } from 'cli-progress';
import { type Clock, SECOND } from '../../domain/time.ts';
import type { ProgressStream } from './import/progress.ts';

export interface LinesProgress {
  show(bytesRead: number, taken: number, refused: number): void;
  /** A line for people, above the bar. */
  say(text: string): void;
  /** Leaves the terminal as it was. */
  stop(): void;
}

const PLAIN_EVERY_MS = 5 * SECOND;

export function linesProgress(stream: ProgressStream, clock: Clock, what: string, bytesTotal: number): LinesProgress {
  return stream.isTTY === true ? bar(stream, what, bytesTotal) : plain(stream, clock, what, bytesTotal);
}

function bar(stream: ProgressStream, what: string, bytesTotal: number): LinesProgress {
  const format = `${what} [{bar}] {percentage}% | {taken} hold, {refused} refused | {eta_formatted} left`;
  const single = new SingleBar({ format, stream, hideCursor: true, etaBuffer: 50 }, Presets.shades_classic);
  let isStarted = false;
  return {
    show(bytesRead, taken, refused) {
      if (isStarted) single.update(bytesRead, { taken, refused });
      else single.start(bytesTotal, bytesRead, { taken, refused });
      isStarted = true;
    },
    say: (text) => void stream.write(isStarted ? `\r\u001b[K${text}\n` : `${text}\n`),
    stop() {
      if (isStarted) single.stop();
    },
  };
}

function plain(stream: ProgressStream, clock: Clock, what: string, bytesTotal: number): LinesProgress {
  let shownAt = clock.now();
  return {
    show(bytesRead, taken, refused) {
      const now = clock.now();
      if (now - shownAt < PLAIN_EVERY_MS) return;
      shownAt = now;
      const percent = bytesTotal === 0 ? 100 : Math.floor((100 * bytesRead) / bytesTotal);
      stream.write(`${what}: ${percent}%, ${taken} hold, ${refused} refused\n`);
    },
    say: (text) => void stream.write(`${text}\n`),
    stop() {},
  };
}

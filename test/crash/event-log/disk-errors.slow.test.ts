// Fault rows 2 and 5: an I/O error, a kill or a delay at the n-th fsync, for n = 1, 2, 3 … until a clean run.
// After an I/O error nothing is acknowledged, the file is never synced again, and the process ends non-zero.
// Seen failing: with every write error treated like a full disk the process goes on and is never told to end.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkAfterCrash, type Journal, readJournal } from './appends.ts';
import { runWriter, straceWorks } from './running.ts';

const STREAMS = 6;
const APPENDS = 40;
/** SQLite calls one or the other, as it was built; Node 26's calls fsync. */
const SYNCS = 'fsync,fdatasync';

if (!straceWorks) console.warn('SKIPPED: strace is missing or may not trace here; disk error tests did not run');

/** The line that names the call: where threads overlap, strace prints its end on a line of its own. */
function callOf(calls: readonly string[], end: number): string {
  if (!calls[end]!.includes('resumed')) return calls[end]!;
  const thread = calls[end]!.split(' ', 1)[0]!;
  return calls.slice(0, end).findLast((line) => line.startsWith(`${thread} `) && line.includes('sync(')) ?? '';
}

describe.skipIf(!straceWorks)('given a disk that fails under the embedded log', () => {
  let directory: string;
  let trace: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'evenstock-eio-'));
    trace = join(directory, 'trace');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const inject = (fault: string) => ['-o', trace, '-y', '-e', `trace=${SYNCS}`, '-e', `inject=${SYNCS}:${fault}`];

  it('when the n-th fsync fails, then nothing is acknowledged after it and the process ends', {
    timeout: 600_000,
  }, async () => {
    let failures = 0;
    for (let n = 1; ; n = n < 12 ? n + 1 : Math.ceil(n * 1.3)) {
      const log = join(directory, `log-${n}`);
      const ended = await runWriter({
        directory: log,
        streams: STREAMS,
        appends: APPENDS,
        strace: inject(`error=EIO:when=${n}`),
      });
      const calls = readFileSync(trace, 'utf8').split('\n');
      const failed = calls.findIndex((line) => line.includes('(INJECTED)'));
      if (failed < 0) {
        expect(ended.output, ended.errors).toContain('done');
        break;
      }
      // The pid file is for people: not being able to sync it stops nothing.
      const file = /sync\(\d+(<[^>]*log\.sqlite[^>]*>)/.exec(callOf(calls, failed))?.[1];
      if (file === undefined) continue;
      failures += 1;
      const opened = ended.output.includes('ready');
      if (opened) expect(ended.output, `n = ${n}`).toContain('fatal');
      expect(ended.code, `n = ${n}: ${ended.output.slice(-200)} ${ended.errors}`).toSatisfy((code) =>
        opened ? code === 70 : code !== 0,
      );
      expect(ended.output.split('fatal\n')[1] ?? '', `n = ${n}`).not.toContain('ack');
      // An error while opening ends the process before anything could be acknowledged.
      const again = calls.slice(failed + 1).filter((line) => line.includes('sync(') && line.includes(file));
      if (opened) expect(again, `n = ${n}`).toEqual([]);
      const journal: Journal = new Map();
      readJournal(journal, ended.output);
      await checkAfterCrash(log, journal, STREAMS);
    }
    expect(failures).toBeGreaterThan(10);
  });

  it('when it is killed at the n-th fsync, between write and sync, then nothing acknowledged is lost', {
    timeout: 600_000,
  }, async () => {
    const journal: Journal = new Map();
    const log = join(directory, 'log');
    for (let n = 1; n < 60; n = Math.ceil(n * 1.4)) {
      const ended = await runWriter({
        directory: log,
        streams: STREAMS,
        appends: APPENDS,
        strace: inject(`signal=SIGKILL:when=${n}`),
      });
      readJournal(journal, ended.output);
      await checkAfterCrash(log, journal, STREAMS);
    }
  });

  it('when every fsync takes 50 ms, then commits carry more appends and none is lost', {
    timeout: 60_000,
  }, async () => {
    const log = join(directory, 'log');
    const run = { directory: log, streams: 20, appends: 10 };
    const ended = await runWriter({ ...run, strace: inject('delay_enter=50000') });
    expect(ended.output, ended.errors).toContain('done');
    const syncs = readFileSync(trace, 'utf8')
      .split('\n')
      .filter((line) => line.includes('sync(')).length;
    expect(syncs).toBeGreaterThan(10);
    expect(syncs).toBeLessThan(100);
    const journal: Journal = new Map();
    readJournal(journal, ended.output);
    expect(journal.size).toBe(20);
    await checkAfterCrash(log, journal, 20);
  });
});

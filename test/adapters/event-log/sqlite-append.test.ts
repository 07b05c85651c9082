// What the embedded log does beyond the contract: one commit a turn, conflicts with what is not yet durable, limits,
// a full disk, the index across generations, and subscribers that do not starve the rest.
// Seen failing: a conflict decided against the pending turn (`return decide()` in log.ts) fails three of these, a turn
// not begun again after a failed commit one, and a tail that never yields leaves the timer without a turn.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSqliteLog, type SqliteLog } from '../../../adapters/event-log/sqlite/log.ts';
import type { CommitPoint, SqliteLogOptions } from '../../../adapters/event-log/sqlite/options.ts';
import { systemClock } from '../../../adapters/platform.ts';
import { Conflict, type NewEvent, START, Unavailable, UnknownOutcome } from '../../../domain/event-log.ts';
import { anEvent } from '../../contracts/event-log.ts';

describe('given an embedded log', () => {
  let directory: string;
  let log: SqliteLog | undefined;
  const open = async (settings: Partial<SqliteLogOptions> = {}) => {
    log = await openSqliteLog({ directory, clock: systemClock, indexBuckets: 8, ...settings });
    return log;
  };
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'evenstock-append-'));
  });
  afterEach(async () => {
    await log?.close();
    rmSync(directory, { recursive: true });
  });

  it('when many append in one turn, then they share one commit', async () => {
    let commits = 0;
    const atPoint = (point: CommitPoint) => {
      if (point === 'after-commit') commits += 1;
    };
    const opened = await open({ atPoint });
    await Promise.all(Array.from({ length: 300 }, (_, n) => opened.append(`s-${n}`, -1, [anEvent(), anEvent()])));
    expect(commits).toBe(1);
    expect(await opened.readAll(START, 1_000)).toHaveLength(600);
  });

  // Seen failing: `scanFrames` that goes by the number of events alone.
  it('when events are large, then a scan ends early, and the next goes on where it ended', async () => {
    const opened = await open({ recentEventsMax: 1 });
    const text = 'x'.repeat(100_000);
    for (let n = 0; n < 30; n++) await opened.append('s', n - 1, [{ ...anEvent(), data: { text } }]);
    const pages: number[] = [];
    let after = START;
    for (let page = await opened.readAll(after, 100); page.length > 0; page = await opened.readAll(after, 100)) {
      expect(page.map(({ position }) => position)).toEqual(page.map((_, n) => after + 1n + BigInt(n)));
      pages.push(page.length);
      after = page.at(-1)!.position;
    }
    expect(after).toBe(29n);
    expect(Math.max(...pages)).toBeLessThan(15);
    expect(pages.length).toBeLessThan(6);
  });

  it('when appends of one stream follow each other in a turn, then each builds on the one before', async () => {
    const opened = await open();
    const appended = await Promise.all([0, 1, 2].map((n) => opened.append('s', n - 1, [anEvent()])));
    expect(appended.map(({ revision, position }) => [revision, position])).toEqual([
      [0, 0n],
      [1, 1n],
      [2, 2n],
    ]);
  });

  it('when an append is repeated before the first is durable, then both get one answer', async () => {
    const opened = await open();
    const events = [anEvent(), anEvent()];
    const [first, again] = await Promise.all([opened.append('s', -1, events), opened.append('s', -1, events)]);
    expect(again).toEqual(first);
    expect(await opened.read('s', 0, 10)).toHaveLength(2);
  });

  it('when a commit fails, then every append of its turn fails, nothing is told after it, and reads stay up', async () => {
    let fail = false;
    const fatal: Error[] = [];
    const atPoint = (point: CommitPoint) => {
      if (fail && point === 'before-commit') throw new Error('planted');
    };
    const opened = await open({ atPoint, onFatal: (error) => void fatal.push(error) });
    await opened.append('s', -1, [anEvent()]);
    fail = true;
    const turn = [
      opened.append('s', 0, [anEvent()]),
      opened.append('t', -1, [anEvent()]),
      opened.append('s', 0, [anEvent()]),
    ];
    const [first, second, conflicting] = await Promise.allSettled(turn);
    for (const outcome of [first, second]) expect(outcome).toMatchObject({ reason: expect.any(UnknownOutcome) });
    expect(conflicting).toMatchObject({ reason: expect.any(Unavailable) });
    expect(fatal).toHaveLength(1);
    fail = false;
    await expect(opened.append('u', -1, [anEvent()])).rejects.toMatchObject({ reason: 'down' });
    expect(await opened.read('s', 0, 10)).toHaveLength(1);
    expect(await opened.head()).toBe(0n);
  });

  it('when the limits are passed, then the append is refused and nothing is written', async () => {
    const opened = await open({ pendingCharsMax: 10_000 });
    const many = Array.from({ length: 1_001 }, () => anEvent());
    await expect(opened.append('s', -1, [])).rejects.toThrow(RangeError);
    await expect(opened.append('s', -1, many)).rejects.toThrow('1 to 1000 events, not 1001');
    await expect(opened.append('s', -1, [anEvent('T', { text: 'x'.repeat(1_100_000) })])).rejects.toThrow(RangeError);
    await expect(opened.append('', -1, [anEvent()])).rejects.toThrow(RangeError);
    const first = opened.append('s', -1, [anEvent('T', { text: 'x'.repeat(20_000) })]);
    await expect(opened.append('t', -1, [anEvent()])).rejects.toMatchObject({ reason: 'overloaded' });
    await first;
    await expect(opened.append('t', -1, [anEvent()])).resolves.toMatchObject({ revision: 0 });
    expect(await opened.head()).toBe(1n);
  });

  it('when an append is larger than a frame, then it is one commit and reads back whole', async () => {
    const opened = await open({ recentEventsMax: 1 });
    const events = Array.from({ length: 1_000 }, (_, n) => anEvent('T', { text: 'é在'.repeat(n) }));
    await opened.append('s', -1, events);
    const read = await opened.read('s', 0, 1_000);
    expect(read.map(({ id, type, data, metadata }) => ({ id, type, data, metadata }))).toEqual(events);
  });

  it('when generations were indexed and the log opened again, then every stream and slice is as appended', async () => {
    const settings = { generationEvents: 50, sliceRows: 3, headsMax: 4, recentEventsMax: 1, frameCacheBytesMax: 1 };
    const appended = new Map<string, NewEvent[]>();
    for (let round = 0; round < 3; round++) {
      const opened = await open(settings);
      for (let n = 0; n < 60; n++) {
        const stream = `s-${(n * 7) % 11}`;
        const before = appended.get(stream) ?? [];
        const events = [anEvent(), anEvent()];
        await opened.append(stream, before.length - 1, events);
        appended.set(stream, [...before, ...events]);
      }
      for (let n = 0; n < 40; n++) await nextTurn();
      for (const [stream, events] of appended) {
        expect((await opened.read(stream, 0, 1_000)).map((event) => event.id)).toEqual(events.map((event) => event.id));
        expect((await opened.read(stream, 5, 3)).map((event) => event.revision)).toEqual([5, 6, 7]);
      }
      expect(await opened.verify()).toMatchObject({ events: 120 * (round + 1), streams: 11 });
      if (round === 1) await opened.rebuildIndex();
      expect(await opened.read('s-0', 0, 1_000)).toHaveLength(appended.get('s-0')!.length);
      await opened.close();
    }
  });

  it('when a subscriber is far behind, then appends and timers get their turn while it catches up', async () => {
    const opened = await open({ recentEventsMax: 10 });
    for (let n = 0; n < 20; n++)
      await opened.append(
        's',
        1_000 * n - 1,
        Array.from({ length: 1_000 }, () => anEvent()),
      );
    const abort = new AbortController();
    let turns = 0;
    let seen = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 0);
    for await (const batch of opened.subscribe(START, abort.signal)) {
      seen += batch.length;
      if (seen === 20_000) abort.abort();
    }
    clearInterval(timer);
    expect(turns).toBeGreaterThan(5);
  });

  it('when the disk is full, then appends answer disk-full, reads stay up, and it goes on when there is space', async (context) => {
    const disk = join(directory, 'disk');
    try {
      execFileSync('sh', ['-c', 'mkdir "$1" && mount -t tmpfs -o size=3m none "$1"', 'sh', disk], { stdio: 'ignore' });
    } catch {
      console.warn('SKIPPED: mounting a tmpfs is not permitted here; the full disk test did not run');
      return context.skip('mounting a tmpfs is not permitted');
    }
    try {
      const opened = await open({ directory: disk, recentEventsMax: 1 });
      writeFileSync(join(disk, 'ballast'), new Uint8Array(1_000_000));
      const big = (n: number) => [{ ...anEvent('T', { text: 'x'.repeat(50_000) }), id: `big-${n}` }];
      let revision = -1;
      const filled = await (async () => {
        for (;;) revision = (await opened.append('s', revision, big(revision))).revision;
      })().catch((error: unknown) => error);
      expect(filled).toMatchObject({ name: 'Unavailable', reason: 'disk-full' });
      expect(opened.stats()).toMatchObject({ diskFull: true, down: false });
      expect(await opened.read('s', 0, 1_000)).toHaveLength(revision + 1);
      rmSync(join(disk, 'ballast'));
      await expect(opened.append('s', revision, big(revision))).resolves.toMatchObject({ revision: revision + 1 });
      expect(opened.stats().diskFull).toBe(false);
      await opened.verify();
      await opened.close();
      const again = await open({ directory: disk });
      expect(await again.read('s', 0, 1_000)).toHaveLength(revision + 2);
      expect(again.recovery.cuts).toEqual([]);
      await again.close();
    } finally {
      execFileSync('umount', ['-l', disk]);
    }
  });

  it('when an append conflicts with one that then fails, then it is not told of a conflict that never was', async () => {
    let full = true;
    const atPoint = (point: CommitPoint) => {
      if (full && point === 'before-commit') throw Object.assign(new Error('planted: disk is full'), { errcode: 13 });
    };
    const opened = await open({ atPoint });
    const race = () => Promise.allSettled([opened.append('s', -1, [anEvent()]), opened.append('s', -1, [anEvent()])]);
    for (const outcome of await race()) expect(outcome).toMatchObject({ reason: { reason: 'disk-full' } });
    full = false;
    const [first, second] = await race();
    expect(first.status).toBe('fulfilled');
    expect(second).toMatchObject({ reason: expect.any(Conflict) });
    expect(await opened.read('s', 0, 10)).toHaveLength(1);
  });
});

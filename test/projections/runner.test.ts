import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { createMemoryLog } from '../../adapters/event-log/memory.ts';
import type { EventLog, RecordedEvent } from '../../domain/event-log.ts';
import { CheckpointAhead } from '../../projections/open-members.ts';
import type { Projection } from '../../projections/projection.ts';
import { STOCK_LEVELS, type StockLevels } from '../../projections/stock-levels.ts';
import {
  close,
  counting,
  directory,
  LEVELS,
  log,
  onHand,
  open,
  runnersForEachTest,
  STREAMS,
} from '../support/runners.ts';
import { appendReceipts, aReceipt } from '../support/stock-history.ts';

runnersForEachTest();

describe('runner', () => {
  it('given events, then it catches up, goes on live, and answers who waits for a position', async () => {
    await appendReceipts(log, STREAMS, 4);
    const runner = await open();
    expect(await runner.waitFor(3n, 5_000)).toBe(true);
    const later = runner.waitFor(4n, 5_000);
    expect(await runner.waitFor(99n, 20)).toBe(false);
    await log.append('stock-C~store-1', -1, [aReceipt('c', 9)]);
    expect(await later).toBe(true);
    expect([onHand(runner, 'A'), onHand(runner, 'B'), onHand(runner, 'C')]).toEqual([2, 2, 9]);
    expect(runner.status()).toMatchObject({ position: 4n, lagMs: 0, lagging: false, lagPositions: 0n });
  });

  it('given a stored checkpoint, then it folds only what came since', async () => {
    const definition = { name: 'counting', create: counting };
    await appendReceipts(log, STREAMS, 10);
    const first = await open({ projections: [definition] });
    await first.waitFor(9n, 5_000);
    await close(first);
    const asked: bigint[] = [];
    const watched = {
      ...log,
      subscribe(after: bigint, signal: AbortSignal) {
        asked.push(after);
        return log.subscribe(after, signal);
      },
    };
    const second = await open({ log: watched, projections: [definition] });
    expect(second.position()).toBe(9n);
    await log.append('stock-C~store-1', -1, [aReceipt('c', 1)]);
    await second.waitFor(10n, 5_000);
    expect(asked[0]).toBe(9n);
    expect((second.projection('counting') as ReturnType<typeof counting>).seen).toBe(11);
  });

  it('given one projection of a new version, then that one is folded from the start and the other is not', async () => {
    await appendReceipts(log, STREAMS, 10);
    const first = await open({ projections: [LEVELS, { name: 'counting', create: () => counting(1) }] });
    await first.waitFor(9n, 5_000);
    await close(first);
    const second = await open({ projections: [LEVELS, { name: 'counting', create: () => counting(2) }] });
    await second.waitFor(9n, 5_000);
    expect((second.projection('counting') as ReturnType<typeof counting>).seen).toBe(10);
    const [levels, other] = second.status().projections;
    expect(levels!.discarded).toBeUndefined();
    expect(other!.discarded).toMatch(/version 1 is stored, 2 is needed/);
  });

  // Seen failing: `fold` without its look at the member's position.
  it('given one of two projections of a new version, then the other gets no event again', async () => {
    const two = (version: number) => [
      { name: 'kept', create: () => ({ ...kept(), name: 'kept' }) },
      { name: 'counting', create: () => counting(version) },
    ];
    const seen: bigint[] = [];
    const kept = () => ({ ...counting(), apply: (event: RecordedEvent) => void seen.push(event.position) });
    await appendReceipts(log, STREAMS, 10);
    const first = await open({ projections: two(1) });
    await first.waitFor(9n, 5_000);
    await close(first);
    const second = await open({ projections: two(2) });
    await second.waitFor(9n, 5_000);
    expect(seen).toHaveLength(10);
  });

  it('given a damaged page, or a file that is no database, then the state is built from the log', async () => {
    await appendReceipts(log, STREAMS, 10);
    const first = await open();
    await first.waitFor(9n, 5_000);
    await close(first);
    const path = join(directory.path, 'projections.sqlite');
    const database = new DatabaseSync(path);
    database.exec("UPDATE pages SET bytes = zeroblob(length(bytes)) WHERE key = 'rows/0'");
    database.close();
    const second = await open();
    expect(second.status().projections[0]!.discarded).toMatch(/rows\/0 is damaged/);
    await second.waitFor(9n, 5_000);
    expect(onHand(second, 'A')).toBe(5);
    await close(second);
    for (const name of readdirSync(directory.path))
      writeFileSync(join(directory.path, name), 'no database '.repeat(500));
    const third = await open();
    await third.waitFor(9n, 5_000);
    expect(onHand(third, 'B')).toBe(5);
  });

  // Found by the rehearsal of docs/playbooks/corrupted-checkpoint.md: it did not start.
  it('given a file that can be opened and is damaged further in, then the state is built from the log', async () => {
    await appendReceipts(log, STREAMS, 10);
    const first = await open();
    await first.waitFor(9n, 5_000);
    await close(first);
    const path = join(directory.path, 'projections.sqlite');
    const bytes = readFileSync(path);
    for (let page = 4_096; page < bytes.length; page += 8_192) bytes.fill(0xa5, page, page + 4_096);
    writeFileSync(path, bytes);
    const second = await open();
    await second.waitFor(9n, 5_000);
    expect(onHand(second, 'A')).toBe(5);
    await close(second);
    const third = await open();
    expect(third.status().projections[0]!.discarded).toBeUndefined();
    expect(onHand(third, 'B')).toBe(5);
  });

  it('given a checkpoint that the log does not have, then it refuses to start and says what to do', async () => {
    await appendReceipts(log, STREAMS, 10);
    const first = await open();
    await first.waitFor(9n, 5_000);
    await close(first);
    const shorter = createMemoryLog();
    await appendReceipts(shorter, STREAMS, 8);
    await expect(open({ log: shorter })).rejects.toThrow(/the log ends at 7.*delete projections\.sqlite/s);
    const another = createMemoryLog();
    await appendReceipts(another, ['stock-X~store-1', ...STREAMS], 30);
    await expect(open({ log: another })).rejects.toBeInstanceOf(CheckpointAhead);
    await open(); // the right log: as before
  });

  it('given a directory in use, then a second runner is refused', async () => {
    await open();
    await expect(open()).rejects.toThrow(/in use by another process/);
  });
});

describe('redelivery', () => {
  // Two guards, in `fold` and in `deliver`: seen failing with both left out.
  it('given a subscription that goes back now and then, then each projection gets each event once and the position never falls', async () => {
    await appendReceipts(log, STREAMS, 300);
    const again: EventLog = {
      ...log,
      async *subscribe(_, signal) {
        for (let from = -1n; !signal.aborted; from += 3n) {
          const events = await log.readAll(from, 10);
          if (events.length > 0) yield events;
          await new Promise((resolve) => setImmediate(resolve));
        }
      },
    };
    const seen: bigint[] = [];
    const create = () => ({ ...counting(), apply: (event: RecordedEvent) => void seen.push(event.position) });
    const positions: bigint[] = [];
    const runner = await open({ log: again, projections: [{ name: 'counting', create }] });
    while (runner.position() < 299n) {
      positions.push(runner.position());
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(seen).toEqual(Array.from({ length: 300 }, (_, n) => BigInt(n)));
    expect(positions).toEqual(positions.toSorted((a, b) => Number(a - b)));
  });
});

describe('poison (fault row 19)', () => {
  it('given an event that throws, then it is tried three times, set aside, and the rest flows; a rebuild after the fix equals', async () => {
    const poison: { type?: string } = { type: 'StockCounted' };
    let tries = 0;
    const create = () => {
      const projection = counting(1, poison);
      return {
        ...projection,
        apply(event: RecordedEvent) {
          if (event.type === poison.type) tries += 1;
          projection.apply(event);
        },
        takeChangedPages: projection.takeChangedPages,
      };
    };
    await log.append('stock-A~store-1', -1, [
      aReceipt('1', 1),
      { ...aReceipt('2', 2), type: 'StockCounted' },
      aReceipt('3', 3),
    ]);
    const runner = await open({ projections: [LEVELS, { name: 'counting', create }] });
    await runner.waitFor(2n, 5_000);
    expect(tries).toBe(3);
    const letter = {
      projection: 'counting',
      stream: 'stock-A~store-1',
      revision: 1,
      position: 1n,
      type: 'StockCounted',
    };
    expect(runner.deadLetters()).toMatchObject([{ ...letter, reason: 'TypeError: cannot fold StockCounted' }]);
    expect(onHand(runner, 'A')).toBe(3);
    await close(runner);

    const again = await open({ projections: [LEVELS, { name: 'counting', create }] });
    expect(again.deadLetters()).toMatchObject([letter]);
    delete poison.type;
    expect(await again.rebuild('counting')).toBe(true);
    expect(again.deadLetters()).toEqual([]);
    const stored = again.store.load('counting', 1);
    if ('absent' in stored) throw new Error(stored.absent);
    expect(Buffer.from(stored.pages[0]!.bytes).toString()).toBe('3');
  });

  it('given an unknown event version or levels that are no numbers, then stock levels sets it aside and changes nothing', async () => {
    const good = aReceipt('1', 5);
    const events = [
      { ...good, id: 'a', data: { ...good.data, v: 99 } },
      { ...good, id: 'b', data: { ...good.data, levels: { onHand: 'many' } } },
      { ...good, id: 'c', type: 'NeverHeardOf' },
    ];
    await log.append('stock-A~store-1', -1, events);
    const runner = await open();
    await runner.waitFor(2n, 5_000);
    expect(runner.deadLetters().map(({ reason }) => reason.split(':')[0])).toEqual([
      'UnknownEventVersion',
      'Error',
      'UnknownEventVersion',
    ]);
    expect((runner.projection(STOCK_LEVELS) as StockLevels).table.rows).toBe(0);
  });
});

describe('rebuild while live (fault row 22)', () => {
  it('given events that keep coming, then the old one serves until the switch, and none is missing after it', async () => {
    await appendReceipts(log, STREAMS, 3_000);
    const switched: bigint[] = [];
    const runner = await open({ onSwitch: () => switched.push(runner.position()) });
    await runner.waitFor(2_999n, 5_000);
    const old = runner.projection(STOCK_LEVELS) as StockLevels;
    const rebuilding = runner.rebuild(STOCK_LEVELS);
    expect(runner.status().projections[0]).toMatchObject({ rebuilding: true });
    await appendReceipts(log, ['stock-C~store-1'], 2_000);
    expect(onHand(runner, 'A')).toBe(1_500);
    expect(await rebuilding).toBe(true);
    await runner.waitFor(4_999n, 5_000);
    const fresh = runner.projection(STOCK_LEVELS) as StockLevels;
    expect(fresh).not.toBe(old);
    expect(onHand(runner, 'C')).toBe(2_000);
    expect(switched).toHaveLength(1);
    expect(runner.status().projections[0]).toMatchObject({ rebuilding: false, rebuilds: 1, position: 4_999n });
    await close(runner);
    expect((await open()).status().projections[0]!.discarded).toBeUndefined();
  });
});

describe('rebuild', () => {
  // Seen failing: a rebuild under the same generation.
  it('given a fixed fold with fewer pages, then no page of the old one is left', async () => {
    const fold = { fixed: false };
    const create = (): Projection => {
      const keys = new Set<string>();
      return {
        name: 'pages',
        version: 1,
        apply: ({ revision }) => void keys.add(fold.fixed ? 'one' : `page-${revision % 5}`),
        takeChangedPages: () => Array.from(keys, (key) => ({ key, bytes: Buffer.from(key) })),
        restore: () => {},
      };
    };
    await appendReceipts(log, STREAMS, 20);
    const runner = await open({ projections: [{ name: 'pages', create }] });
    await runner.waitFor(19n, 5_000);
    await runner.flush();
    fold.fixed = true;
    await runner.rebuild('pages');
    const stored = runner.store.load('pages', 1);
    if ('absent' in stored) throw new Error(stored.absent);
    expect(stored.pages.map(({ key }) => key)).toEqual(['one']);
  });
});

import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { type EventLog, type RecordedEvent, Unavailable } from '../../domain/event-log.ts';
import { virtualRunnerTime } from '../support/read-side.ts';
import { log, open, runnersForEachTest, STREAMS } from '../support/runners.ts';
import { appendReceipts } from '../support/stock-history.ts';
import { createVirtualTime } from '../support/virtual-time.ts';

runnersForEachTest();

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const BATCHES = 100_000;

describe('subscription (fault row 10)', () => {
  // Seen failing: `look` that never restarts.
  it('given one that is silent while the head moves, then it is restarted and the alarm tells', async () => {
    const virtual = createVirtualTime();
    let subscriptions = 0;
    const silentAtFirst: EventLog = {
      ...log,
      subscribe(after, signal) {
        subscriptions += 1;
        if (subscriptions > 3) return log.subscribe(after, signal);
        return { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) };
      },
    };
    const runner = await open({ log: silentAtFirst, time: virtualRunnerTime(virtual) });
    await virtual.advance(30_000);
    expect(subscriptions).toBe(1); // nothing to deliver: silence is right
    await appendReceipts(log, STREAMS, 2);
    await virtual.advance(10_000);
    expect(subscriptions).toBe(2);
    await virtual.advance(35_000);
    expect(runner.status()).toMatchObject({ lagging: true, lagPositions: 2n, silentRestarts: 2 });
    await virtual.advance(60_000);
    expect(runner.status()).toMatchObject({ lagging: false, position: 1n, lagMs: 0, silentRestarts: 3 });
  });

  it('given one that is lost, then it resumes after the last event with backoff, until it delivers', async () => {
    const virtual = createVirtualTime();
    const after: bigint[] = [];
    let down = false;
    const shaky: EventLog = {
      ...log,
      async *subscribe(from, signal) {
        after.push(from);
        if (down) throw new Unavailable('down', 'gone');
        for await (const batch of log.subscribe(from, signal)) {
          yield batch;
          down = true;
          throw new Unavailable('down', 'gone');
        }
      },
    };
    await appendReceipts(log, STREAMS, 2);
    const runner = await open({ log: shaky, time: virtualRunnerTime(virtual) });
    await virtual.advance(60_000);
    expect(runner.status()).toMatchObject({ position: 1n, subscriptionFailure: 'gone' });
    expect(after.length).toBeGreaterThan(5);
    expect(after.length).toBeLessThan(20); // 50 ms, 100 ms, 200 ms … 10 s: not a storm
    expect(after.slice(1).every((from) => from === 1n)).toBe(true);
    down = false;
    await appendReceipts(log, ['stock-C~store-1'], 1);
    await virtual.advance(20_000);
    expect(runner.status().position).toBe(2n);
  });

  // Seen failing: a loop that keeps `next` while it waits for the one after.
  it('given that it waits, then nothing keeps the last batch alive', async () => {
    let last: WeakRef<object> | undefined;
    const copied = ({ value, done }: IteratorResult<readonly RecordedEvent[]>) => {
      if (done === true) return { value, done };
      const batch = [...value];
      last = new WeakRef(batch);
      return { value: batch };
    };
    const watched: EventLog = {
      ...log,
      subscribe(after, signal) {
        const batches = log.subscribe(after, signal)[Symbol.asyncIterator]();
        return { [Symbol.asyncIterator]: () => ({ next: () => batches.next().then(copied) }) };
      },
    };
    const runner = await open({ log: watched });
    await appendReceipts(log, STREAMS, 2);
    await runner.waitFor(1n, 20_000);
    const isHeld = () => {
      collectGarbage();
      return last!.deref() !== undefined;
    };
    await expect.poll(isHeld, { timeout: 10_000 }).toBe(false);
  });

  // Seen failing: `Promise.race` of each batch with one promise that ends the subscription (256 bytes a batch).
  it('given very many batches, then none of them leaves anything behind', async () => {
    await appendReceipts(log, STREAMS, 1);
    const batch = await log.readAll(-1n, 1);
    let batches = 0;
    const fed = Promise.withResolvers<void>();
    const feeding: EventLog = {
      ...log,
      subscribe: () => ({
        [Symbol.asyncIterator]: () => ({
          async next() {
            batches += 1;
            if (batches % 1_000 === 0) await nextTurn();
            if (batches < BATCHES) return { value: batch };
            fed.resolve();
            return new Promise(() => {});
          },
        }),
      }),
    };
    await open({ log: feeding });
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    await fed.promise;
    collectGarbage();
    expect((process.memoryUsage().heapUsed - before) / BATCHES).toBeLessThan(50);
  });

  it('given a log that does not answer, then the alarm tells after 30 s', async () => {
    const virtual = createVirtualTime();
    let answers = true;
    const runner = await open({
      log: { ...log, head: () => (answers ? log.head() : new Promise(() => {})) },
      time: virtualRunnerTime(virtual),
    });
    answers = false;
    await virtual.advance(20_000);
    expect(runner.status().lagging).toBe(false);
    await virtual.advance(40_000);
    expect(runner.status().lagging).toBe(true);
  });
});

describe('turns of the event loop', () => {
  // Seen failing: `deliver` without its turns.
  it('given a long catch-up, then others get their turn every few milliseconds', async () => {
    await appendReceipts(log, STREAMS, 60_000);
    // One batch, so that no turn comes from the log.
    const whole: EventLog = {
      ...log,
      async *subscribe(after, signal) {
        yield await log.readAll(after, 60_000);
        yield* log.subscribe(59_999n, signal);
      },
    };
    const runner = await open({ log: whole });
    const seen: bigint[] = [];
    const tick = () => {
      seen.push(runner.position());
      if (runner.position() < 59_999n) setImmediate(tick);
    };
    tick();
    await runner.waitFor(59_999n, 20_000);
    // At most 5,000 events a turn, fewer when 4 ms are over: however fast the machine, others come in between.
    const steps = seen.slice(1).map((position, n) => position - seen[n]!);
    expect(seen.length).toBeGreaterThan(12);
    expect(steps.every((step) => step <= 5_000n)).toBe(true);
  });
});

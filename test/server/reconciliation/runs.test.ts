// Runs over a real log in virtual time: corrected once, never while in flight, a limited number of times, one at a time,
// and when policy wants them.
import { afterEach, describe, expect, it } from 'vitest';
import { HOUR, MINUTE } from '../../../domain/time.ts';
import { createReconciliationWorld, type ReconciliationWorld } from '../../support/reconciliation-world.ts';

let world: ReconciliationWorld;
afterEach(() => world.close());

const stocked = async (skus: readonly string[], policy = {}) => {
  world = await createReconciliationWorld(policy);
  for (const sku of skus) {
    await world.stock({ type: 'receipt', sku, quantity: 10 });
    world.shows.set(sku, 10);
  }
  await world.time.advance(HOUR);
};

describe('a run', () => {
  it('corrects nothing that is in flight, and what it corrects once is no difference to the next', async () => {
    await stocked(['A', 'B', 'C']);
    world.shows.set('A', 14).set('B', 13);
    world.inFlight.add('A');
    const first = await world.run();
    expect(first.differences).toMatchObject([
      { sku: 'A', class: 'in-flight', plan: 'none' },
      { sku: 'B', class: 'drift', plan: 'republish' },
    ]);
    expect(world.republished).toEqual(['B']);
    world.inFlight.clear();
    world.shows.set('A', 10);
    expect((await world.run()).differences).toEqual([]);
    expect((await world.run()).corrections).toEqual([]);
    expect(world.republished).toEqual(['B']);
  });

  it('gives up a difference that no correction mends: one case, closed when it agrees again', async () => {
    await stocked(['A'], { reconciliation: { correctionsMax: 2 } });
    world.obeys = false;
    world.shows.set('A', 14);
    for (let n = 0; n < 5; n++) await world.run();
    expect(world.republished).toEqual(['A', 'A']);
    expect(new Set(world.raised.map(({ kind, key }) => `${kind} ${key}`))).toEqual(
      new Set(['drift reconciliation:channel:market:A']),
    );
    expect(world.raised[0]).toMatchObject({ units: 4, subject: { channel: 'market', sku: 'A' } });
    expect(world.cleared.filter((key) => key.endsWith(':A'))).toEqual([]);
    world.shows.set('A', 10);
    await world.run();
    expect(world.cleared).toContain('reconciliation:channel:market:A');
    world.shows.set('A', 14);
    await world.run();
    expect(world.republished).toEqual(['A', 'A', 'A']);
  });

  it('fails with the reason when there is no statement, and waits while the channel says later', async () => {
    await stocked(['A']);
    let calls = 0;
    world.answer = async () => {
      calls += 1;
      return { kind: 'later', reason: 'HTTP 503', afterMs: 2_000 };
    };
    const late = await world.run();
    expect(late.record.run).toMatchObject({ stage: 'failed', reason: 'the first page, tried 6 times: HTTP 503' });
    expect(calls).toBe(6);
    world.answer = async () => ({ kind: 'denied', reason: 'HTTP 401' });
    expect((await world.run()).record.run).toMatchObject({ stage: 'failed', reason: 'the first page: HTTP 401' });
    world.answer = async () => ({ kind: 'page', asOf: undefined, next: 'A', rows: [] });
    expect((await world.run()).record.run.reason).toMatch(/leads to itself/);
  });

  it('is one at a time for a channel', async () => {
    await stocked(['A']);
    const waiting = Promise.withResolvers<void>();
    world.answer = async () => {
      await waiting.promise;
      return { kind: 'denied', reason: 'enough' };
    };
    const running = world.run();
    await world.time.advance(10);
    await expect(world.run()).rejects.toThrow(/being compared by run run-1/);
    waiting.resolve();
    expect((await running).record.run.stage).toBe('failed');
  });
});

describe('a run of another process', () => {
  it('is waited for, and taken up when it has been silent for half an hour', async () => {
    world = await createReconciliationWorld({}, false);
    world.answer = () => new Promise(() => {});
    void world.run().catch(() => {});
    await world.time.advance(100);
    await world.restart();
    world.answer = undefined;
    await expect(world.run()).rejects.toThrow(/being compared by run run-1/);
    await world.time.advance(20 * MINUTE);
    expect((await world.runs()).map(({ record }) => record.run.stage)).toEqual(['reading']);
    await world.time.advance(12 * MINUTE);
    expect((await world.runs()).map(({ record }) => record.run.stage)).toEqual(['failed']);
    expect((await world.run()).record.run.stage).toBe('completed');
  });
});

describe('the schedule', () => {
  const every10 = { reconciliation: { schedules: [{ channel: 'market', everyMinutes: 10 }] } };
  const started = async () => (await world.runs()).map(({ record: { run } }) => run.startedAt);

  it('compares in its time, over a restart too, and not more often', async () => {
    await stocked(['A'], every10);
    const before = (await started()).length;
    await world.time.advance(35 * MINUTE);
    const gaps = (await started()).slice(0, 4).map((at, n, all) => (n === 0 ? 0 : all[n - 1]! - at));
    expect((await started()).length - before).toBeGreaterThanOrEqual(3);
    for (const gap of gaps.slice(1)) expect(gap).toBeGreaterThanOrEqual(10 * MINUTE);
    for (const gap of gaps.slice(1)) expect(gap).toBeLessThan(11 * MINUTE);
    const last = (await started())[0]!;
    await world.restart();
    await world.time.advance(10 * MINUTE);
    const [next, previous] = await started();
    expect([previous, next! - last >= 10 * MINUTE, next! - last < 11 * MINUTE]).toEqual([last, true, true]);
  });

  it('opens a case for a run that fails, and for a statement that nobody uploads; both close', async () => {
    await stocked([], {
      systemsOfRecord: [{ location: 'x', system: 'erp' }],
      reconciliation: {
        schedules: [
          { channel: 'market', everyMinutes: 10 },
          { system: 'erp', everyMinutes: 60 },
        ],
      },
    });
    world.answer = async () => ({ kind: 'denied', reason: 'HTTP 401' });
    await world.time.advance(11 * MINUTE);
    const keys = new Set(world.raised.map(({ key }) => key));
    expect(keys).toEqual(new Set(['reconciliation:location:x:erp overdue', 'reconciliation:channel:market failed']));
    world.answer = undefined;
    world.cleared.length = 0;
    await world.time.advance(11 * MINUTE);
    const asOf = world.time.clock.now();
    const statement = { rows: [{ sku: 'A', units: 0, asOf }], asOf, isComplete: false };
    await world.run({ subject: { system: 'erp', location: 'x' }, source: { kind: 'upload', statement, faults: [] } });
    await world.time.advance(10_000);
    expect(world.cleared).toContain('reconciliation:channel:market failed');
    expect(world.cleared).toContain('reconciliation:location:x:erp overdue');
  });
});

import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createMemoryLog } from '../../../adapters/event-log/memory.ts';
import { systemHashes } from '../../../adapters/platform.ts';
import type { Snapshots, StoredSnapshot } from '../../../adapters/snapshots.ts';
import { CHAIN_GENESIS, chainHash } from '../../../domain/event-id.ts';
import { NO_STREAM } from '../../../domain/event-log.ts';
import { readStockEvent } from '../../../domain/stock/events.ts';
import { evolve } from '../../../domain/stock/evolve.ts';
import { emptyStock, stockFromJson } from '../../../domain/stock/stock.ts';
import { actorsOver, command, NOON, submit } from '../../support/actors.ts';
import { type AppendFault, faulty } from '../../support/faulty-log.ts';

const STREAM = 'stock-A~store-1';
const later = new Date(NOON + 3_600_000).toISOString();
const hold = (n: number, quantity = 1) => ({
  type: 'reservation.make' as const,
  reservationId: `r-${n}`,
  owner: `buyer-${n}`,
  channel: 'shop',
  quantity,
  expiresAt: later,
});

describe('a stock actor', () => {
  it('answers with what became durable', async () => {
    const log = createMemoryLog();
    const actors = actorsOver(log);
    const answer = await submit(actors, { type: 'receipt', quantity: 5 });
    expect(answer).toMatchObject({
      outcome: 'accepted',
      duplicate: false,
      eventType: 'UnitsReceived',
      revision: 0,
      levels: { onHand: 5 },
    });
    expect(await log.read(STREAM, 0, 10)).toHaveLength(1);
  });

  it('puts the commands of one turn into one append', async () => {
    const log = faulty(createMemoryLog());
    const actors = actorsOver(log);
    await Promise.all(Array.from({ length: 200 }, () => submit(actors, { type: 'sale', quantity: 1 })));
    expect(log.appends).toBe(1);
    expect(await log.read(STREAM, 0, 1_000)).toHaveLength(200);
  });

  it('answers nothing before the append is durable', async () => {
    const log = faulty(createMemoryLog());
    const actors = actorsOver(log);
    log.script.push({ delayMs: 60 });
    const answer = submit(actors, { type: 'receipt', quantity: 1 });
    expect(await Promise.race([answer, sleep(30, 'waiting')])).toBe('waiting');
    expect(await answer).toMatchObject({ outcome: 'accepted' });
  });

  it('sells 100 units to exactly 100 of 1,000 buyers (fault row 16)', async () => {
    const log = createMemoryLog();
    const actors = actorsOver(log);
    await submit(actors, { type: 'receipt', quantity: 100 });
    const answers = await Promise.all(Array.from({ length: 1_000 }, (_, n) => submit(actors, hold(n))));
    expect(answers.filter((answer) => answer.outcome === 'accepted')).toHaveLength(100);
    expect(
      answers.filter((answer) => answer.outcome === 'refused' && answer.reason === 'insufficient-available'),
    ).toHaveLength(900);
  });

  it('answers a duplicate as its first delivery, at once and after being evicted', async () => {
    const log = createMemoryLog();
    const receipt = command({ type: 'receipt', quantity: 7 });
    const actors = actorsOver(log);
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => actors.submit({ command: receipt, client: 'test' })),
    );
    await submit(actors, { type: 'sale', quantity: 2 });
    answers.push(await actors.submit({ command: receipt, client: 'test' }));
    answers.push(await actorsOver(log).submit({ command: receipt, client: 'test' }));
    expect(answers.filter((answer) => answer.outcome === 'accepted' && !answer.duplicate)).toHaveLength(1);
    expect(new Set(answers.map((answer) => JSON.stringify({ ...answer, duplicate: 0, position: 0 })))).toHaveLength(1);
    expect(await log.read(STREAM, 0, 10)).toHaveLength(2);
  });

  it('links its events into a hash chain and names their causes', async () => {
    const log = createMemoryLog();
    const actors = actorsOver(log);
    await Promise.all([
      submit(actors, { type: 'receipt', quantity: 5 }),
      submit(actors, { type: 'sale', quantity: 1, correlationId: 'o-1' }),
    ]);
    await submit(actorsOver(log), { type: 'sale', quantity: 1 });
    const events = await log.read(STREAM, 0, 10);
    let previousHash = CHAIN_GENESIS;
    for (const event of events) {
      expect(event.metadata['previousHash']).toBe(previousHash);
      previousHash = chainHash(event.stream, event.revision, event, systemHashes);
      expect(event.metadata['hash']).toBe(previousHash);
      expect(event.metadata['causationId']).toBe(event.data['commandId']);
    }
    expect(events[1]!.metadata['correlationId']).toBe('o-1');
  });
});

describe('a stock actor in trouble', () => {
  const answersTo = async (script: readonly AppendFault[]) => {
    const inner = createMemoryLog();
    const log = faulty(inner);
    const actors = actorsOver(log, { random: () => 0 });
    await submit(actors, { type: 'receipt', quantity: 10 });
    log.script.push(...script);
    const answers = await Promise.all([1, 2, 3].map((n) => submit(actors, hold(n, 4))));
    const after = await submit(actors, { type: 'sale', quantity: 1 });
    return { answers, after, events: await inner.read(STREAM, 0, 100), actors };
  };

  it('reads and judges again after a conflict', async () => {
    const { answers, events } = await answersTo(['conflict', 'conflict']);
    expect(answers.map((answer) => answer.outcome)).toEqual(['accepted', 'accepted', 'refused']);
    expect(events).toHaveLength(4);
  });

  it('judges by what another writer wrote meanwhile', async () => {
    const log = createMemoryLog();
    const [one, other] = [actorsOver(log, { random: () => 0 }), actorsOver(log, { random: () => 0 })];
    await submit(one, { type: 'receipt', quantity: 10 });
    await submit(other, { type: 'sale', quantity: 9 });
    expect(await submit(one, hold(1, 2))).toMatchObject({ outcome: 'refused', reason: 'insufficient-available' });
    expect(await submit(one, hold(2, 1))).toMatchObject({ outcome: 'accepted', revision: 2 });
  });

  it('gives up a storm of conflicts after a bounded number of attempts, and serves the next command', async () => {
    const { answers, after, events } = await answersTo(Array.from({ length: 6 }, () => 'conflict' as const));
    expect(answers.every((answer) => answer.outcome === 'failed' && answer.reason === 'conflict')).toBe(true);
    expect(after).toMatchObject({ outcome: 'accepted', levels: { onHand: 9 } });
    expect(events).toHaveLength(2);
  });

  it('repeats an append of unknown outcome and has its effect once, written or not', async () => {
    for (const fault of ['lost', 'written'] as const) {
      const { answers, events } = await answersTo([fault, fault]);
      expect(answers.map((answer) => answer.outcome)).toEqual(['accepted', 'accepted', 'refused']);
      expect(events.map((event) => event.revision)).toEqual([0, 1, 2, 3]);
    }
  });

  it('answers unknown-outcome when the outcome stays unknown; the repeated command finds its event', async () => {
    const inner = createMemoryLog();
    const log = faulty(inner);
    const actors = actorsOver(log, { random: () => 0 });
    const receipt = command({ type: 'receipt', quantity: 3 });
    log.script.push('written', 'lost', 'lost', 'lost');
    expect(await actors.submit({ command: receipt, client: 'test' })).toMatchObject({
      outcome: 'failed',
      reason: 'unknown-outcome',
    });
    expect(await actors.submit({ command: receipt, client: 'test' })).toMatchObject({
      outcome: 'accepted',
      duplicate: true,
      revision: 0,
    });
    expect(await inner.read(STREAM, 0, 10)).toHaveLength(1);
  });

  it.each(['down', 'disk-full'] as const)(
    'answers everybody when the log is %s, and works again afterwards',
    async (fault) => {
      const { answers, after, events, actors } = await answersTo([fault]);
      const reason = fault === 'down' ? 'unavailable' : 'disk-full';
      expect(answers.every((answer) => answer.outcome === 'failed' && answer.reason === reason)).toBe(true);
      expect(after).toMatchObject({ outcome: 'accepted', revision: 1 });
      expect(events).toHaveLength(2);
      expect(actors.stats()).toEqual({ resident: 1, waiting: 0 });
    },
  );

  it('answers everybody when the stream cannot be read', async () => {
    const log = createMemoryLog();
    await log.append(STREAM, NO_STREAM, [
      { id: crypto.randomUUID(), type: 'FromTheFuture', data: { v: 99 }, metadata: {} },
    ]);
    const answer = await submit(actorsOver(log), { type: 'sale', quantity: 1 });
    expect(answer).toMatchObject({ outcome: 'failed', reason: 'unavailable' });
    expect(answer.outcome === 'failed' && answer.detail).toContain(`${STREAM}@0`);
  });
});

describe('the set of stock actors', () => {
  it('keeps at most residentMax actors, and those that left come back with their stock', async () => {
    const log = createMemoryLog();
    const actors = actorsOver(log, { limits: { residentMax: 3 } });
    for (let round = 0; round < 3; round++) {
      for (let n = 0; n < 10; n++) await submit(actors, { type: 'receipt', sku: `S${n}`, quantity: 1 });
      expect(actors.stats().resident).toBeLessThanOrEqual(3);
    }
    expect(await submit(actors, { type: 'sale', sku: 'S0', quantity: 1 })).toMatchObject({
      revision: 3,
      levels: { onHand: 2 },
    });
  });

  it('passivates the least recently used first', async () => {
    const log = faulty(createMemoryLog());
    const reads: string[] = [];
    const counted = {
      ...log,
      read: (stream: string, from: number, limit: number) => {
        reads.push(stream);
        return log.read(stream, from, limit);
      },
    };
    const actors = actorsOver(counted, { limits: { residentMax: 2 } });
    for (const sku of ['A', 'B', 'A', 'C', 'A']) await submit(actors, { type: 'receipt', sku, quantity: 1 });
    expect(reads.filter((stream) => stream === 'stock-A~store-1')).toHaveLength(1);
    await submit(actors, { type: 'receipt', sku: 'B', quantity: 1 });
    expect(reads.filter((stream) => stream === 'stock-B~store-1')).toHaveLength(2);
  });

  it('bounds the commands that wait for one actor and for all', async () => {
    const log = faulty(createMemoryLog());
    const actors = actorsOver(log, { limits: { waitingPerActorMax: 5, waitingMax: 8 } });
    log.script.push({ delayMs: 20 });
    const one = Array.from({ length: 7 }, () => submit(actors, { type: 'sale', quantity: 1 }));
    const other = Array.from({ length: 5 }, () => submit(actors, { type: 'sale', sku: 'B', quantity: 1 }));
    const outcomes = (await Promise.all([...one, ...other])).map((answer) =>
      answer.outcome === 'failed' ? answer.reason : answer.outcome,
    );
    expect(outcomes.slice(0, 7).filter((outcome) => outcome === 'overloaded')).toHaveLength(2);
    expect(outcomes.slice(7).filter((outcome) => outcome === 'overloaded')).toHaveLength(2);
    expect(actors.stats().waiting).toBe(0);
  });

  it('answers what is in flight when it closes, and refuses what comes after', async () => {
    const log = faulty(createMemoryLog());
    const actors = actorsOver(log);
    log.script.push({ delayMs: 30 });
    const inFlight = submit(actors, { type: 'receipt', quantity: 1 });
    const closed = actors.close();
    expect(await submit(actors, { type: 'receipt', quantity: 1 })).toMatchObject({
      outcome: 'failed',
      reason: 'shutting-down',
    });
    await closed;
    expect(await inFlight).toMatchObject({ outcome: 'accepted' });
  });

  it('hydrates from a snapshot and the events after it to the same stock as from all events', async () => {
    const log = createMemoryLog();
    const stored = new Map<string, StoredSnapshot>();
    const snapshots: Snapshots = {
      load: (stream) => structuredClone(stored.get(stream)),
      save: (stream, snapshot) => void stored.set(stream, structuredClone(snapshot)),
      close() {},
    };
    const actors = actorsOver(log, { snapshots });
    for (let n = 0; n < 700; n++)
      await submit(actors, n % 3 ? { type: 'sale', quantity: 1 } : { type: 'receipt', quantity: 4 });
    const snapshot = stored.get(STREAM)!;
    expect(snapshot.stock.revision).toBeGreaterThan(200);
    const events = await log.read(STREAM, 0, 1_000);
    const fold = (from: number, start = emptyStock()) =>
      events.slice(from).reduce((stock, event) => evolve(stock, readStockEvent(event)), start);
    expect(fold(snapshot.stock.revision + 1, stockFromJson(snapshot.stock)).levels).toEqual(fold(0).levels);
    expect(
      await submit(actorsOver(log, { snapshots }), {
        type: 'count',
        counted: 9,
        occurredAt: new Date(NOON).toISOString(),
      }),
    ).toMatchObject({ revision: 700, levels: { onHand: 9 } });
  });

  it('reads the log alone when a snapshot is ahead of it', async () => {
    const log = createMemoryLog();
    const donor = createMemoryLog();
    const stored: StoredSnapshot[] = [];
    const snapshots: Snapshots = {
      load: () => structuredClone(stored.at(-1)),
      save: (_, snapshot) => void stored.push(snapshot),
      close() {},
    };
    const rich = actorsOver(donor, { snapshots });
    for (let n = 0; n < 300; n++) await submit(rich, { type: 'receipt', quantity: 1 });
    expect(stored.length).toBeGreaterThan(0);
    expect(await submit(actorsOver(log, { snapshots }), { type: 'receipt', quantity: 1 })).toMatchObject({
      revision: 0,
      levels: { onHand: 1 },
    });
  });
});

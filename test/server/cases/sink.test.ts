// Causes on their way into the log: one cause is one case however many raise it, and nothing raised is lost by a log that
// fails, a read model that is behind or a process that ends.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMemoryLog } from '../../../adapters/event-log/memory.ts';
import { systemHashes } from '../../../adapters/platform.ts';
import { START } from '../../../domain/event-log.ts';
import { type Cause, caseId } from '../../../domain/exception/cause.ts';
import { isLasting } from '../../../domain/exception/machine.ts';
import { HOUR, MINUTE } from '../../../domain/time.ts';
import { GAP } from '../../support/case-story.ts';
import { type CasesNode, casesOver } from '../../support/cases-node.ts';
import { type AppendFault, faulty } from '../../support/faulty-log.ts';
import { createVirtualTime } from '../../support/virtual-time.ts';

const MINUTES = 12 * 60;
const cause = (fields: Partial<Cause> = {}): Cause => ({ ...GAP, ...fields });
const raised = async ({ sink }: CasesNode, one: Cause) => {
  sink.raise(one);
  await sink.settled();
};
const gone = async ({ sink }: CasesNode, key = GAP.key, position?: bigint) => {
  sink.cleared(GAP.kind, key, position);
  await sink.settled();
};
const typesIn = async (log: ReturnType<typeof createMemoryLog>) =>
  (await log.readAll(START, 100_000)).map(({ type }) => type);

describe('the sink of causes', () => {
  it('makes one case of 1,000 raises of one cause at once, and counts them', async () => {
    const log = createMemoryLog();
    const node = await casesOver(log);
    for (let n = 0; n < 1_000; n++) node.sink.raise(cause({ units: n }));
    await node.time.advance(5 * MINUTE);
    expect(await node.inLog()).toMatchObject([{ status: 'open', occurrence: 1, sights: 1_000, units: 999 }]);
    expect((await typesIn(log)).length).toBeLessThanOrEqual(2);
    await node.close();
  });

  it('makes one case of raises by three processes at once', async () => {
    const log = createMemoryLog();
    const time = createVirtualTime(undefined, 1);
    const nodes = await Promise.all([0.1, 0.5, 0.9].map((n) => casesOver(log, { random: () => n, time })));
    for (const { sink } of nodes) for (let n = 0; n < 5; n++) sink.raise(cause());
    await time.advance(5 * MINUTE);
    expect(await nodes[0]!.inLog()).toMatchObject([{ status: 'open', occurrence: 1 }]);
    expect((await typesIn(log)).filter((type) => type === 'CaseOpened')).toHaveLength(1);
    for (const node of nodes) await node.close();
  });

  it('writes an opening at once, and sights of an open case now and then, the older it is the less', async () => {
    const log = createMemoryLog();
    const node = await casesOver(log);
    await raised(node, cause());
    expect(await typesIn(log)).toEqual(['CaseOpened']);
    for (let minute = 0; minute < MINUTES; minute++) {
      node.sink.raise(cause({ units: minute }));
      await node.time.advance(MINUTE);
    }
    const [state] = await node.inLog();
    const seen = (await typesIn(log)).filter((type) => type === 'CaseSeenAgain').length;
    expect(seen).toBeGreaterThan(20);
    expect(seen).toBeLessThan(100);
    // What waits is written at the end.
    await node.close();
    const [last] = await node.inLog();
    expect(state!.sights).toBeLessThan(last!.sights);
    expect(last).toMatchObject({ sights: MINUTES + 1, units: MINUTES - 1 });
  });

  it('makes one case of all that are too many of a kind, and none of another kind', async () => {
    const node = await casesOver(createMemoryLog(), { openPerKindMax: 3 });
    for (let n = 0; n < 8; n++) node.sink.raise(cause({ key: `key-${n}`, detail: `gap ${n}` }));
    node.sink.raise(cause({ kind: 'drift', key: 'd' }));
    await node.sink.settled();
    await node.time.advance(5 * MINUTE);
    const all = await node.inLog();
    expect(all.map(({ key }) => key).sort()).toEqual(['d', 'key-0', 'key-1', 'key-2', 'more']);
    expect(all.find(({ key }) => key === 'more')).toMatchObject({
      sights: 5,
      detail: expect.stringContaining('gap 7'),
    });
    // There is room again.
    node.sink.cleared('sequence-gap', 'key-0');
    node.sink.cleared('sequence-gap', 'key-1');
    await node.sink.settled();
    node.sink.raise(cause({ key: 'key-9' }));
    await node.sink.settled();
    expect((await node.inLog()).find(({ key }) => key === 'key-9')).toMatchObject({ status: 'open' });
    await node.close();
  });

  it('closes a case when its cause is gone, and opens it again at once', async () => {
    const node = await casesOver(createMemoryLog());
    await raised(node, cause());
    await gone(node);
    expect(await node.inLog()).toMatchObject([{ status: 'cleared' }]);
    await raised(node, cause());
    expect(await node.inLog()).toMatchObject([{ status: 'open', occurrence: 2 }]);
    await node.close();
  });

  it('opens a case again at once though it was resolved hours after it was opened', async () => {
    const node = await casesOver(createMemoryLog());
    await raised(node, cause());
    await node.time.advance(10 * HOUR);
    await raised(node, cause());
    const [state] = await node.inLog();
    await node.workflows.submit(state!.id, { id: 'done', type: 'resolve', resolution: 'done' }, { source: 'anna' });
    await raised(node, cause());
    expect(await node.inLog()).toMatchObject([{ status: 'open', occurrence: 2 }]);
    await node.close();
  });

  it('writes nothing for a cause that is gone and was never a case', async () => {
    const log = createMemoryLog();
    const node = await casesOver(log);
    await gone(node, GAP.key, 5n);
    node.sink.cleared(GAP.kind, 'another');
    await node.time.advance(MINUTE);
    expect([await typesIn(log), node.sink.pending]).toEqual([[], 0]);
    await node.close();
  });

  it('closes a case that the read model does not know yet', async () => {
    const node = await casesOver(createMemoryLog(), { follows: false });
    await raised(node, cause());
    expect(node.sink.isLasting(GAP.kind, GAP.key)).toBe(true);
    await gone(node);
    expect(await node.inLog()).toMatchObject([{ status: 'cleared' }]);
    // Kept until the read model knows it, then forgotten.
    await node.time.advance(10 * MINUTE);
    expect(node.sink.pending).toBe(1);
    await node.fold();
    await node.time.advance(MINUTE);
    expect([node.sink.pending, node.sink.isLasting(GAP.kind, GAP.key)]).toEqual([0, false]);
    await node.close();
  });

  it('keeps what a log that is down does not take, and says so when it closes first', async () => {
    const log = faulty(createMemoryLog());
    const node = await casesOver(log);
    log.script.push('down', 'disk-full', 'lost', 'conflict', 'written');
    let isDone = false;
    const kept = raised(node, cause()).then(() => (isDone = true));
    await node.time.advance(1);
    expect([isDone, await node.inLog()]).toEqual([false, []]);
    await node.time.advance(MINUTE);
    await kept;
    expect(await node.inLog()).toMatchObject([{ status: 'open', occurrence: 1, sights: 1 }]);
    log.script.push(...Array.from({ length: 50 }, () => 'down' as const));
    const never = expect(raised(node, cause({ key: 'another' }))).rejects.toThrow('closed');
    await node.time.advance(1);
    await node.close();
    await never;
    expect(node.troubles.length).toBeGreaterThan(2);
  });

  // Seen failing: with a repeat for ever, which held up whoever waited for `settled`.
  it('gives up a cause whose case cannot be read, and goes on with the others', async () => {
    const log = createMemoryLog();
    const id = caseId(GAP.kind, GAP.key, systemHashes);
    const data = { v: 99, commandId: 'x', source: 'x', recordedAt: 0 };
    const node = await casesOver(log, { follows: false });
    await log.append(`case-${id}`, -1, [{ id: 'e1', type: 'CaseOpened', data, metadata: {} }]);
    let isDone = false;
    void raised(node, cause()).then(() => (isDone = true));
    await node.time.advance(MINUTE);
    expect([isDone, node.troubles.at(-1)]).toEqual([true, expect.stringContaining('version 99')]);
    await raised(node, cause({ key: 'another' }));
    expect(await typesIn(log)).toEqual(['CaseOpened', 'CaseOpened']);
    await node.close();
  });
});

describe('a process that ends between the raise and the append', () => {
  it('leaves the cause to the next one, which sees the event again: one case, seen once', async () => {
    const log = faulty(createMemoryLog());
    const first = await casesOver(log);
    log.script.push('down');
    first.sink.raise(cause({ position: 7n }));
    await first.time.advance(1);
    expect(await first.inLog()).toEqual([]);
    // Its checkpoint did not move, so the next process is told the same; what is left of the first one wakes later.
    const next = await casesOver(log, { time: first.time });
    await raised(next, cause({ position: 7n }));
    await first.time.advance(5 * MINUTE);
    expect(await next.inLog()).toMatchObject([{ status: 'open', occurrence: 1, sights: 1, asOf: '7' }]);
    await next.close();
  });
});

describe('sights that come at least once through a log that fails', () => {
  const faults = fc.array(fc.constantFrom<AppendFault>('none', 'none', 'none', 'conflict', 'down', 'lost', 'written'), {
    maxLength: 30,
  });
  const sights = fc.array(
    fc.record({ key: fc.constantFrom('a', 'b'), isThere: fc.boolean(), crashes: fc.boolean(), back: fc.nat(3) }),
    { minLength: 1, maxLength: 20 },
  );

  // Seen failing: with sights without their position (a repeat opens a case again), and with `cleared` that asks only the read
  // model (what was opened a moment ago stays open).
  it('end as the last sight of each cause says, and each change of it is one event, across crashes', async () => {
    await fc.assert(
      fc.asyncProperty(sights, faults, fc.boolean(), async (seen, script, follows) => {
        const log = faulty(createMemoryLog());
        let node = await casesOver(log, { follows });
        const tell = async (n: number) => {
          const { key, isThere } = seen[n]!;
          const position = BigInt(n);
          let isTold = false;
          const told = isThere ? raised(node, cause({ key, position })) : gone(node, key, position);
          void told.then(() => (isTold = true));
          expect(await node.time.until(() => isTold, 10 * MINUTE, 1_000)).toBe(true);
        };
        log.script.push(...script);
        for (const [n, { crashes, back }] of seen.entries()) {
          await tell(n);
          if (!crashes) continue;
          // A process that ends without a word, and another that begins before what was told last.
          node = await casesOver(log, { follows, time: node.time });
          for (let again = Math.max(0, n - back); again <= n; again++) await tell(again);
        }
        log.script.splice(0);
        for (const key of ['a', 'b']) {
          const last = seen.findLast((one) => one.key === key);
          const state = (await node.inLog()).find((one) => one.key === key);
          expect(state !== undefined && isLasting(state.status)).toBe(last?.isThere ?? false);
          const changes = seen
            .filter((one) => one.key === key)
            .filter((one, i, all) => one.isThere && !all[i - 1]?.isThere);
          expect(state?.occurrence ?? 0).toBe(changes.length);
        }
        await node.close();
      }),
      { numRuns: 60 },
    );
  });
});

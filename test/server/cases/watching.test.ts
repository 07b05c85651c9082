// What is found by looking: gaps that stay, names that the policy knows by now, projections that
// set events aside, and cases that are late. On virtual time, over a log that is really written.
import { afterEach, describe, expect, it } from 'vitest';
import { createMemoryLog } from '../../../adapters/event-log/memory.ts';
import { HOUR, MINUTE } from '../../../domain/time.ts';
import { createSourceSequences, type SourceSequences } from '../../../projections/source-sequences.ts';
import { watchLate } from '../../../server/cases/escalating.ts';
import { rebuildProjection, watchDeadLetters } from '../../../server/cases/poison.ts';
import { recheckGap, watchGaps } from '../../../server/cases/sequence-gaps.ts';
import { recheckName, unmappedBy, watchUnmapped } from '../../../server/cases/unmapped.ts';
import { type Look, startWatching } from '../../../server/cases/watching.ts';
import { command } from '../../support/actors.ts';
import { casePolicy, GAP } from '../../support/case-story.ts';
import { type CasesNode, casesOver, type NodeOptions } from '../../support/cases-node.ts';
import { virtualRunnerTime } from '../../support/read-side.ts';
import { aReceipt } from '../../support/stock-history.ts';

const PATIENCE = 5 * MINUTE;
const closings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

async function nodeWith(
  looks: (node: CasesNode) => readonly Look[],
  log = createMemoryLog(),
  options: NodeOptions = {},
) {
  const node = await casesOver(log, options);
  const { clock, sleep } = virtualRunnerTime(node.time);
  const troubles: string[] = [];
  const troubled = (reason: string) => void troubles.push(reason);
  const ready = Promise.resolve();
  const watching = startWatching({ looks: looks(node), clock, sleep, everyMs: 15_000, ready, troubled });
  closings.push(async () => {
    const closing = watching.close();
    await node.time.advance(1);
    await closing;
    await node.close();
  });
  return { ...node, troubles, stop: watching.close };
}
const statusOf = async (node: CasesNode) =>
  (await node.inLog()).map(({ key, status, occurrence }) => `${key} ${status} ${occurrence}`);

function sequences(): SourceSequences & { sent(source: string, ...numbers: number[]): void } {
  const projection = createSourceSequences();
  let position = 0;
  return Object.assign(projection, {
    sent(source: string, ...numbers: number[]) {
      for (const sequence of numbers) {
        const receipt = aReceipt(`${source}-${position}`, 1);
        const place = { stream: 'stock-A~store-1', revision: position, position: BigInt(position++) };
        projection.apply({ ...receipt, ...place, data: { ...receipt.data, source, sequence } });
      }
    },
  });
}

describe('a gap in the numbers of a source', () => {
  const watched = async () => {
    const numbers = sequences();
    const node = await nodeWith(({ cases, sink }) => [
      watchGaps({ sequences: () => numbers, cases, sink, patienceMs: PATIENCE }),
    ]);
    return { node, numbers };
  };

  it('is a case when it stays, and no case when it is filled in time', async () => {
    const { node, numbers } = await watched();
    numbers.sent('till', 1, 2, 6, 9);
    await node.time.advance(PATIENCE - MINUTE);
    numbers.sent('till', 7, 8);
    await node.time.advance(2 * MINUTE);
    expect(await statusOf(node)).toEqual(['source:till:3-5 open 1']);
    expect(await node.inLog()).toMatchObject([
      { subject: { source: 'till' }, detail: 'till sent 3 that never arrived: 3 to 5' },
    ]);
  });

  // Seen failing: without the look whether a gap belongs to a case already (its parts become cases of their own).
  it('stays one case while it is filled bit by bit, and closes when all has arrived', async () => {
    const { node, numbers } = await watched();
    numbers.sent('till', 1, 10);
    await node.time.advance(PATIENCE + MINUTE);
    numbers.sent('till', 5);
    await node.time.advance(PATIENCE + 2 * MINUTE);
    expect(await statusOf(node)).toEqual(['source:till:2-9 open 1']);
    expect((await node.inLog())[0]!.detail).toBe('till sent 7 that never arrived: 2 to 4, 6 to 9');
    expect(recheckGap({ sequences: () => numbers })((await node.inLog())[0]!)).toMatchObject({ isGone: false });
    numbers.sent('till', 2, 3, 4, 6, 7, 8, 9);
    expect(recheckGap({ sequences: () => numbers })((await node.inLog())[0]!)).toMatchObject({ isGone: true });
    await node.time.advance(MINUTE);
    expect(await statusOf(node)).toEqual(['source:till:2-9 cleared 1']);
    await node.time.advance(HOUR);
    expect(await statusOf(node)).toEqual(['source:till:2-9 cleared 1']);
  });

  it('that people dismissed is not asked about again; one they called resolved is', async () => {
    const { node, numbers } = await watched();
    numbers.sent('till', 1, 3);
    numbers.sent('web', 1, 3);
    await node.time.advance(PATIENCE + MINUTE);
    const idOf = async (key: string) => (await node.inLog()).find((one) => one.key === key)!.id;
    const by = { source: 'anna' };
    await node.workflows.submit(await idOf('source:till:2-2'), { id: 'x', type: 'dismiss', reason: 'lost' }, by);
    await node.workflows.submit(await idOf('source:web:2-2'), { id: 'x', type: 'resolve', resolution: 'sent' }, by);
    await node.time.advance(PATIENCE + MINUTE);
    expect(await statusOf(node)).toEqual(['source:till:2-2 dismissed 1', 'source:web:2-2 open 2']);
  });

  it('among very many of one source is one case for all', async () => {
    const { node, numbers } = await watched();
    numbers.sent('till', ...Array.from({ length: 50 }, (_, n) => n * 2));
    await node.time.advance(PATIENCE + MINUTE);
    expect(await statusOf(node)).toEqual(['source:till:1-97 open 1']);
    expect((await node.inLog())[0]!.detail).toContain('49 that never arrived: 1, 3, 5');
  });

  it('that was closed to stay within the limit of a source is not taken for filled', async () => {
    const { node, numbers } = await watched();
    numbers.sent('till', 0, 2);
    await node.time.advance(PATIENCE + MINUTE);
    numbers.sent('till', ...Array.from({ length: 1_100 }, (_, n) => 10 + n * 2));
    expect(numbers.gaps('till')[0]!.from).toBeGreaterThan(1);
    await node.time.advance(MINUTE);
    expect((await statusOf(node))[0]).toBe('source:till:1-1 open 1');
  });
});

describe('a name that the policy does not know', () => {
  const known = (...locations: string[]) => {
    const policy = casePolicy();
    return { ...policy, knowsLocation: (id: string) => locations.includes(id), knowsSku: () => false };
  };

  it('is a case for the name that is unknown, not for the other', () => {
    const client = { id: 'pos' };
    const moved = command({ type: 'transfer.dispatch', transferId: 't', quantity: 1, to: 'moon', location: 'store-1' });
    expect(unmappedBy('unknown-location', moved, client, known('store-1'))).toMatchObject({ key: 'location:moon' });
    expect(unmappedBy('unknown-location', moved, client, known('moon'))).toMatchObject({ key: 'location:store-1' });
    expect(unmappedBy('unknown-sku', moved, client, known())).toMatchObject({
      ...{ kind: 'unmapped-sku', key: 'sku:A', subject: { sku: 'A', source: 'pos' } },
    });
    expect(unmappedBy('conflict', moved, client, known())).toBeUndefined();
  });

  it('closes its case when the policy knows it', async () => {
    let policy = known('store-1');
    const node = await nodeWith(({ cases, sink }) => [watchUnmapped({ policy: () => policy, cases, sink })]);
    const sale = command({ type: 'sale', quantity: 1, location: 'moon' });
    node.sink.raise(unmappedBy('unknown-location', sale, { id: 'pos' }, policy)!);
    await node.time.advance(MINUTE);
    const [opened] = await node.inLog();
    expect(recheckName({ policy: () => policy })(opened!)).toMatchObject({ isGone: false });
    policy = known('store-1', 'moon');
    expect(recheckName({ policy: () => policy })(opened!)).toMatchObject({ isGone: true });
    await node.time.advance(MINUTE);
    expect(await statusOf(node)).toEqual(['location:moon cleared 1']);
  });
});

describe('a projection that set events aside', () => {
  it('is one case however many they are, and closes when a rebuild read them', async () => {
    let letters = 0;
    const readModel = {
      status: () => ({ projections: [{ name: 'cases', deadLetters: letters, deadLettersForgotten: 0 }] }) as never,
      deadLetters: () =>
        Array.from({ length: letters }, (_, n) => ({
          ...{ projection: 'cases', position: BigInt(n), stream: 'case-x', revision: n, type: 'CaseOpened', at: 0 },
          reason: 'TypeError: planted',
        })),
      rebuild: async () => true,
    };
    const node = await nodeWith(({ cases, sink }) => [watchDeadLetters({ readModel, cases, sink })]);
    letters = 3;
    await node.time.advance(MINUTE);
    expect(await statusOf(node)).toEqual(['projection:cases open 1']);
    const [opened] = await node.inLog();
    expect(opened!.detail).toContain('3 events aside, the first CaseOpened case-x@0: TypeError: planted');
    const never = () => new Promise<void>(() => {});
    expect(await rebuildProjection({ readModel }, never)(opened!)).toMatchObject({ isGone: false });
    letters = 0;
    expect(await rebuildProjection({ readModel }, never)(opened!)).toMatchObject({ isGone: true });
    await node.time.advance(MINUTE);
    expect(await statusOf(node)).toEqual(['projection:cases cleared 1']);
  });
});

it('a look that fails harms neither the others nor the next ones', async () => {
  let looked = 0;
  const broken = () => {
    throw new Error('planted');
  };
  const node = await nodeWith(() => [broken, () => void looked++]);
  await node.time.advance(MINUTE);
  expect(looked).toBeGreaterThan(2);
  expect(new Set(node.troubles)).toEqual(new Set(['Error: planted']));
});

describe('a case that is late', () => {
  const policy = casePolicy({
    cases: [{ kind: 'sequence-gap', slaMinutes: 60, owner: 'shift' }],
    steps: [{ from: 'shift', to: 'lead', slaMinutes: 30 }],
  });
  const late = ({ cases, workflows }: CasesNode) => [watchLate({ cases, workflows, troubled: () => {} })];
  const escalations = async (log: ReturnType<typeof createMemoryLog>) =>
    (await log.readAll(-1n, 1_000))
      .filter(({ type }) => type === 'CaseEscalated')
      .map(({ data }) => [data['owner'], data['level']]);

  // Seen failing: with ids drawn anew and a decider that does not look at the level (it goes up at every look).
  it('is escalated in its time, once for each step, by two processes and across a restart', async () => {
    const log = createMemoryLog();
    const first = await nodeWith(late, log, { policy });
    const second = await nodeWith(late, log, { policy, time: first.time });
    first.sink.raise(GAP);
    await first.time.advance(59 * MINUTE);
    await second.fold();
    expect(await escalations(log)).toEqual([]);
    await first.time.advance(2 * MINUTE);
    await second.fold();
    await first.time.advance(5 * MINUTE);
    expect(await escalations(log)).toEqual([['lead', 1]]);
    // Both end; a third begins after the next step was due.
    for (const node of [first, second]) {
      const stopping = node.stop();
      await first.time.advance(1);
      await stopping;
    }
    await first.time.advance(2 * HOUR);
    const third = await nodeWith(late, log, { policy, time: first.time });
    await third.time.advance(HOUR);
    expect(await escalations(log)).toEqual([
      ['lead', 1],
      ['lead', 2],
    ]);
    expect(await third.inLog()).toMatchObject([{ level: 2, severity: 'critical', dueAt: undefined }]);
  });
});

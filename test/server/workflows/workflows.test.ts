// Running a workflow: each id in order, what is owed is asked until it is answered, and whatever breaks in between
// nothing is done twice. Seen failing: with ids of owed commands drawn anew each time (units are taken twice), without
// the queue of an id (a conflict with itself), and without `later` (what a stock could not do is never done).
import { describe, expect, it } from 'vitest';
import { createMemoryLog } from '../../../adapters/event-log/memory.ts';
import { systemHashes } from '../../../adapters/platform.ts';
import { compilePolicy, PolicyDocument } from '../../../domain/channel/policy.ts';
import { type EventLog, START } from '../../../domain/event-log.ts';
import type { StockActors } from '../../../server/actors/answer.ts';
import type { WorkflowRoom } from '../../../server/workflows/taking.ts';
import { runWorkflow } from '../../../server/workflows/workflows.ts';
import { actorsOver, NOON, submit } from '../../support/actors.ts';
import { faulty } from '../../support/faulty-log.ts';
import { picking } from '../../support/toy-workflow.ts';

const BOTH = ['store-1', 'store-2'];
const policy = compilePolicy(PolicyDocument.parse({ version: 'test', locations: BOTH.map((id) => ({ id })) }));
const sender = { source: 'test' };
const start = (id = 'start-1') => ({ id, type: 'start', locations: BOTH }) as const;

function running(log: EventLog, stocks: Pick<StockActors, 'submit'>, options: Partial<WorkflowRoom> = {}) {
  return runWorkflow(picking, { ...roomOf(log, stocks), ...options });
}

async function stocked(log: EventLog = createMemoryLog()) {
  const actors = actorsOver(log);
  for (const location of BOTH) await submit(actors, { type: 'receipt', quantity: 1, location });
  return { log, actors };
}

const reserved = async (log: EventLog, location: string) =>
  (await log.read(`stock-A~${location}`, 0, 100)).filter(({ type }) => type === 'ReservationMade').length;

describe('a workflow', () => {
  it('asks the stocks what it owes and records their answers, then answers', async () => {
    const { log, actors } = await stocked();
    const picks = running(log, actors);
    const answer = await picks.submit('1', start(), sender);
    expect(answer).toMatchObject({ outcome: 'accepted', duplicate: false, settled: true, revision: 1 });
    expect(answer).toMatchObject({ state: { answers: { 'store-1': 'accepted', 'store-2': 'accepted' } } });
    expect((await log.read('pick-1', 0, 10)).map(({ type, data }) => [type, data['commandId']])).toEqual([
      ['PickStarted', 'start-1'],
      ['PickAnswered', 'pick:1:store-1+pick:1:store-2'],
    ]);
    expect('position' in answer && answer.position).toBe(await log.head());
  });

  it('answers a repeated command as a duplicate and refuses another by its rule', async () => {
    const { log, actors } = await stocked();
    const picks = running(log, actors);
    await picks.submit('1', start(), sender);
    expect(await picks.submit('1', start(), sender)).toMatchObject({ outcome: 'accepted', duplicate: true });
    expect(await picks.submit('1', start('start-2'), sender)).toMatchObject({ reason: 'already-started' });
    expect(await picks.state('1')).toMatchObject({ revision: 1 });
    expect(await picks.state('unknown')).toBeUndefined();
  });

  it('takes the commands of one id one after another', async () => {
    const { log, actors } = await stocked();
    const picks = running(log, actors);
    const answers = await Promise.all([1, 2, 3].map((n) => picks.submit('1', start(`start-${n}`), sender)));
    expect(answers.map(({ outcome }) => outcome)).toEqual(['accepted', 'refused', 'refused']);
  });

  it('passes on whose trace it is part of', async () => {
    const { log, actors } = await stocked();
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await running(log, actors).submit('1', start(), { ...sender, traceparent });
    const events = await log.readAll(START, 100);
    const traced = events.filter(({ metadata }) => metadata['traceparent'] === traceparent);
    expect(traced.map(({ type }) => type).sort()).toEqual([
      'PickAnswered',
      'PickStarted',
      'ReservationMade',
      'ReservationMade',
    ]);
  });

  it('asks a stock that could not answer again, later', async () => {
    const { log, actors } = await stocked();
    let down = true;
    const stocks: Pick<StockActors, 'submit'> = {
      submit: async (envelope) =>
        down && envelope.command.location === 'store-2'
          ? { outcome: 'failed', reason: 'unavailable', detail: 'planted', retryAfterMs: 1 }
          : actors.submit(envelope),
    };
    const picks = running(log, stocks);
    expect(await picks.submit('1', start(), sender)).toMatchObject({
      settled: false,
      state: { answers: { 'store-1': 'accepted' } },
    });
    down = false;
    await expect.poll(async () => (await picks.state('1'))?.state.answers['store-2']).toBe('accepted');
    expect(await reserved(log, 'store-1')).toBe(1);
  });

  it('goes on after a crash before its answers were recorded, and takes nothing twice', async () => {
    const { log, actors } = await stocked();
    const broken = faulty(log);
    // The start is written; the record of the answers is not, and the process ends.
    broken.script.push('none', 'down');
    const crashed = running(broken, actors, { sleep: () => new Promise(() => {}) });
    expect(await crashed.submit('1', start(), sender)).toMatchObject({ outcome: 'accepted', settled: false });
    const picks = running(log, actors);
    await picks.resume('1');
    expect(await picks.state('1')).toMatchObject({ state: { answers: { 'store-1': 'accepted' } } });
    expect([await reserved(log, 'store-1'), await reserved(log, 'store-2')]).toEqual([1, 1]);
  });

  it.each(['written', 'lost', 'conflict'] as const)('lands once when an append is %s', async (fault) => {
    const { log, actors } = await stocked();
    const broken = faulty(log);
    broken.script.push(fault, 'none', fault);
    expect(await running(broken, actors).submit('1', start(), sender)).toMatchObject({ settled: true });
    expect((await log.read('pick-1', 0, 10)).map(({ type }) => type)).toEqual(['PickStarted', 'PickAnswered']);
  });

  it('refuses from memory only what the log refuses too: another process may have gone on', async () => {
    const { log, actors } = await stocked();
    const [one, two] = [running(log, actors), running(log, actors)];
    await one.state('1');
    await two.submit('1', start(), sender);
    expect(await one.submit('1', start('start-2'), sender)).toMatchObject({ reason: 'already-started' });
    expect(await one.submit('1', start(), sender)).toMatchObject({ outcome: 'accepted', duplicate: true });
  });

  // Seen failing: with the state as this process remembers it.
  it('shows what another process has written since', async () => {
    const { log, actors } = await stocked();
    const [one, two] = [running(log, actors), running(log, actors)];
    await one.submit('1', { ...start(), locations: [] }, sender);
    expect(await two.state('1')).toMatchObject({ revision: 0 });
    await one.submit('1', { id: 'note', type: 'note', answers: { 'store-1': 'accepted' } }, sender);
    expect(await two.state('1')).toMatchObject({ revision: 1, state: { answers: { 'store-1': 'accepted' } } });
    const refused = await two.submit('1', { id: 'note', type: 'note', answers: {} }, sender);
    expect(refused).toMatchObject({ outcome: 'accepted', duplicate: true });
  });

  it('appends nothing when there is nothing to say', async () => {
    const { log, actors } = await stocked();
    const picks = running(log, actors);
    await picks.submit('1', start(), sender);
    const again = { id: 'note-again', type: 'note', answers: { 'store-1': 'accepted' } } as const;
    expect(await picks.submit('1', again, sender)).toMatchObject({ outcome: 'accepted', duplicate: true, revision: 1 });
    expect(await log.read('pick-1', 0, 10)).toHaveLength(2);
  });

  it('says so when too much waits, and when it closes', async () => {
    const { log, actors } = await stocked();
    const picks = runWorkflow(picking, roomOf(log, actors), { waitingMax: 1, residentMax: 1 });
    const first = picks.submit('1', start(), sender);
    expect(await picks.submit('2', start(), sender)).toMatchObject({ reason: 'overloaded', retryAfterMs: 1_000 });
    const closing = picks.close();
    expect(await picks.submit('3', start(), sender)).toMatchObject({ reason: 'shutting-down' });
    expect(await first).toMatchObject({ outcome: 'accepted' });
    await closing;
  });
});

function roomOf(log: EventLog, stocks: Pick<StockActors, 'submit'>): WorkflowRoom {
  return {
    log,
    stocks,
    clock: { now: () => NOON },
    hashes: systemHashes,
    random: () => 0.001,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    view: () => ({ policy, free: () => 0 }),
  };
}

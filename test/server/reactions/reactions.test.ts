// Reactions see every event, in order, again after a crash and never with a hole; one that fails holds up nobody else.
// Seen failing: with the checkpoint saved before the reaction ran (an event is lost by a restart), and without `setAside`.
import { describe, expect, it } from 'vitest';
import { memoryCheckpoints } from '../../../adapters/checkpoints.ts';
import { createMemoryLog } from '../../../adapters/event-log/memory.ts';
import { type EventLog, type RecordedEvent, START, Unavailable } from '../../../domain/event-log.ts';
import type { RunnerTime } from '../../../projections/time.ts';
import { type Reaction, startReactions } from '../../../server/reactions/reactions.ts';

const time: RunnerTime = {
  clock: { now: () => Date.now() },
  random: () => 0.01,
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  atTurnEnd: setImmediate,
};

async function filled(count: number): Promise<EventLog> {
  const log = createMemoryLog();
  for (let n = 0; n < count; n++) {
    await log.append(`s-${n % 3}`, Math.floor(n / 3) - 1, [{ id: `e${n}`, type: 'T', data: { n }, metadata: {} }]);
  }
  return log;
}

function seeing(name: string, on: (event: RecordedEvent) => Promise<void> | void = () => {}) {
  const seen: number[] = [];
  const reaction: Reaction = {
    name,
    concerns: ({ type }) => type === 'T',
    async on(event) {
      await on(event);
      seen.push(event.data['n'] as number);
    },
  };
  return { seen, reaction };
}

const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);

describe('reactions to the events of a log', () => {
  it('see what was there and what comes, in log order, and go on from their checkpoint', async () => {
    const log = await filled(7);
    const checkpoints = memoryCheckpoints();
    const setAside = () => {};
    const first = seeing('one');
    const running = await startReactions({ log, checkpoints, time, reactions: [first.reaction], setAside });
    await log.append('s-9', -1, [{ id: 'x', type: 'T', data: { n: 7 }, metadata: {} }]);
    expect(await running.waitFor(await log.head(), 1_000)).toBe(true);
    await running.close();
    expect(first.seen).toEqual(upTo(8));
    await log.append('s-9', 0, [{ id: 'y', type: 'T', data: { n: 8 }, metadata: {} }]);
    const [again, other] = [seeing('one'), seeing('two')];
    const reactions = [again.reaction, other.reaction];
    const next = await startReactions({ log, checkpoints, time, reactions, setAside });
    expect(await next.waitFor(await log.head(), 1_000)).toBe(true);
    await next.close();
    expect([again.seen, other.seen]).toEqual([[8], upTo(9)]);
  });

  // Under overload the orders of expired holds were told of it one after another, and fell behind by thousands.
  it('go on side by side in lanes, in order within each, and a checkpoint passes none that is not done', async () => {
    const log = await filled(200);
    const checkpoints = memoryCheckpoints();
    const first = Promise.withResolvers<void>();
    let [inside, most] = [0, 0];
    const { seen, reaction } = seeing('lanes', async ({ data }) => {
      inside += 1;
      most = Math.max(most, inside);
      await (data['n'] === 0 ? first.promise : time.sleep(1, new AbortController().signal));
      inside -= 1;
    });
    const lane = ({ stream }: RecordedEvent) => stream;
    const reactions = [{ ...reaction, lane }];
    const running = await startReactions({ log, checkpoints, time, reactions, setAside: () => {} });
    const ofLane = (n: number) => seen.filter((one) => one % 3 === n);
    await expect.poll(() => ofLane(1).length).toBeGreaterThan(20);
    expect(ofLane(0)).toEqual([]);
    expect(running.position()).toBe(START);
    first.resolve();
    expect(await running.waitFor(await log.head(), 5_000)).toBe(true);
    await running.close();
    for (const n of [0, 1, 2]) expect(ofLane(n)).toEqual(upTo(200).filter((one) => one % 3 === n));
    expect(most).toBe(3);
    expect(checkpoints.load('lanes')).toBe(await log.head());
  });

  it('are tried again, then the event is set aside and the rest goes on', async () => {
    const log = await filled(5);
    const aside: string[] = [];
    let tries = 0;
    const failing = seeing('failing', ({ data }) => {
      if (data['n'] === 1 && ++tries === 1) throw new Error('once');
      if (data['n'] === 3) throw new Error('always');
    });
    const healthy = seeing('healthy');
    const running = await startReactions({
      log,
      checkpoints: memoryCheckpoints(),
      time,
      reactions: [failing.reaction, healthy.reaction],
      setAside: (name, event, error) => aside.push(`${name} ${event.id} ${String(error)}`),
    });
    expect(await running.waitFor(await log.head(), 2_000)).toBe(true);
    await running.close();
    expect([failing.seen, healthy.seen]).toEqual([[0, 1, 2, 4], upTo(5)]);
    expect(aside).toEqual(['failing e3 Error: always']);
  });

  it('pass over what does not concern them, and go on from there', async () => {
    const log = await filled(2);
    await log.append('other', -1, [{ id: 'o', type: 'Other', data: { n: 99 }, metadata: {} }]);
    const checkpoints = memoryCheckpoints();
    const one = seeing('one');
    const running = await startReactions({ log, checkpoints, time, reactions: [one.reaction], setAside: () => {} });
    expect(await running.waitFor(await log.head(), 1_000)).toBe(true);
    await running.close();
    expect([one.seen, checkpoints.load('one')]).toEqual([[0, 1], await log.head()]);
  });

  it('wait as long as the log cannot be reached, and set nothing aside', async () => {
    const log = await filled(2);
    const aside: string[] = [];
    let tries = 0;
    const one = seeing('one', ({ data }) => {
      if (data['n'] === 0 && ++tries <= 5) throw new Unavailable('down', 'the log is away');
    });
    const running = await startReactions({
      log,
      checkpoints: memoryCheckpoints(),
      time,
      reactions: [one.reaction],
      setAside: (_, event) => aside.push(event.id),
    });
    expect(await running.waitFor(await log.head(), 2_000)).toBe(true);
    await running.close();
    expect([one.seen, aside, tries]).toEqual([[0, 1], [], 6]);
  });

  it('see again what was in hand when the process ended', async () => {
    const log = await filled(4);
    const checkpoints = memoryCheckpoints();
    const stuck = seeing('one', ({ data }) => (data['n'] === 2 ? new Promise<void>(() => {}) : undefined));
    await startReactions({ log, checkpoints, time, reactions: [stuck.reaction], setAside: () => {} });
    await expect.poll(() => stuck.seen).toEqual([0, 1]);
    const after = seeing('one');
    const next = await startReactions({ log, checkpoints, time, reactions: [after.reaction], setAside: () => {} });
    expect(await next.waitFor(await log.head(), 1_000)).toBe(true);
    await next.close();
    expect(after.seen.slice(-2)).toEqual([2, 3]);
  });

  // Seen failing: without waiting for `settled`.
  it('move their checkpoint when what they left to others is done, and end without it', async () => {
    const log = await filled(3);
    const checkpoints = memoryCheckpoints();
    const left = Promise.withResolvers<void>();
    const failing = seeing('one', () => {
      throw new Error('always');
    });
    const aside: string[] = [];
    const room = { log, checkpoints, time, setAside: (_: string, { id }: RecordedEvent) => void aside.push(id) };
    const settled = () => (aside.length > 1 ? left.promise : undefined);
    const running = await startReactions({ ...room, reactions: [failing.reaction], settled });
    await expect.poll(() => aside).toEqual(['e0', 'e1']);
    expect(await running.waitFor(1n, 50)).toBe(false);
    await running.close();
    expect(checkpoints.load('one')).toBe(0n);
    left.resolve();
    const next = await startReactions({ ...room, reactions: [failing.reaction], settled });
    expect(await next.waitFor(2n, 1_000)).toBe(true);
    expect(aside).toEqual(['e0', 'e1', 'e1', 'e2']);
    await next.close();
  });

  it('react again to one event that was set aside', async () => {
    const log = await filled(2);
    let isMended = false;
    const one = seeing('one', () => {
      if (!isMended) throw new Error('planted');
    });
    const room = { log, checkpoints: memoryCheckpoints(), time, setAside: () => {} };
    const running = await startReactions({ ...room, reactions: [one.reaction] });
    expect(await running.waitFor(await log.head(), 2_000)).toBe(true);
    const [event] = await log.read('s-1', 0, 1);
    await expect(running.again('one', event!)).rejects.toThrow('planted');
    await expect(running.again('two', event!)).rejects.toThrow('there is no reaction two');
    isMended = true;
    await running.again('one', event!);
    expect(one.seen).toEqual([1]);
    await running.close();
  });

  it('begin again when their checkpoint is ahead of the log', async () => {
    const log = await filled(3);
    const checkpoints = memoryCheckpoints();
    checkpoints.save('one', 99n);
    const one = seeing('one');
    const running = await startReactions({ log, checkpoints, time, reactions: [one.reaction], setAside: () => {} });
    expect(await running.waitFor(await log.head(), 1_000)).toBe(true);
    await running.close();
    expect(one.seen).toEqual(upTo(3));
  });
});

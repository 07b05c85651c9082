// The three traps of XState that design.md names, shown first on XState itself and then on the stock actor.
import { describe, expect, it } from 'vitest';
import { createActor, createMachine } from 'xstate';
import { createMemoryLog } from '../../../adapters/event-log/memory.ts';
import { stockMachine } from '../../../domain/stock/machine.ts';
import { unobserved } from '../../../server/actors/room.ts';
import { actorsOver, command, submit } from '../../support/actors.ts';
import { faulty } from '../../support/faulty-log.ts';

describe('an event without a handler in the current state', () => {
  it('is dropped silently by XState', () => {
    const machine = createMachine({
      initial: 'busy',
      context: { seen: 0 },
      states: { busy: { on: { free: 'ready' } }, ready: { on: { work: 'done' } }, done: {} },
    });
    const actor = createActor(machine).start();
    actor.send({ type: 'work' });
    actor.send({ type: 'free' });
    expect(actor.getSnapshot().value).toBe('ready');
  });

  it('cannot drop a command: those that come while the actor hydrates or appends wait in its inbox', async () => {
    const log = faulty(createMemoryLog());
    const slowRead = {
      ...log,
      read: async (...args: Parameters<typeof log.read>) => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        return log.read(...args);
      },
    };
    const actors = actorsOver(slowRead);
    log.script.push({ delayMs: 20 });
    const answers = [submit(actors, { type: 'receipt', quantity: 1 })];
    for (let n = 0; n < 8; n++) {
      await new Promise((resolve) => setTimeout(resolve, 7));
      answers.push(submit(actors, { type: 'receipt', quantity: 1 }));
    }
    expect((await Promise.all(answers)).map((answer) => answer.outcome)).toEqual(
      Array.from({ length: 9 }, () => 'accepted'),
    );
  });
});

describe('a throw in an action', () => {
  it('stops an XState actor and clears its mailbox', () => {
    const machine = createMachine({
      initial: 'a',
      states: {
        a: {
          on: {
            go: {
              target: 'b',
              actions: () => {
                throw new Error('planted');
              },
            },
          },
        },
        b: {},
      },
    });
    const actor = createActor(machine);
    actor.subscribe({ error() {} });
    actor.start();
    actor.send({ type: 'go' });
    actor.send({ type: 'go' });
    expect(actor.getSnapshot().status).toBe('error');
  });

  it('leaves nobody unanswered: the actor is evicted, and the next command finds a new one', async () => {
    const log = createMemoryLog();
    let broken = true;
    const observe = {
      ...unobserved,
      started: () => {
        if (broken) throw new Error('planted');
        return 0;
      },
    };
    const actors = actorsOver(log, { observe });
    const answers = await Promise.all(
      [1, 2, 3].map(() => actors.submit({ command: command({ type: 'receipt', quantity: 1 }), client: 'test' })),
    );
    expect(answers.map((answer) => answer.outcome === 'failed' && answer.detail)).toEqual(
      Array.from({ length: 3 }, () => expect.stringContaining('planted')),
    );
    broken = false;
    expect(await submit(actors, { type: 'receipt', quantity: 1 })).toMatchObject({ outcome: 'accepted', revision: 0 });
    expect(actors.stats()).toEqual({ resident: 1, waiting: 0 });
  });
});

describe('an `after` timer', () => {
  it('is nowhere in the stock machine, because it would not survive a restart', () => {
    const delayed = Object.values(stockMachine.states).flatMap((state) => state.after);
    expect(delayed).toEqual([]);
  });
});

// Two processes over one log: a command delivered to both is written once and both go on from what is in the log, whatever
// their clocks say, and neither judges by a stock that the other has changed. Found by the simulation (seeds 4 and 85 as
// they were then).
import { describe, expect, it } from 'vitest';
import { createMemoryLog } from '../../../adapters/event-log/memory.ts';
import { systemHashes } from '../../../adapters/platform.ts';
import { verifyChain, verifyLevels } from '../../../projections/verify-chain.ts';
import { actorsOver, command, NOON } from '../../support/actors.ts';

const DAY = 86_400_000;

describe('two processes that judge one command at one revision', () => {
  it('leave a whole hash chain', async () => {
    // Seen failing with event ids made of the command id alone: the later append passed for a repeat of the first.
    const log = createMemoryLog();
    const one = actorsOver(log);
    const other = actorsOver(log, { now: () => NOON + 1 });
    const receipt = command({ type: 'receipt', quantity: 5 });
    const answers = await Promise.all(
      [one, other].map((actors) => actors.submit({ command: receipt, client: 'test' })),
    );
    expect(answers.map((answer) => answer.outcome)).toEqual(['accepted', 'accepted']);
    for (const actors of [other, one]) {
      await actors.submit({ command: command({ type: 'sale', quantity: 1 }), client: 'test' });
    }
    const { events, faults } = await verifyChain(log, systemHashes);
    expect(faults).toEqual([]);
    expect(events).toBe(3);
  });

  it('agree on whether a fact is parked', async () => {
    // Seen failing with event ids made of the command id alone: one process went on without the units it had parked.
    const log = createMemoryLog();
    const one = actorsOver(log);
    const other = actorsOver(log, { now: () => NOON - DAY });
    const receipt = command({ type: 'receipt', quantity: 5 });
    const answers = await Promise.all(
      [one, other].map((actors) => actors.submit({ command: receipt, client: 'test' })),
    );
    const [first, second] = answers.map((answer) => 'eventType' in answer && answer.eventType);
    expect(second).toBe(first);
    for (const actors of [other, one]) {
      await actors.submit({ command: command({ type: 'sale', quantity: 1 }), client: 'test' });
    }
    expect(await verifyLevels(log, 'stock-A~store-1', Number.MAX_SAFE_INTEGER)).toEqual([]);
  });
});

describe('a process whose stock another one has changed', () => {
  it('refuses nothing that was accepted there', async () => {
    // Seen failing with refusals answered from memory: the repeat was refused for want of the units it had itself reserved.
    const log = createMemoryLog();
    const [one, other] = [actorsOver(log), actorsOver(log)];
    const all = command({
      type: 'reservation.make',
      reservationId: 'r',
      quantity: 5,
      owner: 'buyer',
      channel: 'shop',
      expiresAt: new Date(NOON + DAY).toISOString(),
    });
    const early = { ...all, id: 'early' };
    expect((await other.submit({ command: early, client: 'test' })).outcome).toBe('refused');
    await one.submit({ command: command({ type: 'receipt', quantity: 5 }), client: 'test' });
    expect((await one.submit({ command: all, client: 'test' })).outcome).toBe('accepted');
    expect(await other.submit({ command: all, client: 'test' })).toMatchObject({
      outcome: 'accepted',
      duplicate: true,
    });
  });

  it('takes what has come in there', async () => {
    // Seen failing with refusals answered from memory.
    const log = createMemoryLog();
    const [one, other] = [actorsOver(log), actorsOver(log)];
    const make = command({ type: 'transfer.request', transferId: 't', quantity: 5, to: 'store-2' });
    expect((await other.submit({ command: make, client: 'test' })).outcome).toBe('refused');
    await one.submit({ command: command({ type: 'receipt', quantity: 5 }), client: 'test' });
    expect((await other.submit({ command: make, client: 'test' })).outcome).toBe('accepted');
  });
});

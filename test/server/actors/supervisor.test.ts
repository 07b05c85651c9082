// Children that share one XState system: one that throws is reported by name, one that is stopped stays stopped.
import { describe, expect, it } from 'vitest';
import { createActor, fromTransition } from 'xstate';
import { startSupervisor } from '../../../server/actors/supervisor.ts';

const counting = fromTransition((count: number, { type }: { type: 'add' | 'break' }) => {
  if (type === 'break') throw new Error('planted');
  return type === 'add' ? count + 1 : count;
}, 0);

function family() {
  const errors: string[] = [];
  const supervisor = startSupervisor((id, error) => errors.push(`${id}: ${String(error)}`));
  const child = (id: string) => createActor(counting, { id, parent: supervisor.parent }).start();
  return { errors, supervisor, a: child('a'), b: child('b') };
}

describe('the supervisor of the stock actors', () => {
  it('hears of a child that threw, by name, and leaves the others alone', () => {
    const { errors, a, b } = family();
    a.send({ type: 'break' });
    b.send({ type: 'add' });
    expect(errors).toEqual(['a: Error: planted']);
    expect([a.getSnapshot().status, b.getSnapshot().context]).toEqual(['error', 1]);
  });

  it('stops a child, which then takes nothing more', () => {
    const { errors, supervisor, a, b } = family();
    supervisor.stop(a);
    a.send({ type: 'add' });
    b.send({ type: 'add' });
    expect([a.getSnapshot().context, b.getSnapshot().context, errors]).toEqual([0, 1, []]);
  });
});

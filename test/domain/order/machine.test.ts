// The diagram in the docs is the machine: same states, same transitions. UPDATE_DIAGRAMS=1 writes it anew.
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ORDER_EVENT_TYPES } from '../../../domain/order/events.ts';
import { ORDER_STATUSES, orderMachine, statusAfter } from '../../../domain/order/machine.ts';

const FILE = new URL('../../../docs/order.mmd', import.meta.url);

function diagram(): string {
  const lines = ['stateDiagram-v2', `  [*] --> ${String(orderMachine.config.initial)}`];
  for (const state of Object.values(orderMachine.states)) {
    for (const transition of [...state.transitions.values()].flat()) {
      for (const target of transition.target ?? [])
        lines.push(`  ${state.key} --> ${target.key}: ${transition.eventType}`);
    }
    if (state.type === 'final') lines.push(`  ${state.key} --> [*]`);
  }
  return `${lines.join('\n')}\n`;
}

describe('the statechart of an order', () => {
  it('is the one in docs/order.mmd', () => {
    if (process.env['UPDATE_DIAGRAMS'] === '1') writeFileSync(FILE, diagram());
    expect(readFileSync(FILE, 'utf8')).toBe(diagram());
  });

  it('has the statuses that orders have, each reached from the first, and only events that orders make', () => {
    expect(Object.keys(orderMachine.states).sort()).toEqual([...ORDER_STATUSES].sort());
    const reached = new Set(['new']);
    for (let before = -1; before !== reached.size; ) {
      before = reached.size;
      for (const status of ORDER_STATUSES.filter((one) => reached.has(one))) {
        for (const type of ORDER_EVENT_TYPES) {
          const to = statusAfter(status, type);
          if (to !== undefined) reached.add(to);
        }
      }
    }
    expect([...reached].sort()).toEqual([...ORDER_STATUSES].sort());
    const used = Object.values(orderMachine.states).flatMap((state) => [...state.transitions.keys()]);
    for (const type of used) expect([...ORDER_EVENT_TYPES]).toContain(type);
  });
});

// The diagram in the docs is the machine: same states, same transitions. UPDATE_DIAGRAMS=1 writes it anew.
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { TRANSFER_EVENT_TYPES } from '../../../domain/transfer/events.ts';
import { statusAfter, TRANSFER_STATUSES, transferMachine } from '../../../domain/transfer/machine.ts';

const FILE = new URL('../../../docs/transfer.mmd', import.meta.url);

function diagram(): string {
  const lines = ['stateDiagram-v2', `  [*] --> ${String(transferMachine.config.initial)}`];
  for (const state of Object.values(transferMachine.states)) {
    for (const transition of [...state.transitions.values()].flat()) {
      for (const target of transition.target ?? [])
        lines.push(`  ${state.key} --> ${target.key}: ${transition.eventType}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

describe('the statechart of a transfer', () => {
  it('is the one in docs/transfer.mmd', () => {
    if (process.env['UPDATE_DIAGRAMS'] === '1') writeFileSync(FILE, diagram());
    expect(readFileSync(FILE, 'utf8')).toBe(diagram());
  });

  it('has the statuses that transfers have, each reached from the first, and only events that transfers make', () => {
    expect(Object.keys(transferMachine.states).sort()).toEqual([...TRANSFER_STATUSES].sort());
    const reached = new Set(['new']);
    for (let before = -1; before !== reached.size; ) {
      before = reached.size;
      for (const status of TRANSFER_STATUSES.filter((one) => reached.has(one))) {
        for (const type of TRANSFER_EVENT_TYPES) {
          const to = statusAfter(status, type);
          if (to !== undefined) reached.add(to);
        }
      }
    }
    expect([...reached].sort()).toEqual([...TRANSFER_STATUSES].sort());
    const used = Object.values(transferMachine.states).flatMap((state) => [...state.transitions.keys()]);
    for (const type of used) expect([...TRANSFER_EVENT_TYPES]).toContain(type);
  });

  it('is asked in every status: what left or turned out to have left is taken whatever came before', () => {
    for (const status of TRANSFER_STATUSES.filter((one) => one !== 'new')) {
      expect(statusAfter(status, 'TransferUnitsDispatched'), status).toBe('underway');
      expect(statusAfter(status, 'TransferUnitsOver'), status).toBe(status);
    }
    expect(statusAfter('new', 'TransferUnitsDispatched')).toBeUndefined();
  });
});

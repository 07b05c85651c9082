// The diagram in the docs is the machine: same states, same transitions. UPDATE_DIAGRAMS=1 writes it anew.
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CASE_EVENT_TYPES, type CaseEvent } from '../../../domain/exception/case-events.ts';
import { CASE_STATUSES, type CaseStatus, caseMachine, isOpen, nextStatus } from '../../../domain/exception/machine.ts';

const FILE = new URL('../../../docs/case.mmd', import.meta.url);
const TYPES = [...CASE_EVENT_TYPES] as CaseEvent['type'][];

function diagram(): string {
  const lines = ['stateDiagram-v2', `  [*] --> ${String(caseMachine.config.initial)}`];
  for (const state of Object.values(caseMachine.states)) {
    for (const transition of [...state.transitions.values()].flat()) {
      for (const target of transition.target ?? [])
        lines.push(`  ${state.key} --> ${target.key}: ${transition.eventType}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

describe('the statechart of a case', () => {
  it('is the one in docs/case.mmd', () => {
    if (process.env['UPDATE_DIAGRAMS'] === '1') writeFileSync(FILE, diagram());
    expect(readFileSync(FILE, 'utf8')).toBe(diagram());
  });

  it('has the statuses that cases have, each reached from the first, and every event of a case somewhere', () => {
    expect(Object.keys(caseMachine.states).sort()).toEqual([...CASE_STATUSES].sort());
    const reached = new Set<CaseStatus>(['none']);
    for (const status of reached) {
      for (const type of TYPES) {
        const to = nextStatus(status, type);
        if (to !== undefined) reached.add(to);
      }
    }
    expect([...reached].sort()).toEqual([...CASE_STATUSES].sort());
    const used = new Set(Object.values(caseMachine.states).flatMap((state) => [...state.transitions.keys()]));
    expect([...used].sort()).toEqual([...TYPES].sort());
  });

  it('opens a case only by a cause, and leaves none that people cannot close', () => {
    for (const status of CASE_STATUSES) {
      for (const type of TYPES) {
        const to = nextStatus(status, type);
        if (to === undefined || !isOpen(to) || isOpen(status)) continue;
        expect(['CaseOpened', 'CaseReopened']).toContain(type);
      }
      if (!isOpen(status)) continue;
      expect([nextStatus(status, 'CaseResolved'), nextStatus(status, 'CaseDismissed')]).toEqual([
        'resolved',
        'dismissed',
      ]);
    }
  });
});

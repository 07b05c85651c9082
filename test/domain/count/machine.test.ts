// The diagrams in the docs are the machines: same states, same transitions. UPDATE_DIAGRAMS=1 writes them anew.
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { AnyStateMachine } from 'xstate';
import {
  LINE_STATUSES,
  type LineHappening,
  lineAfter,
  lineMachine,
  STOCKTAKE_STATUSES,
  statusAfter,
  stocktakeMachine,
} from '../../../domain/count/machine.ts';
import { STOCKTAKE_EVENT_TYPES } from '../../../domain/count/stocktake.ts';

const MACHINES: readonly (readonly [string, AnyStateMachine, readonly string[]])[] = [
  ['stocktake', stocktakeMachine, STOCKTAKE_STATUSES],
  ['stocktake-line', lineMachine, LINE_STATUSES],
];

function diagram(machine: AnyStateMachine): string {
  const lines = ['stateDiagram-v2', `  [*] --> ${String(machine.config.initial)}`];
  for (const state of Object.values(machine.states)) {
    for (const transition of [...state.transitions.values()].flat()) {
      for (const target of transition.target ?? [])
        lines.push(`  ${state.key} --> ${target.key}: ${transition.eventType}`);
    }
    if (state.type === 'final') lines.push(`  ${state.key} --> [*]`);
  }
  return `${lines.join('\n')}\n`;
}

describe.each(MACHINES)('the statechart %s', (name, machine, statuses) => {
  const file = new URL(`../../../docs/${name}.mmd`, import.meta.url);

  it('is the one in the docs', () => {
    if (process.env['UPDATE_DIAGRAMS'] === '1') writeFileSync(file, diagram(machine));
    expect(readFileSync(file, 'utf8')).toBe(diagram(machine));
  });

  it('has the statuses there are, each reached from the first', () => {
    expect(Object.keys(machine.states).sort()).toEqual([...statuses].sort());
    const edges = [...diagram(machine).matchAll(/^ {2}(\w+) --> (\w+)/gm)];
    const reached = new Set([String(machine.config.initial)]);
    for (let before = -1; before !== reached.size; ) {
      before = reached.size;
      for (const [, from, to] of edges) if (reached.has(from!)) reached.add(to!);
    }
    expect([...reached].sort()).toEqual([...statuses].sort());
  });
});

describe('transitions', () => {
  it('of a stocktake are its events', () => {
    const used = Object.values(stocktakeMachine.states).flatMap((state) => [...state.transitions.keys()].map(String));
    expect(new Set(used)).toEqual(STOCKTAKE_EVENT_TYPES);
  });

  it('are asked of the machines', () => {
    expect(statusAfter('counting', 'StocktakeCompletionAsked')).toBe('completing');
    expect(statusAfter('completed', 'StocktakeCancellationAsked')).toBeUndefined();
    const away: readonly LineHappening[] = ['counted', 'countedAboveThreshold', 'approved', 'rejected'];
    expect(away.map((one) => lineAfter('applied', one))).toEqual([undefined, undefined, undefined, undefined]);
  });
});

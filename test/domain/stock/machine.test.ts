// The diagram in the docs is the machine: same states, same transitions. UPDATE_DIAGRAMS=1 writes it anew.
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { stockMachine } from '../../../domain/stock/machine.ts';

const FILE = new URL('../../../docs/stock-actor.mmd', import.meta.url);

function diagram(): string {
  const lines = ['stateDiagram-v2', `  [*] --> ${String(stockMachine.config.initial)}`];
  for (const state of Object.values(stockMachine.states)) {
    for (const transition of [...state.transitions.values()].flat()) {
      for (const target of transition.target ?? [])
        lines.push(`  ${state.key} --> ${target.key}: ${transition.eventType}`);
    }
    if (state.type === 'final') lines.push(`  ${state.key} --> [*]`);
  }
  return `${lines.join('\n')}\n`;
}

describe('the statechart of the stock actor', () => {
  it('is the one in docs/stock-actor.mmd', () => {
    if (process.env['UPDATE_DIAGRAMS'] === '1') writeFileSync(FILE, diagram());
    expect(readFileSync(FILE, 'utf8')).toBe(diagram());
  });

  it('lets every state that is not final be left, and reaches each from the first', () => {
    const edges = diagram()
      .split('\n')
      .flatMap((line) =>
        line.match(/^ {2}(\w+) --> (\w+)/)?.slice(1, 3) ? [line.match(/^ {2}(\w+) --> (\w+)/)!.slice(1, 3)] : [],
      );
    const reached = new Set(['hydrating']);
    for (let before = -1; before !== reached.size; ) {
      before = reached.size;
      for (const [from, to] of edges) if (reached.has(from!)) reached.add(to!);
    }
    expect([...reached].sort()).toEqual(Object.keys(stockMachine.states).sort());
  });
});

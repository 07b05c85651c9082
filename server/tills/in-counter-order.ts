// Lines in the order of their counters, whatever order a file has them in: then what is missing shows as a few gaps
// instead of thousands that close again, of which only so many are remembered for a source. Lines without a counter that
// can be read come first.
import type { BatchLines } from '../routes/intake/batch-lines.ts';
import type { StrictJson } from '../routes/intake/strict-json.ts';
import type { Turns } from './turns.ts';

const PIECE_LINES = 1_000;

export async function inCounterOrder({ count, lineNumber, parse }: BatchLines, turns: Turns): Promise<BatchLines> {
  const parsed: StrictJson[] = [];
  const counters: number[] = [];
  while (parsed.length < count) {
    await turns.take(async () => {
      for (const to = Math.min(count, parsed.length + PIECE_LINES); parsed.length < to; ) {
        const line = parse(parsed.length);
        counters.push(counterOf(line));
        parsed.push(line);
      }
    });
  }
  const order = [...counters.keys()].sort((a, b) => counters[a]! - counters[b]! || a - b);
  return { count, lineNumber: (n) => lineNumber(order[n]!), parse: (n) => parsed[order[n]!]! };
}

export function counterOf(line: StrictJson): number {
  if (!line.ok || typeof line.value !== 'object' || line.value === null) return -1;
  const { counter } = line.value as { readonly counter?: unknown };
  return typeof counter === 'number' && Number.isFinite(counter) ? counter : -1;
}

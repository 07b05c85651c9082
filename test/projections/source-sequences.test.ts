import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecordedEvent } from '../../domain/event-log.ts';
import { EMPTY_SEQUENCE, gapsOf, withSequence } from '../../projections/sequence-set.ts';
import { createSourceSequences } from '../../projections/source-sequences.ts';
import { aReceipt } from '../support/stock-history.ts';

function sent(source: string, sequence: number | undefined, position: number): RecordedEvent {
  const receipt = aReceipt(`${source}-${position}`, 1);
  const data = { ...receipt.data, source, ...(sequence === undefined ? undefined : { sequence }) };
  return { ...receipt, data, stream: 'stock-A~store-1', revision: position, position: BigInt(position) };
}

describe('sequence set', () => {
  // Seen failing: the merge with the following range left out (1, 3, 2 kept two ranges), and a search for `n` instead of `n - 1`.
  it('is the set of numbers given, as the fewest ranges, whatever their order and repeats', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 60 }), (numbers) => {
        let set = EMPTY_SEQUENCE;
        for (const n of numbers) set = withSequence(set, n);
        const naive = new Set(numbers);
        const gaps: number[] = [];
        for (let n = Math.min(...naive); n < Math.max(...naive); n++) if (!naive.has(n)) gaps.push(n);
        const told = gapsOf(set).flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, n) => from + n));
        expect(told).toEqual(gaps);
        const held = [];
        for (let at = 0; at < set.ranges.length; at += 2) {
          for (let n = set.ranges[at]!; n <= set.ranges[at + 1]!; n++) held.push(n);
          if (at > 0) expect(set.ranges[at]! - set.ranges[at - 1]!).toBeGreaterThan(1);
        }
        expect(held).toEqual([...naive].sort((a, b) => a - b));
        for (const n of numbers) expect(withSequence(set, n)).toBe(set);
      }),
      { numRuns: 500 },
    );
  });

  it('past its limit closes the oldest gap and counts what was in it', () => {
    let set = EMPTY_SEQUENCE;
    for (const n of [10, 15, 20, 30]) set = withSequence(set, n, 3);
    expect(set).toEqual({ ranges: [10, 15, 20, 20, 30, 30], forgotten: 4 });
    expect(gapsOf(set)).toEqual([
      { from: 16, to: 19 },
      { from: 21, to: 29 },
    ]);
  });
});

describe('source sequences', () => {
  it('given numbers that miss some, then their gaps show until they arrive; the first seen is the start', () => {
    const sequences = createSourceSequences();
    [7, 8, 11, 14].forEach((sequence, n) => {
      sequences.apply(sent('till-1', sequence, n));
    });
    sequences.apply(sent('erp', undefined, 9));
    expect(sequences.gaps('till-1')).toEqual([
      { from: 9, to: 10 },
      { from: 12, to: 13 },
    ]);
    expect([...sequences.sources()]).toEqual([
      { source: 'till-1', first: 7, last: 14, gaps: 2, missing: 4, forgotten: 0 },
    ]);
    expect([...sequences.gapped()]).toEqual(['till-1']);
    for (const n of [9, 10, 12, 13]) sequences.apply(sent('till-1', n, 20 + n));
    expect(sequences.gaps('till-1')).toEqual([]);
    expect([[...sequences.gapped()], sequences.forgotten('till-1')]).toEqual([[], 0]);
    expect(sequences.gaps('unknown')).toEqual([]);
  });

  it('given its pages, in any order, then it is as it was, and only what changed is stored', () => {
    const sequences = createSourceSequences();
    for (let n = 0; n < 200; n++) sequences.apply(sent(`till-${n}`, n % 3 === 0 ? 4 : 6, n));
    const pages = [...sequences.takeChangedPages()];
    expect(pages).toHaveLength(4);
    sequences.apply(sent('till-70', 9, 300));
    const later = [...sequences.takeChangedPages()];
    expect(later.map(({ key }) => key)).toEqual(['sources/1']);
    const restored = createSourceSequences();
    restored.restore([...pages.filter(({ key }) => key !== 'sources/1'), ...later].toReversed());
    expect([...restored.sources()]).toEqual([...sequences.sources()]);
    expect([...restored.gapped()]).toEqual(['till-70']);
    restored.apply(sent('till-70', 9, 300));
    expect([...restored.takeChangedPages()]).toEqual([]);
  });
});

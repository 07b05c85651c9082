// Bundles in an order: exploded once, when it is placed; what is said of a bundle afterwards is said of its components.
import { describe, expect, it } from 'vitest';
import { orderedLine, unitsOfComponents } from '../../../domain/order/bundled.ts';
import { orderStory } from '../../support/order-story.ts';

const bundles = [
  {
    sku: 'KIT',
    components: [
      { sku: 'A', quantity: 2 },
      { sku: 'B', quantity: 1 },
    ],
  },
];
const line = (sku: string, quantity: number) => ({ sku, quantity });
const part = (sku: string, quantity: number, at: number, of: number) => {
  return { sku, quantity, bundle: { sku: 'KIT', quantity: of, version: '1', line: at } };
};
const LINES = [
  line('C', 1),
  part('A', 6, 1, 3),
  part('B', 3, 1, 3),
  line('A', 2),
  part('A', 2, 3, 1),
  part('B', 1, 3, 1),
];

describe('a bundle in an order', () => {
  it('is reserved as its components, from where they are, together with other lines for them (P4)', () => {
    const story = orderStory({ warehouse: { A: 5 }, 'store-1': { A: 2, B: 3 } }, { bundles });
    story.place({ lines: [line('KIT', 3), line('A', 1)] });
    expect(story.owed().sort()).toEqual([
      'reservation.make A@store-1 2',
      'reservation.make A@warehouse 5',
      'reservation.make B@store-1 3',
    ]);
    expect(story.answer()).toBe('held');
    const tooFew = orderStory({ warehouse: { A: 6, B: 9 } }, { bundles });
    expect(tooFew.place({ lines: [line('KIT', 3), line('A', 1)] })).toBe('refused');
  });

  it('that makes too many units, or too many lines, is bad input, also in a commitment', () => {
    const units = { kind: 'commitment', lines: [line('B', 1), line('KIT', 600_000_000)] };
    expect(orderStory({}, { bundles }).place(units)).toBe('invalid-command');
    const components = Array.from({ length: 50 }, (_, n) => line(`part-${n}`, 1));
    const many = Array.from({ length: 11 }, (_, n) => ({ sku: `KIT-${n}`, components }));
    const lines = many.map(({ sku }) => line(sku, 1));
    expect(orderStory({}, { bundles: many }).place({ kind: 'commitment', lines })).toBe('invalid-command');
    expect(orderStory({}, { bundles: many }).place({ kind: 'commitment', lines: lines.slice(1) })).toBe('confirmed');
  });

  it('leaves and comes back as its components, in the proportion of the order', () => {
    expect(unitsOfComponents(LINES, [line('C', 1), line('KIT', 2)])).toEqual([
      [0, line('C', 1)],
      [1, line('A', 4)],
      [1, line('B', 2)],
    ]);
    expect(unitsOfComponents([line('KIT', 2)], [line('KIT', 1)])).toEqual([[0, line('KIT', 1)]]);
  });

  it('is found again among the lines that were ordered', () => {
    expect(LINES.map((_, n) => orderedLine(LINES, n))).toEqual([0, 1, 1, 2, 3, 3]);
  });
});

// Rows in pages by a hash of their keys: a change stores its own page, what is stored gives the same rows back, and pages
// that were taken stay as they were.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Page } from '../../projections/projection.ts';
import { createStoredRows } from '../../projections/stored-rows.ts';

type Row = { readonly key: string; units: number };

const create = () =>
  createStoredRows<Row>({
    name: 'rows',
    toStored: ({ key, units }) => [key, units],
    fromStored: ([key, units]: [string, number]) => [key, { key, units }],
  });
const content = (rows: ReturnType<typeof create>) =>
  Object.fromEntries(Array.from(rows.values(), (row) => [row.key, row.units]));
const textOf = ({ key, bytes }: Page) => `${key} ${Buffer.from(bytes)}`;

describe('stored rows', () => {
  it('store the page of what changed, of a hundred thousand', () => {
    const rows = create();
    for (let n = 0; n < 100_000; n++) rows.changing(`k${n}`, BigInt(n)).set(`k${n}`, { key: `k${n}`, units: n });
    expect(Array.from(rows.takeChangedPages()).length).toBeGreaterThan(16_000);
    rows.changing('k7', 100_000n).get('k7')!.units = 1;
    const pages = Array.from(rows.takeChangedPages());
    expect(pages.map(({ key }) => key)).toEqual(['seen', expect.stringMatching(/^rows\/\d+$/)]);
    expect(pages[1]!.bytes.length).toBeLessThan(500);
  });

  it('are as they were when their pages were taken, whatever changes while these are read', () => {
    const rows = create();
    rows.changing('a', 1n).set('a', { key: 'a', units: 1 });
    const taken = rows.takeChangedPages();
    rows.changing('a', 2n).get('a')!.units = 2;
    const texts = Array.from(taken, textOf);
    expect(texts.join()).toContain('["a",1]');
    expect(texts[0]).toBe('seen "1"');
    expect(rows.seen).toBe(2n);
  });

  // Seen failing: with a page that is not marked when its last row is deleted.
  it('come back as they were stored, after any changes and however often they were taken', () => {
    const change = fc.record({
      key: fc.constantFrom('a', 'b', 'c', 'd'),
      units: fc.option(fc.nat(9), { nil: undefined }),
      take: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
        const rows = create();
        const stored = new Map<string, Page>();
        const take = () => {
          for (const page of rows.takeChangedPages()) stored.set(page.key, page);
        };
        changes.forEach(({ key, units, take: takes }, n) => {
          const inPage = rows.changing(key, BigInt(n));
          if (units === undefined) inPage.delete(key);
          else inPage.set(key, { key, units });
          if (takes) take();
        });
        take();
        const restored = create();
        restored.restore(stored.values());
        expect(content(restored)).toEqual(content(rows));
        expect(restored.seen).toBe(rows.seen);
        restored.markAllChanged();
        expect(Array.from(restored.takeChangedPages(), textOf).sort()).toEqual([...stored.values()].map(textOf).sort());
      }),
    );
  });
});

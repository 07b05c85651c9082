// Rows in pages by a hash of their keys: a change stores its own page, what is stored gives the same rows back, and pages
// that were taken stay as they were.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Page } from '../../projections/projection.ts';
import { createStoredRows, type InPage } from '../../projections/stored-rows.ts';

type Row = InPage<Row> & { readonly key: string; units: number };

const create = () =>
  createStoredRows<Row>({
    name: 'rows',
    keyOf: ({ key }) => key,
    toStored: ({ key, units }) => [key, units],
    fromStored: ([key, units]: [string, number]) => ({ key, units, next: undefined, hash: 0 }),
  });
const content = (rows: ReturnType<typeof create>) =>
  Object.fromEntries(Array.from(rows.values(), (row) => [row.key, row.units]));
const add = (rows: ReturnType<typeof create>, key: string, units: number, position: bigint) =>
  rows.add(rows.changing(key, position), { key, units, next: undefined, hash: 0 });
const textOf = ({ key, bytes }: Page) => `${key} ${Buffer.from(bytes)}`;

describe('stored rows', () => {
  it('store the page of what changed, of a hundred thousand', () => {
    const rows = create();
    for (let n = 0; n < 100_000; n++) add(rows, `k${n}`, n, BigInt(n));
    expect(Array.from(rows.takeChangedPages()).length).toBeGreaterThan(40_000);
    rows.changing('k7', 100_000n);
    rows.get('k7')!.units = 1;
    const pages = Array.from(rows.takeChangedPages());
    expect(pages.map(({ key }) => key)).toEqual(['seen', expect.stringMatching(/^rows\/\d+$/)]);
    expect(pages[1]!.bytes.length).toBeLessThan(200);
  });

  it('are as they were when their pages were taken, whatever changes while these are read', () => {
    const rows = create();
    add(rows, 'a', 1, 1n);
    const taken = rows.takeChangedPages();
    rows.changing('a', 2n);
    rows.get('a')!.units = 2;
    const texts = Array.from(taken, textOf);
    expect(texts.join()).toContain('["a",1]');
    expect(texts[0]).toBe('seen "1"');
    expect(rows.seen).toBe(2n);
  });

  // The last two have one hash. Seen failing: with a page that is not marked when its last row is deleted, and with rows
  // told apart by their hash alone.
  it('come back as they were stored, after any changes and however often they were taken', () => {
    const change = fc.record({
      key: fc.constantFrom('a', 'b', 'costarring', 'liquid'),
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
          const before = rows.get(key);
          const hash = rows.changing(key, BigInt(n));
          if (before !== undefined) rows.drop(hash, before);
          if (units !== undefined) rows.add(hash, { key, units, next: undefined, hash: 0 });
          if (takes) take();
        });
        take();
        const restored = create();
        restored.restore(stored.values());
        const left = new Map(changes.map(({ key, units }) => [key, units]));
        expect(content(rows)).toEqual(Object.fromEntries([...left].filter(([, units]) => units !== undefined)));
        expect(content(restored)).toEqual(content(rows));
        expect(restored.seen).toBe(rows.seen);
        restored.markAllChanged();
        expect(Array.from(restored.takeChangedPages(), textOf).sort()).toEqual([...stored.values()].map(textOf).sort());
      }),
    );
  });
});

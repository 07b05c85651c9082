// P8 for stocktakes: whatever the batching, redelivery or restart, the same pages as folding once from the start; and the
// figures are those of the sheets themselves.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addTallies, NO_TALLY, tallyOf } from '../../domain/count/sheet.ts';
import { type RecordedEvent, START } from '../../domain/event-log.ts';
import type { Page } from '../../projections/projection.ts';
import { createStocktakes, type Stocktakes, stocktakeTally } from '../../projections/stocktakes.ts';
import { countWorld, ID } from '../properties/counts/world.ts';

async function someStocktakes(): Promise<{ readonly events: readonly RecordedEvent[]; readonly world: World }> {
  const world = await countWorld();
  const { counts } = world.process;
  const sender = { source: 'ben' };
  for (let n = 1; n <= 20; n++) {
    const location = n % 3 === 0 ? 'store-2' : 'store-1';
    const scope = { type: 'skus' as const, skus: ['A', 'B'] };
    await counts.open({ id: `open-${n}`, stocktakeId: `c-${n}`, location, scope }, sender);
    world.tick();
    const lines = [{ sku: 'A', quantity: n, countedAt: world.at(0) }];
    await counts.lines(`c-${n}`, { type: 'count', id: `l-${n}`, lines }, sender);
    if (n % 2 === 0) await counts.end(`c-${n}`, { type: 'complete', id: `e-${n}`, uncounted: 'leave' }, sender);
    if (n % 5 === 0) await counts.end(`c-${n}`, { type: 'cancel', id: `x-${n}` }, sender);
    await world.count(`other-${n}`, n, world.at(0));
  }
  return { world, events: await world.log.readAll(START, 100_000) };
}
type World = Awaited<ReturnType<typeof countWorld>>;

const bytesOf = (pages: Iterable<Page>) =>
  Array.from(pages, ({ key, bytes }) => `${key} ${Buffer.from(bytes).toString()}`).sort();
const folded = (events: readonly RecordedEvent[]): Stocktakes => {
  const stocktakes = createStocktakes();
  for (const event of events) stocktakes.apply(event);
  return stocktakes;
};

describe('stocktakes', () => {
  // Seen failing: without the check of the revision, with pages of rows that are restored in the order in which they come,
  // and with rows restored without what is unsettled.
  it('are the same pages whatever the batching, redelivery or restart', async () => {
    const { events } = await someStocktakes();
    const straight = bytesOf(folded(events).takeChangedPages());
    fc.assert(
      fc.property(fc.nat(events.length), fc.nat(12), fc.boolean(), (cut, back, reversed) => {
        const first = folded(events.slice(0, cut));
        const pages = new Map<string, Page>();
        for (const page of first.takeChangedPages()) pages.set(page.key, page);
        const second = createStocktakes();
        second.restore(reversed ? [...pages.values()].toReversed() : pages.values());
        expect([...second.unsettled()]).toEqual([...first.unsettled()]);
        expect(second.sums()).toEqual(first.sums());
        for (const event of events.slice(Math.max(0, cut - back))) second.apply(event);
        for (const page of second.takeChangedPages()) pages.set(page.key, page);
        expect(bytesOf(pages.values())).toEqual(straight);
        for (const event of events.slice(0, cut)) second.apply(event);
        expect([...second.takeChangedPages()]).toEqual([]);
        second.markAllChanged();
        expect(bytesOf(second.takeChangedPages())).toEqual(straight);
      }),
      { numRuns: 100 },
    );
  });

  it('have the figures of their sheets, and are told newest first', async () => {
    const { world, events } = await someStocktakes();
    const stocktakes = folded(events);
    for (const row of stocktakes.newestFirst()) {
      const numbers = Array.from({ length: row.sheets.length }, (_, number) => number);
      const sheets = await Promise.all(numbers.map((number) => world.process.counts.sheet(row.id, number)));
      expect(stocktakeTally(row)).toEqual(sheets.reduce((sum, sheet) => addTallies(sum, tallyOf(sheet!)), NO_TALLY));
    }
    const ids = [...stocktakes.newestFirst()].map(({ id }) => id);
    expect(ids).toEqual([...Array.from({ length: 20 }, (_, n) => `c-${20 - n}`), ID]);
    const fifth = stocktakes.stocktake('c-5')!;
    expect([...stocktakes.newestFirst(fifth.position)].map(({ id }) => id)).toEqual(['c-4', 'c-3', 'c-2', 'c-1', ID]);
    expect(stocktakes.stocktake('c-4')).toMatchObject({ status: 'completed', location: 'store-1', openedBy: 'ben' });
    expect([...stocktakes.unsettled()]).toEqual([]);
    const rows = [...stocktakes.newestFirst()];
    expect(stocktakes.sums()).toEqual({
      open: rows.filter(({ status }) => status === 'counting').length,
      waiting: rows.reduce((sum, row) => sum + stocktakeTally(row).statuses.waiting, 0),
    });
    expect(Math.min(...Object.values(stocktakes.sums()))).toBeGreaterThan(0);
  });

  it('refuse an event they cannot read, and stay as they were', async () => {
    const { events } = await someStocktakes();
    const stocktakes = folded(events);
    bytesOf(stocktakes.takeChangedPages());
    const strange = { ...events.find(({ stream }) => stream === 'stocktake-c-1')!, revision: 99, type: 'Unheard' };
    expect(() => stocktakes.apply(strange)).toThrow('stocktake-c-1@99: Unheard');
    const orphan = { ...events.find(({ stream }) => stream === 'stocktake-c-1~0')!, stream: 'stocktake-z~0' };
    expect(() => stocktakes.apply(orphan)).toThrow('of no known stocktake');
    expect([...stocktakes.takeChangedPages()]).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { OpenStocktake, StocktakeCommandBody } from '../../../domain/count/commands.ts';
import { parseSheetId, sheetId, sheetOf, sheetsFor } from '../../../domain/count/sheet-of.ts';
import {
  decideStocktake,
  evolveStocktake,
  newStocktake,
  type Stocktake,
  type StocktakeCommand,
} from '../../../domain/count/stocktake.ts';

function stocktakeAfter(...commands: readonly StocktakeCommand[]): Stocktake {
  return commands.reduce((stocktake, command) => {
    const decision = decideStocktake(stocktake, command);
    if (decision.outcome === 'refused') throw new Error(decision.reason);
    return decision.events.reduce(evolveStocktake, stocktake);
  }, newStocktake('s'));
}
function says(stocktake: Stocktake, command: StocktakeCommand): string {
  const decision = decideStocktake(stocktake, command);
  return decision.outcome === 'refused' ? decision.reason : decision.events.map(({ type }) => type).join();
}

const open: StocktakeCommand = { type: 'open', id: 'o', location: 'store-1', scope: { type: 'full' }, sheets: 3 };
const start: StocktakeCommand = { type: 'start', id: 's', expected: 700 };
const complete: StocktakeCommand = { type: 'complete', id: 'c', leaveUncounted: false, waiting: 0, uncounted: 0 };
const cancel: StocktakeCommand = { type: 'cancel', id: 'x' };
const end: StocktakeCommand = { type: 'end', id: 'e' };

describe('a stocktake', () => {
  it('is opened once, counted, completed', () => {
    expect(stocktakeAfter(open, start, complete, end)).toMatchObject({ status: 'completed', expected: 700, sheets: 3 });
    expect(says(stocktakeAfter(open), open)).toBe('stocktake-exists');
    expect(says(newStocktake('s'), complete)).toBe('unknown-stocktake');
  });

  it('is not completed while lines wait, nor with uncounted SKUs unless that is said', () => {
    const counting = stocktakeAfter(open, start);
    expect(says(counting, { ...complete, waiting: 1 })).toBe('lines-waiting');
    expect(says(counting, { ...complete, uncounted: 9 })).toBe('lines-uncounted');
    expect(says(counting, { ...complete, uncounted: 9, leaveUncounted: true })).toBe('StocktakeCompletionAsked');
    expect(says(counting, { ...complete, waiting: 1, leaveUncounted: true })).toBe('lines-waiting');
  });

  it('is cancelled while it is opened or counted, and not after', () => {
    expect(stocktakeAfter(open, cancel, end).status).toBe('cancelled');
    expect(stocktakeAfter(open, start, cancel).status).toBe('cancelling');
    expect(says(stocktakeAfter(open, start, complete), cancel)).toBe('not-counting');
    expect(says(stocktakeAfter(open, start, cancel, end), complete)).toBe('not-counting');
  });

  it('has nothing to say to a step that another process has taken', () => {
    expect(says(stocktakeAfter(open, start), start)).toBe('');
    expect(says(stocktakeAfter(open, start, complete, end), end)).toBe('');
  });
});

describe('sheets', () => {
  it('are few SKUs each, the same for an SKU always, and evenly filled', () => {
    expect([sheetsFor(0), sheetsFor(250), sheetsFor(251), sheetsFor(40_000), sheetsFor(10_000_000)]).toEqual([
      1, 1, 2, 160, 400,
    ]);
    const filled = new Map<number, number>();
    for (let n = 0; n < 40_000; n++) {
      const sheet = sheetOf(`SKU-${n}`, 160);
      filled.set(sheet, (filled.get(sheet) ?? 0) + 1);
    }
    expect(filled.size).toBe(160);
    expect(Math.max(...filled.values())).toBeLessThan(400);
    expect(parseSheetId(sheetId('s-1', 12))).toEqual({ stocktakeId: 's-1', number: 12 });
    expect(parseSheetId('s-1')).toBeUndefined();
  });
});

describe('the border', () => {
  it('takes an SKU once a command', () => {
    const line = { sku: 'A', quantity: 1, countedAt: '2026-11-23T12:00:00Z' };
    const twice = StocktakeCommandBody.safeParse({ type: 'count', id: '1', lines: [line, line] });
    expect(twice.error?.issues[0]).toMatchObject({ path: ['lines', 1, 'sku'], message: 'A is in here twice' });
    const skus = { id: '1', stocktakeId: 's', location: 'store-1', scope: { type: 'skus', skus: ['A', 'B', 'A'] } };
    expect(OpenStocktake.safeParse(skus).error?.issues[0]?.path).toEqual(['scope', 'skus', 2]);
  });

  it.each([
    ['an id with a tilde', { stocktakeId: 'a~1' }],
    ['a long id', { stocktakeId: 'x'.repeat(49) }],
    ['an unknown field', { note: 'x' }],
    ['no SKUs', { scope: { type: 'skus', skus: [] } }],
  ])('refuses %s', (_, wrong) => {
    const good = { id: '1', stocktakeId: 's', location: 'store-1', scope: { type: 'full' } };
    expect(OpenStocktake.safeParse(good).success).toBe(true);
    expect(OpenStocktake.safeParse({ ...good, ...wrong }).success).toBe(false);
  });

  it.each([-1, 0.5, '1', 1e10, Number.NaN])('refuses a quantity of %s', (quantity) => {
    const line = { sku: 'A', quantity, countedAt: '2026-11-23T12:00:00Z' };
    expect(StocktakeCommandBody.safeParse({ type: 'count', id: '1', lines: [line] }).success).toBe(false);
  });
});

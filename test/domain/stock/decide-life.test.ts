// Freezing and retirement: facts as any other, so they may arrive in any order; the latest in event time holds.
import { describe, expect, it } from 'vitest';
import { conditionOf } from '../../../domain/stock/levels.ts';
import { MINUTE } from '../../../domain/time.ts';
import { given, type Step } from '../../support/stock-specification.ts';

const turn = (type: 'freeze' | 'unfreeze' | 'retire' | 'reinstate', at: number): Step => ({ type, reason: 'x', at });

describe('freezing and retirement', () => {
  it.each([
    ['freeze', 'StockFrozen', 'frozen'],
    ['unfreeze', 'StockUnfrozen', 'active'],
    ['retire', 'StockRetired', 'retired'],
    ['reinstate', 'StockReinstated', 'active'],
  ] as const)('%s gives %s, and moves nothing', (type, event, life) => {
    const after = given().when(turn(type, 0)).thenGives({ type: event, reason: 'x', life });
    expect(after.life).toBe(life);
  });

  it('facts still move a frozen and a retired stock', () => {
    for (const type of ['freeze', 'retire'] as const) {
      given(turn(type, 0))
        .when({ type: 'sale', quantity: 1 })
        .thenGives({ type: 'UnitsSold', quantity: 1 }, { onHand: -1 });
    }
  });

  // Seen failing: life set by the last fact to arrive.
  it('goes by event time, whatever the order of arrival', () => {
    expect(given(turn('unfreeze', -MINUTE), turn('freeze', -2 * MINUTE)).stock.life).toBe('active');
    expect(given(turn('freeze', -2 * MINUTE), turn('unfreeze', -MINUTE)).stock.life).toBe('active');
    expect(given(turn('reinstate', -MINUTE), turn('retire', -2 * MINUTE)).stock.life).toBe('active');
    given(turn('unfreeze', -MINUTE))
      .when(turn('freeze', -2 * MINUTE))
      .thenGives({ type: 'StockFrozen', reason: 'x', life: 'active' });
  });

  it('two at one instant go by command id', () => {
    const a: Step = { ...turn('freeze', 0), id: 'a' };
    const b: Step = { ...turn('unfreeze', 0), id: 'b' };
    expect(given(a, b).stock.life).toBe('active');
    expect(given(b, a).stock.life).toBe('active');
  });

  it('retirement hides freezing and does not end it', () => {
    const both = given(turn('retire', -3 * MINUTE), turn('freeze', -2 * MINUTE));
    expect(both.stock.life).toBe('retired');
    both.when(turn('reinstate', -MINUTE)).thenGives({ type: 'StockReinstated', reason: 'x', life: 'frozen' });
  });
});

describe('the condition of a stock', () => {
  const levels = { onHand: 5, reserved: 2, quarantined: 1, inTransitIn: 0, inTransitOut: 0 };
  it.each([
    [levels, 'active', 'inStock'],
    [{ ...levels, reserved: 4 }, 'active', 'depleted'],
    [{ ...levels, onHand: 2 }, 'active', 'oversold'],
    [levels, 'frozen', 'frozen'],
    [levels, 'retired', 'retired'],
  ] as const)('of %o, %s, is %s', (at, life, condition) => expect(conditionOf(at, life)).toBe(condition));
});

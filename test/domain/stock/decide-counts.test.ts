// A count is true as of its time (R6): on-hand = last count in event time + what happened after it, in any order of arrival.
import { describe, expect, it } from 'vitest';
import { MINUTE } from '../../../domain/time.ts';
import { given, type Step } from '../../support/stock-specification.ts';

const receipt = (quantity: number, at: number): Step => ({ type: 'receipt', quantity, at });
const sale = (quantity: number, at: number) => ({ type: 'sale', quantity, at }) satisfies Step;
const count = (counted: number, at: number) => ({ type: 'count', counted, at }) satisfies Step;

describe('a count', () => {
  it('sets on-hand', () => {
    given(receipt(10, -9 * MINUTE))
      .when({ ...count(8, -MINUTE), reason: 'cycle count' })
      .thenGives({ type: 'StockCounted', counted: 8, reason: 'cycle count' }, { onHand: 8 });
  });

  it('can find nothing', () => {
    given(receipt(10, -9 * MINUTE))
      .when(count(0, -MINUTE))
      .thenGives({ type: 'StockCounted', counted: 0 }, { onHand: 0 });
  });

  it('that arrives late adds what happened after it', () => {
    given(receipt(10, -60 * MINUTE), sale(1, -30 * MINUTE), sale(2, -10 * MINUTE))
      .when(count(8, -20 * MINUTE))
      .thenGives({ type: 'StockCounted', counted: 8 }, { onHand: 6 });
  });

  it('leaves reserved, quarantined and in-transit alone', () => {
    given(
      receipt(10, -9 * MINUTE),
      { type: 'quarantine', quantity: 2, reason: 'wet' },
      { type: 'transfer.expect', transferId: 't1', quantity: 5, from: 'dc' },
    )
      .when(count(4, 0))
      .thenGives({ type: 'StockCounted', counted: 4 }, { onHand: 4 });
  });

  it('older than the last one in event time changes nothing', () => {
    const after = given(count(8, -10 * MINUTE))
      .when(count(99, -20 * MINUTE))
      .thenGives({ type: 'StockCounted', counted: 99 });
    expect(after.fence).toEqual(given(count(8, -10 * MINUTE)).stock.fence);
  });

  it('at the same instant as another: the higher command id holds, whichever comes first', () => {
    const a: Step = { ...count(5, -MINUTE), id: 'a' };
    const b: Step = { ...count(7, -MINUTE), id: 'b' };
    given(a).when(b).thenGives({ type: 'StockCounted', counted: 7 }, { onHand: 7 });
    given(b).when(a).thenGives({ type: 'StockCounted', counted: 5 });
  });
});

describe('a fact around a count', () => {
  const counted = given(receipt(10, -60 * MINUTE), count(8, -10 * MINUTE));

  it('from before it, arriving after it, is recorded and moves nothing', () => {
    counted.when(sale(2, -20 * MINUTE)).thenGives({ type: 'UnitsSold', quantity: 2 });
  });

  it('of the same instant is in it', () => {
    counted.when(sale(2, -10 * MINUTE)).thenGives({ type: 'UnitsSold', quantity: 2 });
    given(sale(2, -10 * MINUTE))
      .when(count(8, -10 * MINUTE))
      .thenGives({ type: 'StockCounted', counted: 8 }, { onHand: 8 });
  });

  it('from a millisecond after it moves on-hand', () => {
    counted.when(sale(2, -10 * MINUTE + 1)).thenGives({ type: 'UnitsSold', quantity: 2 }, { onHand: 6 });
  });

  it('from before it still uses up its reservation', () => {
    counted
      .and({
        type: 'reservation.make',
        reservationId: 'r1',
        quantity: 2,
        owner: 'o',
        channel: 'webshop',
        expiresAt: '2026-11-24T00:00:00Z',
      })
      .when({ ...sale(2, -20 * MINUTE), reservationId: 'r1' })
      .thenGives(
        { type: 'UnitsSold', quantity: 2, consumed: { id: 'r1', channel: 'webshop', quantity: 2 } },
        { reserved: 0 },
      );
  });

  it('from before it still moves quarantine and transfers', () => {
    counted
      .when({ type: 'return', quantity: 1, disposition: 'quarantine', at: -20 * MINUTE })
      .thenGives({ type: 'UnitsReturned', quantity: 1, disposition: 'quarantine' }, { quarantined: 1 });
    counted
      .when({ type: 'transfer.dispatch', transferId: 't1', quantity: 3, to: 'store-002', at: -20 * MINUTE })
      .thenGives({ type: 'TransferDispatched', transferId: 't1', quantity: 3, to: 'store-002' }, { inTransitOut: 3 });
  });

  it('between two counts that arrive in the wrong order counts once', () => {
    const story = given(count(8, -10 * MINUTE), sale(1, -5 * MINUTE), sale(3, -15 * MINUTE));
    expect(story.stock.levels.onHand).toBe(7);
    expect(story.and(count(12, -20 * MINUTE)).stock.levels.onHand).toBe(7);
    expect(story.and(count(6, -2 * MINUTE)).stock.levels.onHand).toBe(6);
  });
});

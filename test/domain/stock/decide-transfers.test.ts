// A transfer seen from both ends: what left, what came, what is under way, and what went missing or came too many.
import { describe, expect, it } from 'vitest';
import { given, type Step } from '../../support/stock-specification.ts';

const receipt = (quantity: number): Step => ({ type: 'receipt', quantity });
const t1 = { transferId: 't1' } as const;
const request: Step = { type: 'transfer.request', ...t1, quantity: 5, to: 'store-002' };
const dispatch = (quantity: number): Step => ({ type: 'transfer.dispatch', ...t1, quantity, to: 'store-002' });
const settle = (quantity: number): Step => ({ type: 'transfer.settle', ...t1, quantity });
const expect5: Step = { type: 'transfer.expect', ...t1, quantity: 5, from: 'dc' };
const receive = (quantity: number): Step => ({ type: 'transfer.receive', ...t1, quantity, from: 'dc' });

describe('a requested transfer', () => {
  it('sets units aside without a channel', () => {
    const after = given(receipt(5))
      .when(request)
      .thenGives({ type: 'TransferRequested', ...t1, quantity: 5, to: 'store-002' }, { reserved: 5 });
    expect(after.reservedByChannel.size).toBe(0);
  });

  it('is refused when units are not free, above safety stock', () => {
    given(receipt(4)).when(request).thenRefuses('insufficient-available');
    given(receipt(5)).under({ safetyStock: 1 }).when(request).thenRefuses('insufficient-available');
  });

  it('is refused from a frozen or retired stock', () => {
    given(receipt(5), { type: 'freeze', reason: 'recall' }).when(request).thenRefuses('stock-frozen');
    given(receipt(5), { type: 'retire', reason: 'closed' }).when(request).thenRefuses('stock-retired');
  });

  it('is refused while one of that id waits', () => {
    given(receipt(10), request).when(request).thenRefuses('transfer-exists');
  });

  it('can be given up as long as units are set aside for it, also what a short dispatch left', () => {
    const cancel = { type: 'transfer.cancel', ...t1 } as const;
    given(receipt(10)).when(cancel).thenRefuses('unknown-transfer');
    given(receipt(10), request)
      .when(cancel)
      .thenGives({ type: 'TransferCancelled', ...t1, quantity: 5 }, { reserved: 0 });
    given(receipt(10), request, { type: 'transfer.dispatch', ...t1, quantity: 3, to: 'store-002' })
      .when(cancel)
      .thenGives({ type: 'TransferCancelled', ...t1, quantity: 2 }, { reserved: 0 });
    given(receipt(10), request, cancel)
      .when({ ...cancel, id: 'again' })
      .thenRefuses('unknown-transfer');
  });

  it('is refused when it leads nowhere else', () => {
    given(receipt(10))
      .when({ ...request, to: 'store-001' })
      .thenRefuses('same-location');
  });

  it('is not a reservation anybody can name', () => {
    const waiting = given(receipt(10), request);
    waiting.when({ type: 'reservation.release', reservationId: 'transfer:t1' }).thenRefuses('unknown-reservation');
    const clash: Step = {
      type: 'reservation.make',
      reservationId: 'transfer:t1',
      quantity: 1,
      owner: 'o',
      channel: 'webshop',
      expiresAt: '2026-11-24T00:00:00Z',
    };
    expect(waiting.when(clash).decision.outcome).toBe('accepted');
    expect(given(receipt(10), clash).when(request).decision.outcome).toBe('accepted');
  });

  it('is used up as it leaves, in parts', () => {
    const after = given(receipt(10), request)
      .when(dispatch(3))
      .thenGives(
        {
          type: 'TransferDispatched',
          ...t1,
          quantity: 3,
          to: 'store-002',
          consumed: { id: 'transfer t1', quantity: 3 },
        },
        { onHand: 7, reserved: 2, inTransitOut: 3 },
      );
    expect(after.reservations.get('transfer t1')).toMatchObject({ committed: 2, held: 0 });
    given(receipt(10), request, dispatch(3))
      .when(dispatch(4))
      .thenGives(
        {
          type: 'TransferDispatched',
          ...t1,
          quantity: 4,
          to: 'store-002',
          consumed: { id: 'transfer t1', quantity: 2 },
        },
        { onHand: 3, reserved: 0, inTransitOut: 7 },
      );
  });
});

describe('at the origin', () => {
  it('a dispatch nobody requested is a fact all the same', () => {
    given(receipt(3))
      .when(dispatch(5))
      .thenGives({ type: 'TransferDispatched', ...t1, quantity: 5, to: 'store-002' }, { onHand: -2, inTransitOut: 5 });
  });

  it('a settlement ends what is under way', () => {
    given(receipt(10), dispatch(5))
      .when(settle(5))
      .thenGives({ type: 'TransferSettled', ...t1, quantity: 5 }, { inTransitOut: 0 });
  });

  it('short: units that left and never arrived', () => {
    const after = given(receipt(10), dispatch(5), settle(3))
      .when({ type: 'transfer.short', ...t1, quantity: 2, end: 'origin' })
      .thenGives({ type: 'TransferShort', ...t1, quantity: 2, end: 'origin' }, { inTransitOut: 0 });
    expect(after.transits.size).toBe(0);
  });

  it('over: more had left than was said', () => {
    given(receipt(10), dispatch(5), settle(5))
      .when({ type: 'transfer.over', ...t1, quantity: 1, end: 'origin' })
      .thenGives({ type: 'TransferOver', ...t1, quantity: 1, end: 'origin' }, { onHand: 4 });
  });

  it('a settlement that outruns its dispatch shows nothing under way, before and after', () => {
    const early = given(receipt(10))
      .when(settle(5))
      .thenGives({ type: 'TransferSettled', ...t1, quantity: 5 });
    expect(early.transits.get('t1')).toEqual({ inward: 0, outward: -5 });
    given(receipt(10), settle(5))
      .when(dispatch(5))
      .thenGives({ type: 'TransferDispatched', ...t1, quantity: 5, to: 'store-002' }, { onHand: 5 });
  });
});

describe('at the destination', () => {
  it('an announcement is under way until it arrives', () => {
    given()
      .when(expect5)
      .thenGives({ type: 'TransferExpected', ...t1, quantity: 5, from: 'dc' }, { inTransitIn: 5 });
    given(expect5)
      .when(receive(3))
      .thenGives({ type: 'TransferReceived', ...t1, quantity: 3, from: 'dc' }, { onHand: 3, inTransitIn: 2 });
  });

  it('short: what is still expected will not come', () => {
    given(expect5, receive(3))
      .when({ type: 'transfer.short', ...t1, quantity: 2, end: 'destination' })
      .thenGives({ type: 'TransferShort', ...t1, quantity: 2, end: 'destination' }, { inTransitIn: 0 });
  });

  it('over: what came too many was under way after all', () => {
    const early = given(expect5)
      .when(receive(7))
      .thenGives({ type: 'TransferReceived', ...t1, quantity: 7, from: 'dc' }, { onHand: 7, inTransitIn: 0 });
    expect(early.transits.get('t1')).toEqual({ inward: -2, outward: 0 });
    const after = given(expect5, receive(7))
      .when({ type: 'transfer.over', ...t1, quantity: 2, end: 'destination' })
      .thenGives({ type: 'TransferOver', ...t1, quantity: 2, end: 'destination' });
    expect(after.transits.size).toBe(0);
  });

  it('an arrival that outruns its announcement ends in the same levels', () => {
    expect(given(receive(5), expect5).stock.levels).toEqual(given(expect5, receive(5)).stock.levels);
  });

  it('one transfer that arrives too many does not hide another that is still under way', () => {
    given(expect5, { ...expect5, transferId: 't2' })
      .when(receive(9))
      .thenGives({ type: 'TransferReceived', ...t1, quantity: 9, from: 'dc' }, { onHand: 9, inTransitIn: 5 });
  });
});

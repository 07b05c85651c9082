// Requests for units: accepted only while units are free for the channel, refused with a literal reason (R4, P4).
import { describe, expect, it } from 'vitest';
import { HOUR, MINUTE } from '../../../domain/time.ts';
import { given, instantText, NOON, type Step } from '../../support/stock-specification.ts';

const receipt = (quantity: number): Step => ({ type: 'receipt', quantity });
const EXPIRY = NOON + 15 * MINUTE;
const make = (reservationId: string, quantity: number, channel = 'webshop'): Step => ({
  type: 'reservation.make',
  reservationId,
  quantity,
  owner: 'order-1',
  channel,
  expiresAt: instantText(EXPIRY),
});
const hold = { reservationId: 'r1', channel: 'webshop' } as const;

describe('reservation.make', () => {
  const made = { type: 'ReservationMade', ...hold, owner: 'order-1', expiresAt: EXPIRY } as const;

  it('promises units', () => {
    const after = given(receipt(10))
      .when(make('r1', 4))
      .thenGives({ ...made, quantity: 4 }, { reserved: 4 });
    expect(after.reservations.get('r1')).toEqual({
      owner: 'order-1',
      channel: 'webshop',
      held: 4,
      committed: 0,
      expiresAt: EXPIRY,
    });
  });

  it('takes the last unit, and not one more', () => {
    given(receipt(4))
      .when(make('r1', 4))
      .thenGives({ ...made, quantity: 4 }, { reserved: 4 });
    given(receipt(4)).when(make('r1', 5)).thenRefuses('insufficient-available');
    given(receipt(4), make('r0', 1)).when(make('r1', 4)).thenRefuses('insufficient-available');
    given().when(make('r1', 1)).thenRefuses('insufficient-available');
  });

  it('takes nothing from an oversold stock', () => {
    given({ type: 'sale', quantity: 3 }, receipt(3)).when(make('r1', 1)).thenRefuses('insufficient-available');
  });

  it('leaves quarantined units', () => {
    given(receipt(4), { type: 'quarantine', quantity: 2, reason: 'wet' })
      .when(make('r1', 3))
      .thenRefuses('insufficient-available');
  });

  it('leaves safety stock', () => {
    const story = given(receipt(4)).under({ safetyStock: 2 });
    story.when(make('r1', 3)).thenRefuses('insufficient-available');
    story.when(make('r1', 2)).thenGives({ ...made, quantity: 2 }, { reserved: 2 });
  });

  it('says how many units are free', () => {
    expect(given(receipt(4)).under({ safetyStock: 1 }).when(make('r1', 9)).decision).toMatchObject({
      detail: '3 units are free here, 9 were asked for',
    });
  });

  it('of an open reservation is refused; after it ended the id can be used again', () => {
    given(receipt(10), make('r1', 4)).when(make('r1', 4)).thenRefuses('reservation-exists');
    given(receipt(10), make('r1', 4), { type: 'reservation.release', reservationId: 'r1' })
      .when(make('r1', 4))
      .thenGives({ ...made, quantity: 4 }, { reserved: 4 });
  });

  it('that has expired before it came is refused', () => {
    given(receipt(10))
      .when({ ...make('r1', 1), received: 15 * MINUTE })
      .thenRefuses('expiry-not-in-future');
    given(receipt(10))
      .when({ ...make('r1', 1), received: 15 * MINUTE - 1 })
      .thenGives({ ...made, quantity: 1 }, { reserved: 1 });
  });

  it('from a frozen or retired stock is refused', () => {
    given(receipt(10), { type: 'freeze', reason: 'recall' }).when(make('r1', 1)).thenRefuses('stock-frozen');
    given(receipt(10), { type: 'retire', reason: 'delisted' }).when(make('r1', 1)).thenRefuses('stock-retired');
  });
});

describe('an exclusive quota', () => {
  const story = given(receipt(10)).under({ quotas: [{ channel: 'app', quantity: 6 }] });

  it('keeps its units from every other channel', () => {
    story.when(make('r1', 5)).thenRefuses('insufficient-available');
    expect(story.when(make('r1', 4)).decision.outcome).toBe('accepted');
    expect(story.when(make('r1', 10, 'app')).decision.outcome).toBe('accepted');
  });

  it('protects only what its channel has not used', () => {
    const used = story.and(make('r0', 4, 'app'));
    used.when(make('r1', 5)).thenRefuses('insufficient-available');
    expect(used.when(make('r1', 4)).decision.outcome).toBe('accepted');
    const freed = used.and({ type: 'reservation.release', reservationId: 'r0' });
    freed.when(make('r1', 5)).thenRefuses('insufficient-available');
  });

  it('is honoured in the order of the policy when there is not enough for all', () => {
    const both = given(receipt(5)).under({
      quotas: [
        { channel: 'app', quantity: 4 },
        { channel: 'market', quantity: 4 },
      ],
    });
    both.when(make('r1', 1)).thenRefuses('insufficient-available');
    both.when(make('r1', 2, 'market')).thenRefuses('insufficient-available');
    expect(both.when(make('r1', 1, 'market')).decision.outcome).toBe('accepted');
    both.when(make('r1', 5, 'app')).thenRefuses('insufficient-available');
    expect(both.when(make('r1', 4, 'app')).decision.outcome).toBe('accepted');
  });

  it('binds a transfer as any other channel', () => {
    story
      .when({ type: 'transfer.request', transferId: 't1', quantity: 5, to: 'dc' })
      .thenRefuses('insufficient-available');
    expect(story.when({ type: 'transfer.request', transferId: 't1', quantity: 4, to: 'dc' }).decision.outcome).toBe(
      'accepted',
    );
  });
});

describe('an open reservation', () => {
  const open = given(receipt(10), make('r1', 5));

  it('is renewed', () => {
    const expiresAt = NOON + HOUR;
    const after = open
      .when({ type: 'reservation.renew', reservationId: 'r1', expiresAt: instantText(expiresAt) })
      .thenGives({ type: 'ReservationRenewed', ...hold, expiresAt });
    expect(after.reservations.get('r1')).toMatchObject({ expiresAt, held: 5 });
  });

  it('is not renewed into the past', () => {
    open
      .when({ type: 'reservation.renew', reservationId: 'r1', expiresAt: instantText(NOON) })
      .thenRefuses('expiry-not-in-future');
  });

  it('is committed in whole or in part; committed units stay when the rest expires', () => {
    const whole = open
      .when({ type: 'reservation.commit', reservationId: 'r1' })
      .thenGives({ type: 'ReservationCommitted', ...hold, quantity: 5 });
    expect(whole.reservations.get('r1')).toMatchObject({ held: 0, committed: 5 });

    const part: Step = { type: 'reservation.commit', reservationId: 'r1', quantity: 2 };
    const after = open.when(part).thenGives({ type: 'ReservationCommitted', ...hold, quantity: 2 });
    expect(after.reservations.get('r1')).toMatchObject({ held: 3, committed: 2 });
    const expired = open
      .and(part)
      .when({ type: 'reservation.expire', reservationId: 'r1', received: 15 * MINUTE })
      .thenGives({ type: 'ReservationExpired', ...hold, quantity: 3 }, { reserved: 2 });
    expect(expired.reservations.get('r1')).toMatchObject({ held: 0, committed: 2 });
  });

  it('cannot be committed beyond what is held', () => {
    open.when({ type: 'reservation.commit', reservationId: 'r1', quantity: 6 }).thenRefuses('exceeds-reservation');
    open
      .and({ type: 'reservation.commit', reservationId: 'r1' })
      .when({ type: 'reservation.commit', reservationId: 'r1' })
      .thenRefuses('exceeds-reservation');
  });

  it('is released in whole or in part, held units before committed ones', () => {
    open
      .when({ type: 'reservation.release', reservationId: 'r1' })
      .thenGives({ type: 'ReservationReleased', ...hold, quantity: 5 }, { reserved: 0 });
    const after = open
      .and({ type: 'reservation.commit', reservationId: 'r1', quantity: 3 })
      .when({ type: 'reservation.release', reservationId: 'r1', quantity: 4 })
      .thenGives({ type: 'ReservationReleased', ...hold, quantity: 4 }, { reserved: 1 });
    expect(after.reservations.get('r1')).toMatchObject({ held: 0, committed: 1 });
  });

  it('cannot be released beyond what is open', () => {
    open.when({ type: 'reservation.release', reservationId: 'r1', quantity: 6 }).thenRefuses('exceeds-reservation');
  });

  it('expires when its time has come, not before, not twice', () => {
    const expire: Step = { type: 'reservation.expire', reservationId: 'r1' };
    open.when({ ...expire, received: 15 * MINUTE - 1 }).thenRefuses('not-due');
    const after = open
      .when({ ...expire, received: 15 * MINUTE })
      .thenGives({ type: 'ReservationExpired', ...hold, quantity: 5 }, { reserved: 0 });
    expect(after.reservations.size).toBe(0);
    open
      .and({ ...expire, received: 15 * MINUTE })
      .when({ ...expire, received: 16 * MINUTE })
      .thenRefuses('unknown-reservation');
    open
      .and({ type: 'reservation.commit', reservationId: 'r1' })
      .when({ ...expire, received: 15 * MINUTE })
      .thenRefuses('not-due');
  });

  it('lives on in a frozen stock: what was promised can be shipped or given back', () => {
    const frozen = open.and({ type: 'freeze', reason: 'recall' });
    expect(frozen.when({ type: 'reservation.commit', reservationId: 'r1' }).decision.outcome).toBe('accepted');
    expect(frozen.when({ type: 'reservation.release', reservationId: 'r1' }).decision.outcome).toBe('accepted');
  });
});

describe('a reservation that is not open', () => {
  it.each([
    { type: 'reservation.renew', reservationId: 'r9', expiresAt: instantText(EXPIRY) },
    { type: 'reservation.commit', reservationId: 'r9' },
    { type: 'reservation.release', reservationId: 'r9' },
    { type: 'reservation.expire', reservationId: 'r9' },
  ] satisfies Step[])('$type is refused', (step) => {
    given(receipt(10)).when(step).thenRefuses('unknown-reservation');
  });
});

describe('a refused request', () => {
  it('leaves no trace: the same command is judged again when it comes again', () => {
    const request: Step = { ...make('r1', 4), id: 'hold-1' };
    const short = given(receipt(3));
    short.when(request).thenRefuses('insufficient-available');
    expect(short.and(receipt(1)).when(request).decision.outcome).toBe('accepted');
  });
});

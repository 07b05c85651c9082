// Facts that move units: always recorded, whatever they reveal (R4). Each names every level it changes and no other.
import { describe, expect, it } from 'vitest';
import { oversold } from '../../../domain/stock/levels.ts';
import { DAY, MINUTE, SECOND } from '../../../domain/time.ts';
import { given, NOON, OPEN_POLICY, SKEW_MS, type Step, WINDOW_MS } from '../../support/stock-specification.ts';

const receipt = (quantity: number): Step => ({ type: 'receipt', quantity });
const made = (reservationId: string, quantity: number): Step => ({
  type: 'reservation.make',
  reservationId,
  quantity,
  owner: 'order-1',
  channel: 'webshop',
  expiresAt: new Date(NOON + 15 * MINUTE).toISOString(),
});

describe('a sale', () => {
  it('takes units from on-hand', () => {
    given(receipt(10))
      .when({ type: 'sale', quantity: 3, channel: 'till' })
      .thenGives({ type: 'UnitsSold', quantity: 3, channel: 'till' }, { onHand: 7 });
  });

  it('is recorded although nothing is there, and reveals the oversell', () => {
    const after = given()
      .when({ type: 'sale', quantity: 3 })
      .thenGives({ type: 'UnitsSold', quantity: 3 }, { onHand: -3 });
    expect(oversold(after.levels)).toBe(3);
  });

  it('uses up the reservation it names, before others', () => {
    const after = given(receipt(10), made('r1', 4), made('r2', 2))
      .when({ type: 'sale', quantity: 3, reservationId: 'r1' })
      .thenGives(
        { type: 'UnitsSold', quantity: 3, consumed: { id: 'r1', channel: 'webshop', quantity: 3 } },
        { onHand: 7, reserved: 3 },
      );
    expect(after.reservations.get('r1')).toMatchObject({ held: 1 });
    expect(after.reservedByChannel.get('webshop')).toBe(3);
  });

  it('uses no more of a reservation than is open', () => {
    const after = given(receipt(10), made('r1', 2))
      .when({ type: 'sale', quantity: 5, reservationId: 'r1' })
      .thenGives(
        { type: 'UnitsSold', quantity: 5, consumed: { id: 'r1', channel: 'webshop', quantity: 2 } },
        { onHand: 5, reserved: 0 },
      );
    expect(after.reservations.size).toBe(0);
    expect(after.reservedByChannel.size).toBe(0);
  });

  it('of an unknown reservation is a plain sale', () => {
    given(receipt(10))
      .when({ type: 'sale', quantity: 1, reservationId: 'never-made' })
      .thenGives({ type: 'UnitsSold', quantity: 1 }, { onHand: 9 });
  });

  it('never uses up what a requested transfer set aside, whatever its reservation is called', () => {
    given(receipt(10), { type: 'transfer.request', transferId: 't1', quantity: 4, to: 'store-002' })
      .when({ type: 'sale', quantity: 2, reservationId: 'transfer:t1' })
      .thenGives({ type: 'UnitsSold', quantity: 2 }, { onHand: 8 });
  });
});

describe('a fulfilment', () => {
  it('takes committed units first, and frees what it ships', () => {
    const after = given(receipt(10), made('r1', 5), { type: 'reservation.commit', reservationId: 'r1', quantity: 3 })
      .when({ type: 'fulfilment', reservationId: 'r1', quantity: 4 })
      .thenGives(
        {
          type: 'FulfilmentConfirmed',
          reservationId: 'r1',
          quantity: 4,
          consumed: { id: 'r1', channel: 'webshop', quantity: 4 },
        },
        { onHand: 6, reserved: 1 },
      );
    expect(after.reservations.get('r1')).toMatchObject({ held: 1, committed: 0 });
  });

  it('of a hold that has expired still ships: the units are gone', () => {
    given(receipt(10), made('r1', 5), { type: 'reservation.expire', reservationId: 'r1', received: 20 * MINUTE })
      .when({ type: 'fulfilment', reservationId: 'r1', quantity: 5, received: 21 * MINUTE })
      .thenGives({ type: 'FulfilmentConfirmed', reservationId: 'r1', quantity: 5 }, { onHand: 5 });
  });
});

describe('a return', () => {
  it.each([
    ['restock', { onHand: 2 }],
    ['quarantine', { onHand: 2, quarantined: 2 }],
    ['writeOff', {}],
  ] as const)('to %s changes %o', (disposition, changed) => {
    given()
      .when({ type: 'return', quantity: 2, disposition })
      .thenGives({ type: 'UnitsReturned', quantity: 2, disposition }, changed);
  });
});

describe('receipts and adjustments', () => {
  it('a receipt adds, and keeps its reference', () => {
    given()
      .when({ type: 'receipt', quantity: 5, reference: 'ASN-1' })
      .thenGives({ type: 'UnitsReceived', quantity: 5, reference: 'ASN-1' }, { onHand: 5 });
  });
  it('an adjustment takes its sign', () => {
    given(receipt(5))
      .when({ type: 'adjustment', quantity: -2, reason: 'stolen' })
      .thenGives({ type: 'StockAdjusted', quantity: -2, reason: 'stolen' }, { onHand: 3 });
  });
});

describe('quarantine', () => {
  it('keeps units on hand and out of what is available', () => {
    given(receipt(5))
      .when({ type: 'quarantine', quantity: 2, reason: 'wet' })
      .thenGives({ type: 'UnitsQuarantined', quantity: 2, reason: 'wet' }, { quarantined: 2 });
  });

  it.each([
    ['restock', { quarantined: 1 }],
    ['scrap', { onHand: 3, quarantined: 1 }],
    ['returnToVendor', { onHand: 3, quarantined: 1 }],
  ] as const)('is disposed of to %s', (disposition, changed) => {
    given(receipt(5), { type: 'quarantine', quantity: 3, reason: 'wet' })
      .when({ type: 'disposition', quantity: 2, disposition })
      .thenGives({ type: 'QuarantineDisposed', quantity: 2, disposition }, changed);
  });

  it('that arrives after its disposition ends in the same levels', () => {
    const quarantine: Step = { type: 'quarantine', quantity: 3, reason: 'wet' };
    const scrap: Step = { type: 'disposition', quantity: 2, disposition: 'scrap' };
    const early = given(receipt(5), scrap);
    expect(early.stock.levels).toMatchObject({ onHand: 3, quarantined: 0 });
    expect(early.and(quarantine).stock.levels).toEqual(given(receipt(5), quarantine, scrap).stock.levels);
  });
});

describe('a duplicate', () => {
  it('of a fact has no effect and names the event of the first', () => {
    given(receipt(10), { type: 'sale', quantity: 3, id: 'sale-1' })
      .when({ type: 'sale', quantity: 3, id: 'sale-1' })
      .thenRecalls(1);
  });

  it('is recognised before anything else is judged', () => {
    const story = given(receipt(10), { ...made('r1', 4), id: 'hold' }, { type: 'freeze', reason: 'recall' });
    story.when({ ...made('r1', 4), id: 'hold', received: 40 * MINUTE }).thenRecalls(1);
  });

  it('is recognised 45 days later', () => {
    given({ type: 'receipt', quantity: 10, id: 'first' }, { type: 'sale', quantity: 1, received: 44 * DAY })
      .when({ type: 'receipt', quantity: 10, id: 'first', at: -MINUTE, received: 45 * DAY - MINUTE })
      .thenRecalls(0);
  });

  it('of a parked fact is a duplicate too', () => {
    given({ type: 'sale', quantity: 1, id: 'old', at: -60 * DAY })
      .when({ type: 'sale', quantity: 1, id: 'old', at: -60 * DAY })
      .thenRecalls(0);
  });
});

describe('a fact from outside the window is parked: kept whole, moves nothing', () => {
  const sale: Step = { type: 'sale', quantity: 3, channel: 'till' };
  const fact = { type: 'sale', quantity: 3, channel: 'till' };

  it('when it is older than the window by a millisecond', () => {
    const at = -WINDOW_MS - 1;
    given(receipt(10))
      .when({ ...sale, at })
      .thenGives({ type: 'FactParked', reason: 'too-old', fact: { ...fact, occurredAt: NOON + at } });
    given(receipt(10))
      .when({ ...sale, at: -WINDOW_MS })
      .thenGives({ type: 'UnitsSold', quantity: 3, channel: 'till' }, { onHand: 7 });
  });

  it('when its clock runs further ahead than policy allows', () => {
    const at = SKEW_MS + 1;
    given(receipt(10))
      .when({ ...sale, at })
      .thenGives({ type: 'FactParked', reason: 'from-the-future', fact: { ...fact, occurredAt: NOON + at } });
    given(receipt(10))
      .when({ ...sale, at: SKEW_MS })
      .thenGives({ type: 'UnitsSold', quantity: 3, channel: 'till' }, { onHand: 7 });
  });

  it('judged by the log time of the stream, which never goes back', () => {
    const later = given({ ...receipt(10), received: 2 * DAY });
    const outcome = later.when({ ...sale, at: -WINDOW_MS + DAY, received: 0 });
    outcome.thenGives({ type: 'FactParked', reason: 'too-old', fact: { ...fact, occurredAt: NOON - WINDOW_MS + DAY } });
    expect(outcome.decision).toMatchObject({ events: [{ recordedAt: NOON + 2 * DAY }] });
  });

  it('a count too', () => {
    given(receipt(10))
      .when({ type: 'count', counted: 2, at: -WINDOW_MS - SECOND })
      .thenGives({
        type: 'FactParked',
        reason: 'too-old',
        fact: { type: 'count', counted: 2, occurredAt: NOON - WINDOW_MS - SECOND },
      });
  });
});

describe('the frame of an event', () => {
  it('says what caused it, when it happened and when it was recorded', () => {
    const { decision } = given().when({
      type: 'receipt',
      quantity: 1,
      id: 'asn-7',
      source: { id: 'wms', sequence: 41 },
      at: -5 * MINUTE,
    });
    expect(decision).toMatchObject({
      events: [
        { v: 1, commandId: 'asn-7', source: 'wms', sequence: 41, occurredAt: NOON - 5 * MINUTE, recordedAt: NOON },
      ],
    });
  });

  it('names the sender when the command does not, and the time it was received for a request', () => {
    const { decision } = given(receipt(5)).when(made('r1', 1));
    expect(decision).toMatchObject({ events: [{ source: 'till-1', occurredAt: NOON, recordedAt: NOON }] });
  });

  it('is parked by the policy that is in force', () => {
    given()
      .under({ ...OPEN_POLICY, windowMs: DAY })
      .when({ type: 'receipt', quantity: 1, at: -2 * DAY })
      .thenGives({
        type: 'FactParked',
        reason: 'too-old',
        fact: { type: 'receipt', quantity: 1, occurredAt: NOON - 2 * DAY },
      });
  });
});

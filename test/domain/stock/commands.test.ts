// The border of the stock domain: tables of what is refused, field by field, beside one that is taken.
import { describe, expect, it } from 'vitest';
import { isFact, StockCommand, type StockCommandType } from '../../../domain/stock/commands.ts';

const common = { id: 'c-1', sku: '85123A', location: 'store-001', occurredAt: '2026-11-23T09:30:00Z' };
const quantity = 1;
const transferId = 't1';
const reservationId = 'r1';
const expiresAt = '2026-11-23T10:00:00Z';

/** One good command of every type. */
const GOOD: Record<StockCommandType, Record<string, unknown>> = {
  sale: { quantity },
  return: { quantity, disposition: 'restock' },
  receipt: { quantity },
  adjustment: { quantity: -2, reason: 'stolen' },
  count: { counted: 0 },
  fulfilment: { reservationId, quantity },
  quarantine: { quantity, reason: 'wet' },
  disposition: { quantity, disposition: 'scrap' },
  'transfer.dispatch': { transferId, quantity, to: 'dc' },
  'transfer.settle': { transferId, quantity },
  'transfer.expect': { transferId, quantity, from: 'dc' },
  'transfer.receive': { transferId, quantity, from: 'dc' },
  'transfer.short': { transferId, quantity, end: 'origin' },
  'transfer.over': { transferId, quantity, end: 'destination' },
  freeze: { reason: 'recall' },
  unfreeze: { reason: 'recall ended' },
  retire: { reason: 'delisted' },
  reinstate: { reason: 'back' },
  'reservation.make': { reservationId, quantity, owner: 'o-1', channel: 'webshop', expiresAt },
  'reservation.renew': { reservationId, expiresAt },
  'reservation.commit': { reservationId },
  'reservation.release': { reservationId, quantity },
  'reservation.expire': { reservationId },
  'transfer.request': { transferId, quantity, to: 'dc' },
  'transfer.cancel': { transferId },
};
const TYPES = Object.keys(GOOD) as StockCommandType[];
const good = (type: StockCommandType) => ({ type, ...common, ...GOOD[type] });
const issues = (input: unknown) => StockCommand.safeParse(input).error?.issues ?? [];
const firstIssue = (input: unknown) => issues(input)[0];

describe('every command', () => {
  it('is in this table', () => {
    expect(TYPES.sort()).toEqual(StockCommand.options.map((option) => option.shape.type.value).sort());
  });

  it.each(TYPES)('%s is taken, with instants in milliseconds', (type) => {
    expect(StockCommand.parse(good(type))).toMatchObject({ type, occurredAt: Date.UTC(2026, 10, 23, 9, 30) });
  });

  it.each(TYPES)('%s refuses an unknown field', (type) => {
    expect(issues({ ...good(type), color: 1 })).toMatchObject([{ code: 'unrecognized_keys', keys: ['color'] }]);
  });

  it.each(TYPES)('%s must say when it happened, if it is a fact', (type) => {
    const { occurredAt: _, ...timeless } = good(type);
    const command = StockCommand.safeParse(timeless);
    expect(command.success).toBe(!isFact(StockCommand.parse(good(type))));
  });

  it.each(TYPES)('%s must name its id, SKU and location', (type) => {
    for (const field of ['id', 'sku', 'location']) {
      const { [field]: _, ...without } = good(type) as Record<string, unknown>;
      expect(issues(without)).toMatchObject([{ path: [field] }]);
    }
  });
});

describe('quantities', () => {
  const BAD = [-1, 0, 1.5, '1', 2 ** 53 + 2, Number.POSITIVE_INFINITY, Number.NaN, null, true, [1], {}, 1_000_000_001];
  const WITH_QUANTITY = TYPES.filter((type) => 'quantity' in GOOD[type] && type !== 'adjustment');

  it.each(WITH_QUANTITY)('of %s are whole units from 1 to 1e9', (type) => {
    for (const bad of BAD)
      expect(firstIssue({ ...good(type), quantity: bad }), String(bad)).toMatchObject({ path: ['quantity'] });
    expect(issues({ ...good(type), quantity: 1_000_000_000 })).toEqual([]);
  });

  it('of an adjustment have a sign and are not 0', () => {
    for (const bad of BAD.filter((n) => n !== -1))
      expect(issues({ ...good('adjustment'), quantity: bad }), String(bad)).not.toEqual([]);
    expect(issues({ ...good('adjustment'), quantity: -1_000_000_000 })).toEqual([]);
  });

  it('counted may be 0 and no less', () => {
    for (const bad of BAD.filter((n) => n !== 0))
      expect(issues({ ...good('count'), counted: bad }), String(bad)).not.toEqual([]);
  });
});

describe('names', () => {
  const BAD_NAMES: readonly (readonly [string, unknown])[] = [
    ['empty', ''],
    ['a look-alike letter (Cyrillic А)', '85123\u0410'],
    ['NUL', '85123A\u0000'],
    ['a line end', '85123A\n'],
    ['a tilde', '85123A~x'],
    ['a leading space', ' 85123A'],
    ['a trailing space', '85123A '],
    ['a full-width digit', '\uff18'],
    ['an invisible character', '85123\u200bA'],
    ['too long', 'x'.repeat(129)],
    ['a number', 85123],
    ['null', null],
  ];
  it.each(BAD_NAMES)('%s is no SKU, location or channel', (_, bad) => {
    for (const field of ['sku', 'location', 'channel']) {
      expect(firstIssue({ ...good('sale'), [field]: bad }), field).toMatchObject({ path: [field] });
    }
  });

  it.each(BAD_NAMES.filter(([name]) => name !== 'a tilde'))('%s is no id', (_, bad) => {
    for (const field of ['id', 'reservationId', 'correlationId', 'causationId']) {
      expect(firstIssue({ ...good('sale'), [field]: bad }), field).toMatchObject({ path: [field] });
    }
  });

  it('may be up to their limit long, and SKUs may have inner spaces and slashes', () => {
    expect(issues({ ...good('sale'), sku: 'A'.repeat(64), location: 'b'.repeat(32), id: '~'.repeat(128) })).toEqual([]);
    expect(issues({ ...good('sale'), sku: 'A 1/2 x.y_z+-' })).toEqual([]);
  });
});

describe('reasons', () => {
  it.each([
    ['empty', ''],
    ['too long', 'x'.repeat(201)],
    ['NUL', 'wet\u0000'],
    ['an escape sequence', '\u001b[2Jwet'],
    ['half a surrogate pair', 'wet \ud83d'],
    ['null', null],
  ])('%s is no reason', (_, reason) => {
    expect(firstIssue({ ...good('freeze'), reason })).toMatchObject({ path: ['reason'] });
  });

  it.each(['Wasserschaden größer', '水漏れ', 'wet 💧', 'two\nlines'])('%s is a reason', (reason) => {
    expect(issues({ ...good('freeze'), reason })).toEqual([]);
  });
});

describe('instants', () => {
  it.each([
    ['no offset', '2026-11-23T09:30:00'],
    ['a date', '2026-11-23'],
    ['no such day', '2026-02-30T09:30:00Z'],
    ['no such hour', '2026-11-23T25:00:00Z'],
    ['milliseconds', 1_795_426_200_000],
    ['before 2000', '1999-12-31T23:59:59Z'],
    ['after 2200', '2200-01-01T00:00:00Z'],
    ['words', 'yesterday'],
    ['null', null],
  ])('%s is refused', (_, occurredAt) => {
    expect(firstIssue({ ...good('sale'), occurredAt })).toMatchObject({ path: ['occurredAt'] });
  });

  it('with another offset is the same instant', () => {
    const { occurredAt } = StockCommand.parse({ ...good('sale'), occurredAt: '2026-11-23T15:00:00+05:30' });
    expect(occurredAt).toBe(Date.UTC(2026, 10, 23, 9, 30));
  });
});

describe('the whole', () => {
  it.each([
    ['nothing', undefined],
    ['null', null],
    ['text', 'sale'],
    ['an array', [good('sale')]],
    ['no type', common],
    ['an unknown type', { ...good('sale'), type: 'theft' }],
    ['a type with another case', { ...good('sale'), type: 'Sale' }],
    ['an inherited name as type', { ...good('sale'), type: 'constructor' }],
    ['__proto__', JSON.parse(`{"__proto__":{"quantity":1},${JSON.stringify({ ...good('sale') }).slice(1)}`)],
    ['a fractional sequence', { ...good('sale'), source: { id: 'till', sequence: 0.5 } }],
    ['a negative sequence', { ...good('sale'), source: { id: 'till', sequence: -1 } }],
    ['a source without an id', { ...good('sale'), source: { sequence: 1 } }],
    ['a source with more', { ...good('sale'), source: { id: 'till', pin: 1 } }],
    ['a disposition of another command', { ...good('return'), disposition: 'scrap' }],
  ])('%s is no command', (_, input) => expect(StockCommand.safeParse(input).success).toBe(false));
});

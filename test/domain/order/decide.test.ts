// An order decided by example: how it is sourced, what a stock's refusal leads to, and what each status takes.
import { describe, expect, it } from 'vitest';
import { missing } from '../../../domain/order/order.ts';
import { seenHold } from '../../../domain/order/seen-hold.ts';
import { orderWorkflow } from '../../../domain/order/workflow.ts';
import type { StockCommand } from '../../../domain/stock/commands.ts';
import { NOON } from '../../support/actors.ts';
import { orderStory } from '../../support/order-story.ts';

const refuseMakesAt =
  (...locations: string[]) =>
  (command: StockCommand) =>
    command.type === 'reservation.make' && locations.includes(command.location) ? 'insufficient-available' : 'accepted';
const lines = (units: Record<string, number>) => ({
  lines: Object.entries(units).map(([sku, quantity]) => ({ sku, quantity })),
});
const commitment = { kind: 'commitment' };

describe('placing', () => {
  it('takes everything from one location if one has it, though others come first', () => {
    const story = orderStory({ warehouse: { A: 9 }, 'store-1': { A: 2, B: 1 } });
    story.place(lines({ A: 2, B: 1 }));
    expect(story.owed()).toEqual(['reservation.make A@store-1 2', 'reservation.make B@store-1 1']);
    expect(story.answer()).toBe('held');
  });

  it('judges two lines for one SKU together (P4)', () => {
    const story = orderStory({ warehouse: { A: 3 } });
    const two = [2, 2].map((quantity) => ({ sku: 'A', quantity }));
    expect(story.place({ lines: two })).toBe('refused');
    expect(story.owed()).toEqual([]);
    const enough = orderStory({ warehouse: { A: 4 } });
    enough.place({ lines: two });
    expect(enough.owed()).toEqual(['reservation.make A@warehouse 4']);
  });

  it.each([
    ['priority', {}, ['warehouse 2', 'store-1 3']],
    ['nearest', { nearest: ['store-2', 'store-1'] }, ['store-2 4', 'store-1 1']],
    ['balance', {}, ['store-2 4', 'store-1 1']],
  ] as const)('splits by %s', (sourcing, more, expected) => {
    const free = { warehouse: { A: 2 }, 'store-1': { A: 3 }, 'store-2': { A: 4 } };
    const story = orderStory(free, {
      orders: { sourcing, ...more, nearest: [...('nearest' in more ? more.nearest : [])] },
    });
    story.place(lines({ A: 5 }));
    expect(story.owed()).toEqual(expected.map((one) => `reservation.make A@${one}`));
  });

  it('takes fuller locations where the ranking alone needs too many', () => {
    const free = { warehouse: { A: 1 }, 'store-1': { A: 3 }, 'store-2': { A: 4 } };
    const story = orderStory(free, { orders: { splitsMax: 2 } });
    story.place(lines({ A: 7 }));
    expect(story.owed().sort()).toEqual(['reservation.make A@store-1 3', 'reservation.make A@store-2 4']);
    expect(orderStory(free, { orders: { splitsMax: 2 } }).place(lines({ A: 8 }))).toBe('refused');
  });

  it('is planned anew around a location that refuses, and asks none twice', () => {
    const story = orderStory({ warehouse: { A: 5 }, 'store-1': { A: 5 }, 'store-2': { A: 5 } });
    story.place(lines({ A: 5 }));
    expect(story.answer(refuseMakesAt('warehouse', 'store-1'))).toBe('held');
    const asked = story.events.flatMap((event) => (event.type === 'OrderSourced' ? event.allocations : []));
    expect(asked.map(({ location }) => location)).toEqual(['warehouse', 'store-1', 'store-2']);
  });

  it('gives back what it has when only another plan works', () => {
    const free = { warehouse: { A: 1, B: 1 }, 'store-1': { A: 1, B: 1 } };
    const story = orderStory(free, { orders: { splitsMax: 1 } });
    story.place(lines({ A: 1, B: 1 }));
    const status = story.answer((command) =>
      command.type === 'reservation.make' && command.sku === 'B' && command.location === 'warehouse'
        ? 'insufficient-available'
        : 'accepted',
    );
    expect(status).toBe('held');
    expect(story.order().allocations.map(({ sku, location }) => `${sku}@${location}`)).toEqual([
      'A@store-1',
      'B@store-1',
    ]);
  });

  it('of a request is refused whole, and what was reserved is released', () => {
    const story = orderStory({ warehouse: { A: 1 }, 'store-1': { B: 1 } });
    story.place(lines({ A: 1, B: 1 }));
    expect(story.answer(refuseMakesAt('store-1'))).toBe('refused');
    expect(story.order()).toMatchObject({ allocations: [], owed: [], short: [{ sku: 'B', quantity: 1 }] });
    expect(story.types().at(-1)).toBe('OrderStocksAnswered');
  });

  it('of a commitment is always taken, and what cannot be reserved is short', () => {
    const story = orderStory({ warehouse: { A: 2 } });
    story.place({ ...commitment, ...lines({ A: 5, B: 1 }) });
    expect(story.answer()).toBe('confirmed');
    const short = [
      { sku: 'A', quantity: 3 },
      { sku: 'B', quantity: 1 },
    ];
    expect(story.order().short).toEqual(short);
    expect(story.events).toContainEqual(expect.objectContaining({ type: 'OrderShort', short }));
    expect(orderStory({}).place(commitment)).toBe('confirmed');
  });

  it.each([
    [{ channel: 'nowhere' }, 'unknown-sales-channel'],
    [{ flow: { type: 'click-and-collect', location: 'moon' } }, 'unknown-location'],
    [{ flow: { type: 'click-and-collect', location: 'kiosk' } }, 'outside-pool'],
    [{ flow: { type: 'ship-from-store', from: ['store-1', 'kiosk'] } }, 'outside-pool'],
    [{ expiresAt: new Date(NOON - 1).toISOString() }, 'expiry-not-in-future'],
    [{ expiresAt: '2030-01-01T00:00:00Z' }, 'hold-too-long'],
    [{ lines: [{ sku: 'Z', quantity: 1 }] }, 'unknown-sku'],
  ])('%j is refused: %s', (fields, reason) => {
    expect(orderStory({ warehouse: { A: 1 } }, { skus: ['A', 'B'] }).place(fields)).toBe(reason);
  });

  it('happens once', () => {
    const story = orderStory({ warehouse: { A: 1 } });
    story.place();
    expect(story.place({ id: 'again' })).toBe('order-exists');
  });
});

describe('named flows', () => {
  const everywhere = { warehouse: { A: 9 }, 'store-1': { A: 9 }, 'store-2': { A: 9 } };
  it.each([
    [{ type: 'click-and-collect', location: 'store-2' }, 'store-2'],
    [{ type: 'ship-from-store', from: ['store-2', 'store-1'] }, 'store-2'],
    [{ type: 'endless-aisle', orderedAt: 'warehouse' }, 'store-1'],
    [{ type: 'endless-aisle', orderedAt: 'kiosk', near: ['store-2'] }, 'store-2'],
  ])('%j is sourced from %s', (flow, location) => {
    const story = orderStory(everywhere);
    story.place({ flow });
    expect(story.owed()).toEqual([`reservation.make A@${location} 1`]);
  });
});

describe('a held order', () => {
  const held = () => {
    const story = orderStory({ warehouse: { A: 3 }, 'store-1': { A: 3 } });
    story.place(lines({ A: 5 }));
    story.answer();
    return story;
  };
  const later = NOON + 60 * 60_000;

  it('is renewed at every stock, and expires if one no longer holds it', () => {
    const story = held();
    expect(story.send({ type: 'renew', id: 'r', expiresAt: later })).toBe('held');
    expect(story.answer()).toBe('held');
    expect(story.order().expiresAt).toBe(later);
    story.send({ type: 'renew', id: 'r2', expiresAt: later + 1 });
    const gone = ({ type, location }: StockCommand) =>
      type === 'reservation.renew' && location === 'warehouse' ? 'unknown-reservation' : 'accepted';
    expect(story.answer(gone)).toBe('expired');
    expect(story.order()).toMatchObject({ allocations: [], owed: [] });
  });

  it('is confirmed once, within its hold', () => {
    const story = held();
    story.send({ type: 'confirm', id: 'c' });
    expect(story.answer()).toBe('confirmed');
    expect(story.send({ type: 'confirm', id: 'c2' })).toBe('not-in-this-status');
    const late = held();
    late.now = later;
    expect(late.send({ type: 'confirm', id: 'c' })).toBe('hold-expired');
  });

  it('expires whole when one reservation does, also while it is being confirmed', () => {
    const story = held();
    expect(story.send({ type: 'expire', id: 'e', reservationId: 'order:1:1' })).toBe('expired');
    expect(story.owed()).toEqual(['reservation.release A@store-1']);
    const confirming = held();
    confirming.send({ type: 'confirm', id: 'c' });
    const gone = ({ type, location }: StockCommand) =>
      type === 'reservation.commit' && location === 'store-1' ? 'unknown-reservation' : 'accepted';
    expect(confirming.answer(gone)).toBe('expired');
    expect(confirming.order()).toMatchObject({ allocations: [], owed: [] });
  });

  it('is cancelled with everything released; also before its stocks have answered', () => {
    const story = held();
    story.send({ type: 'cancel', id: 'x' });
    expect(story.owed()).toEqual(['reservation.release A@warehouse', 'reservation.release A@store-1']);
    expect(story.send({ type: 'cancel', id: 'x2' })).toBe('not-in-this-status');
    const early = orderStory({ warehouse: { A: 1 } });
    early.place();
    early.send({ type: 'cancel', id: 'x' });
    expect(early.owed()).toEqual(['reservation.make A@warehouse 1']);
    early.answer();
    expect(early.order()).toMatchObject({ status: 'cancelled', allocations: [], owed: [] });
    expect(early.events.filter(({ type }) => type === 'OrderStocksAnswered')).toHaveLength(2);
  });
});

describe('a confirmed order', () => {
  const confirmed = () => {
    const story = orderStory({ warehouse: { A: 3 }, 'store-1': { A: 3 } });
    story.place(lines({ A: 5 }));
    story.answer();
    story.send({ type: 'confirm', id: 'c' });
    story.answer();
    return story;
  };
  const units = (quantity: number, location?: string) => [{ sku: 'A', quantity, ...(location ? { location } : {}) }];

  it('is fulfilled in parts, never more than is reserved', () => {
    const story = confirmed();
    expect(story.send({ type: 'fulfil', id: 'f0', units: units(6) })).toBe('exceeds-reserved');
    expect(story.send({ type: 'fulfil', id: 'f1', units: [...units(2), ...units(2, 'store-1')] })).toBe(
      'partlyFulfilled',
    );
    expect(story.owed()).toEqual(['fulfilment A@warehouse 2', 'fulfilment A@store-1 2']);
    expect(story.send({ type: 'fulfil', id: 'f2', units: units(2) })).toBe('exceeds-reserved');
    expect(story.send({ type: 'fulfil', id: 'f3', units: units(1) })).toBe('fulfilled');
    story.answer();
    expect(story.order().owed).toEqual([]);
  });

  it('takes back what was fulfilled, never more, also after the rest is cancelled', () => {
    const story = confirmed();
    const back = (id: string, quantity: number) =>
      story.send({ type: 'return', id, units: [{ sku: 'A', quantity, disposition: 'restock' }] });
    expect(back('r0', 1)).toBe('not-in-this-status');
    story.send({ type: 'fulfil', id: 'f', units: units(2) });
    story.send({ type: 'cancel', id: 'x' });
    expect(story.owed()).toContain('reservation.release A@warehouse 1');
    story.answer();
    expect(back('r1', 3)).toBe('exceeds-fulfilled');
    expect(back('r2', 2)).toBe('cancelled');
    expect(story.owed()).toEqual(['return A@warehouse 2']);
    expect(back('r3', 1)).toBe('exceeds-fulfilled');
  });

  it('is sourced again when it is short, and then is not', () => {
    const free = { warehouse: { A: 0 } };
    const story = orderStory(free);
    story.place(commitment);
    expect(story.send({ type: 'source', id: 's1' })).toBe('insufficient-available');
    free.warehouse.A = 1;
    expect(story.send({ type: 'source', id: 's2' })).toBe('confirmed');
    story.answer();
    expect(story.order()).toMatchObject({ short: [], allocations: [{ state: 'committed' }] });
    expect(missing(story.order()).size).toBe(0);
    expect(story.send({ type: 'source', id: 's3' })).toBe('not-short');
  });
});

it('an order nobody placed takes no command', () => {
  expect(orderStory({}).send({ type: 'confirm', id: 'c' })).toBe('unknown-order');
});

describe('two processes that ask the stocks for one order', () => {
  const answered = (story: ReturnType<typeof orderStory>, outcome: 'accepted' | 'refused') => {
    const [command] = story.order().owed;
    const answer =
      outcome === 'accepted'
        ? { outcome, revision: 0 }
        : { outcome, reason: 'insufficient-available' as const, detail: '' };
    return orderWorkflow.record(story.order(), [{ command: command!, answer }]);
  };

  it('give back what one was refused and the other was given', () => {
    const story = orderStory({ warehouse: { A: 1 } });
    story.place(lines({ A: 1 }));
    const [refusal, acceptance] = [answered(story, 'refused'), answered(story, 'accepted')];
    expect(refusal.id).not.toBe(acceptance.id);
    expect(story.send(refusal)).toBe('refused');
    expect(story.owed()).toEqual([]);
    story.send(acceptance);
    expect(story.owed()).toEqual(['reservation.release A@warehouse']);
    expect(story.answer()).toBe('refused');
    expect(story.order()).toMatchObject({ allocations: [], owed: [] });
  });

  it('hear of a reservation in the log that the one who heard of it never told', () => {
    const story = orderStory({ warehouse: { A: 1 } });
    const made = { number: 1, sku: 'A', location: 'warehouse', quantity: 1 };
    story.place(lines({ A: 1 }));
    expect(seenHold(story.order(), { ...made, location: 'store-1' })).toBeUndefined();
    story.send(answered(story, 'refused'));
    story.send(seenHold(story.order(), made)!);
    expect(story.owed()).toEqual(['reservation.release A@warehouse']);
    expect(seenHold(story.order(), made)).toBeUndefined();
    story.answer();
    expect(seenHold(story.order(), made)).toBeUndefined();
  });

  it('note the same answer once', () => {
    const story = orderStory({ warehouse: { A: 1 } });
    story.place(lines({ A: 1 }));
    const [first, second] = [answered(story, 'accepted'), answered(story, 'accepted')];
    expect([first.id, story.send(first)]).toEqual([second.id, 'held']);
    const events = story.events.length;
    story.send(second);
    expect(story.events).toHaveLength(events);
  });
});

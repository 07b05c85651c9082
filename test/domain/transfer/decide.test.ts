// A transfer decided by example, over the real stocks at its two ends: what each command moves where, and what is refused.
import { beforeEach, describe, expect, it } from 'vitest';
import { DAY, HOUR } from '../../../domain/time.ts';
import { seenHold } from '../../../domain/transfer/seen-hold.ts';
import { type TransferWorld, transferWorld } from '../../support/transfer-world.ts';

let world: TransferWorld;
/** on-hand, reserved, in-transit in, in-transit out */
const at = (location: string, sku = 'A') => {
  const { onHand, reserved, inTransitIn, inTransitOut } = world.levels(sku, location);
  return [onHand, reserved, inTransitIn, inTransitOut];
};
/** Decides and lets the stocks do what is owed. */
const send = (...command: Parameters<TransferWorld['send']>) => {
  const said = world.send(...command);
  world.settle();
  return said;
};
const lost = { reason: 'never came' };

beforeEach(() => {
  world = transferWorld();
  for (const sku of ['A', 'B']) world.stock({ type: 'receipt', sku, location: 'dc', quantity: 10 });
});

describe('asking for a transfer', () => {
  it('sets all lines aside', () => {
    expect(world.open({ A: 4, B: 3 })).toBe('requesting');
    expect(world.settle()).toBe('requested');
    expect([at('dc', 'A'), at('dc', 'B'), at('store')]).toEqual([
      [10, 4, 0, 0],
      [10, 3, 0, 0],
      [0, 0, 0, 0],
    ]);
  });

  it('sets none aside when one cannot be', () => {
    world.open({ A: 4, B: 11 });
    expect(world.settle()).toBe('refused');
    expect([at('dc', 'A'), at('dc', 'B')]).toEqual([
      [10, 0, 0, 0],
      [10, 0, 0, 0],
    ]);
    expect(world.transfer().lines.get('B')?.refusal).toEqual({
      reason: 'insufficient-available',
      detail: '10 units are free here, 11 were asked for',
    });
  });

  it.each([
    ['same-location', { to: 'dc' }],
    ['unknown-location', { from: 'moon' }],
    ['unknown-location', { to: 'moon' }],
  ])('is refused: %s', (reason, fields) => {
    expect(world.open({ A: 1 }, fields)).toBe(reason);
    expect(world.types()).toEqual([]);
  });

  it('is refused for a SKU that policy does not know, and a second time', () => {
    const narrow = transferWorld({ skus: ['A'] });
    expect(narrow.open({ A: 1, C: 1 })).toBe('unknown-sku');
    expect(narrow.open({ A: 1 })).toBe('requesting');
    expect(narrow.open({ A: 1 })).toBe('transfer-exists');
  });
});

describe('units that leave and arrive', () => {
  beforeEach(() => {
    world.open({ A: 6 });
    world.settle();
  });

  it('are in-transit on both sides until they arrive, in parts', () => {
    expect(send('dispatch', { A: 4 })).toBe('underway');
    expect([at('dc'), at('store')]).toEqual([
      [6, 2, 0, 4],
      [0, 0, 4, 0],
    ]);
    expect(send('receive', { A: 3 })).toBe('underway');
    expect([at('dc'), at('store')]).toEqual([
      [6, 2, 0, 1],
      [3, 0, 1, 0],
    ]);
    expect(send('dispatch', { A: 2 })).toBe('underway');
    expect(send('receive', { A: 3 })).toBe('completed');
    expect([at('dc'), at('store')]).toEqual([
      [4, 0, 0, 0],
      [6, 0, 0, 0],
    ]);
  });

  it('that never came are short on both sides, with the reason', () => {
    send('dispatch', { A: 6 });
    send('receive', { A: 4 });
    expect(send('short', { A: 2 }, lost)).toBe('completed');
    expect([at('dc'), at('store')]).toEqual([
      [4, 0, 0, 0],
      [4, 0, 0, 0],
    ]);
    expect(world.transfer().discrepancies).toMatchObject([
      { type: 'short', ...lost, lines: [{ sku: 'A', quantity: 2 }] },
    ]);
  });

  it('beyond what was dispatched are refused, unless they are declared to be over', () => {
    send('dispatch', { A: 6 });
    expect(send('receive', { A: 7 })).toBe('exceeds-in-transit');
    expect(send('over', { A: 1, B: 2 }, { reason: 'miscounted' })).toBe('underway');
    expect(send('receive', { A: 6 })).toBe('completed');
    expect([at('dc'), at('store'), at('dc', 'B'), at('store', 'B')]).toEqual([
      [3, 0, 0, 0],
      [7, 0, 0, 0],
      [8, 0, 0, 0],
      [2, 0, 0, 0],
    ]);
    expect(world.transfer().discrepancies).toMatchObject([{ type: 'over', reason: 'miscounted' }]);
    expect(send('over', { A: 1 })).toBe('completed');
    expect([at('dc'), at('store')]).toEqual([
      [2, 0, 0, 0],
      [8, 0, 0, 0],
    ]);
  });

  it('that are refused go back, and some are lost on the way', () => {
    send('dispatch', { A: 6 });
    expect(send('reject', { A: 5 }, { reason: 'wet' })).toBe('underway');
    expect([at('dc'), at('store')]).toEqual([
      [4, 0, 5, 1],
      [0, 0, 1, 0],
    ]);
    expect(send('return', { A: 6 })).toBe('exceeds-in-transit');
    expect(send('return', { A: 3 })).toBe('underway');
    expect(send('short', { A: 2 }, { ...lost, leg: 'back' })).toBe('underway');
    expect(send('receive', { A: 1 })).toBe('completed');
    expect([at('dc'), at('store')]).toEqual([
      [7, 0, 0, 0],
      [1, 0, 0, 0],
    ]);
  });

  it('are taken whole or not at all: one bad line refuses the others', () => {
    send('dispatch', { A: 6, B: 1 });
    const before = [at('store'), at('store', 'B')];
    for (const type of ['receive', 'short', 'reject']) {
      expect(send(type, { A: 6, B: 2 }, type === 'receive' ? {} : lost)).toBe('exceeds-in-transit');
    }
    expect([at('store'), at('store', 'B')]).toEqual(before);
  });

  it('are a fact when they leave: more than asked for, another SKU, and after the end', () => {
    expect(send('dispatch', { A: 8, B: 1 })).toBe('underway');
    expect([at('dc'), at('dc', 'B')]).toEqual([
      [2, 0, 0, 8],
      [9, 0, 0, 1],
    ]);
    expect(send('receive', { A: 8, B: 1 })).toBe('completed');
    expect(send('dispatch', { A: 1 })).toBe('underway');
    expect(send('receive', { A: 1 })).toBe('completed');
  });

  it('arrive also when policy has forgotten their SKU', () => {
    send('dispatch', { A: 6 });
    world = world.under({ skus: ['B'] });
    expect(send('dispatch', { C: 1 })).toBe('unknown-sku');
    expect(send('receive', { A: 6 })).toBe('completed');
  });

  it('are of 1,000 SKUs at most', () => {
    const skus = (from: number, n: number) =>
      Object.fromEntries(Array.from({ length: n }, (_, k) => [`S${from + k}`, 1]));
    expect(world.send('dispatch', skus(0, 500))).toBe('underway');
    expect(world.send('dispatch', skus(400, 500))).toBe('underway');
    expect(world.send('over', skus(800, 200))).toBe('too-many-lines');
    expect(world.send('over', skus(800, 199))).toBe('underway');
  });

  it('happened within the window of time, by the clock of who says so', () => {
    const occurredAt = (ms: number) => ({ occurredAt: new Date(Date.UTC(2026, 10, 23, 12) + ms).toISOString() });
    expect(send('dispatch', { A: 1 }, occurredAt(-46 * DAY))).toBe('outside-window');
    expect(send('dispatch', { A: 1 }, occurredAt(HOUR))).toBe('outside-window');
    expect(send('dispatch', { A: 1 }, occurredAt(-HOUR))).toBe('underway');
    expect(world.stockEvents().at(-1)?.event).toMatchObject({ occurredAt: Date.UTC(2026, 10, 23, 11) });
  });
});

describe('calling a transfer off', () => {
  it('frees what was set aside', () => {
    world.open({ A: 6 });
    world.settle();
    expect(send('cancel')).toBe('cancelled');
    expect(at('dc')).toEqual([10, 0, 0, 0]);
    expect(send('cancel')).toBe('nothing-to-cancel');
  });

  it('frees it too when the stock had not answered yet', () => {
    world.open({ A: 6 });
    expect(world.send('cancel')).toBe('cancelled');
    expect(world.settle()).toBe('cancelled');
    expect(at('dc')).toEqual([10, 0, 0, 0]);
  });

  it('frees what has not left, and what has left goes on', () => {
    world.open({ A: 6 });
    world.settle();
    send('dispatch', { A: 4 });
    expect(send('cancel')).toBe('underway');
    expect(at('dc')).toEqual([6, 0, 0, 4]);
    expect(send('cancel')).toBe('nothing-to-cancel');
    expect(send('receive', { A: 4 })).toBe('completed');
  });

  it('does not hold back a lorry that left all the same', () => {
    world.open({ A: 6 });
    world.settle();
    send('cancel');
    expect(send('dispatch', { A: 6 })).toBe('underway');
    expect(at('dc')).toEqual([4, 0, 0, 6]);
  });
});

describe('a transfer that nothing is heard of', () => {
  const policy = { transfers: { stuckAfterDays: 2 } };
  beforeEach(() => {
    world = transferWorld(policy);
    world.stock({ type: 'receipt', location: 'dc', quantity: 10 });
    world.open({ A: 6 });
    world.settle();
  });

  it('is stuck after the days that policy says, once, and no more when something is heard', () => {
    world.pass(2 * DAY - 1);
    expect(world.overdue()).toBe('not-overdue');
    world.pass(1);
    expect(world.overdue()).toBe('requested');
    expect(world.transfer().stuck).toBe(true);
    expect(world.overdue()).toBe('not-overdue');
    send('dispatch', { A: 6 });
    expect(world.transfer().stuck).toBe(false);
    world.pass(2 * DAY);
    expect(world.overdue()).toBe('underway');
  });

  it('is not when it has ended', () => {
    send('cancel');
    world.pass(3 * DAY);
    expect(world.overdue()).toBe('not-overdue');
  });
});

it('answers that come twice, or of another command, change nothing', () => {
  world.open({ A: 6 });
  world.ask(0, true);
  world.ask(0);
  expect(world.types()).toEqual(['TransferOpened', 'TransferStocksAnswered', 'TransferSetAside']);
  expect(at('dc')).toEqual([10, 6, 0, 0]);
});

it('frees what one process was refused and another was given', () => {
  world.open({ A: 12 });
  const [request] = world.owed();
  expect(world.settle()).toBe('refused');
  world.stock({ type: 'receipt', location: 'dc', quantity: 5 });
  world.again(request!);
  expect(at('dc')).toEqual([15, 12, 0, 0]);
  expect(world.settle()).toBe('refused');
  expect(at('dc')).toEqual([15, 0, 0, 0]);
  world.again(request!);
  expect([world.owed(), at('dc')]).toEqual([[], [15, 0, 0, 0]]);
});

it('frees what one process was refused after it was called off, and another was given', () => {
  world.open({ A: 12 });
  const [request] = world.owed();
  world.send('cancel');
  expect(world.settle()).toBe('cancelled');
  world.stock({ type: 'receipt', location: 'dc', quantity: 5 });
  world.again(request!);
  expect([at('dc'), world.settle()]).toEqual([[15, 12, 0, 0], 'cancelled']);
  expect(at('dc')).toEqual([15, 0, 0, 0]);
});

it('hears of units set aside in the log that the one who heard of them never told', () => {
  world.open({ A: 12 });
  const [request] = world.owed();
  world.settle();
  world.stock({ type: 'receipt', location: 'dc', quantity: 5 });
  world.unheard(request!);
  expect(seenHold(world.transfer(), request!.id, 'B')).toBeUndefined();
  world.take(seenHold(world.transfer(), request!.id, 'A')!);
  world.settle();
  expect([at('dc'), seenHold(world.transfer(), request!.id, 'A')]).toEqual([[15, 0, 0, 0], undefined]);
});

it('is not known before it was opened', () => {
  for (const type of ['dispatch', 'receive', 'over']) expect(world.send(type, { A: 1 })).toBe('no-such-transfer');
  expect(world.send('cancel')).toBe('no-such-transfer');
});

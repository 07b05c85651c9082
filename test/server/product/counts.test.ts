// Counting while trade goes on, through the real HTTP API, with the stocks' own figures.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CountStore, countStore } from '../../support/count-store.ts';

let store: CountStore;
beforeEach(async () => {
  store = await countStore();
});
afterEach(() => store.close());

const MINUTE = 60_000;
const progress = async (id: string) => {
  const after = (await store.product.evenstock.log.head()).toString();
  return (await store.send('mia', 'GET', `/v1/stocktakes/${id}?after=${after}`)).body;
};

describe('a full stocktake while the store sells', () => {
  it('goes from opening to completion; sales before and after each count end in the right on-hand', async () => {
    const t = Date.now() - 60 * MINUTE;
    for (const sku of ['A', 'B', 'C']) await store.receipt(sku, 100, t);
    expect(await store.open('s-1')).toMatchObject({
      status: 200,
      body: { settled: true, stocktake: { status: 'counting', scope: 'full', expected: 3, location: 'store-1' } },
    });
    await store.sale('A', 3, t + 5 * MINUTE);
    // 97 should be there, 95 are; then two more are sold, one before the count that arrives after it.
    expect(await store.count('s-1', { A: 95 }, { at: t + 10 * MINUTE, reason: 'damage' })).toMatchObject({
      status: 200,
      body: { settled: true, lines: [{ sku: 'A', outcome: 'accepted', status: 'applied' }] },
    });
    await store.sale('A', 2, t + 12 * MINUTE);
    expect(await store.onHand('A')).toBe(93);
    expect(await progress('s-1')).toMatchObject({
      status: 'counting',
      openedBy: 'anna',
      progress: { expected: 3, counted: 1, found: 0 },
      lines: { applied: 1, uncounted: 2 },
      units: { over: 0, short: 2, net: -2 },
    });

    await store.count('s-1', { B: 100, X: 4 }, { at: t + 15 * MINUTE });
    expect(await progress('s-1')).toMatchObject({ progress: { expected: 3, counted: 2, found: 1 } });
    expect(await store.onHand('X')).toBe(4);

    expect(await store.command('s-1', 'anna', { type: 'complete' })).toMatchObject({
      status: 409,
      body: { reason: 'lines-uncounted' },
    });
    expect((await store.lines('s-1', '&status=uncounted')).map(({ sku }) => sku)).toEqual(['C']);
    expect(await store.command('s-1', 'anna', { type: 'complete', uncounted: 'leave' })).toMatchObject({
      status: 200,
      body: { settled: true, stocktake: { status: 'completed' } },
    });
    expect(await store.count('s-1', { C: 100 })).toMatchObject({ status: 409, body: { reason: 'not-counting' } });
    expect(await store.onHand('C')).toBe(100);
  });

  it('a late sale from before the fence changes the variance that is shown, and the stock not at all', async () => {
    const t = Date.now() - 60 * MINUTE;
    await store.receipt('A', 10, t);
    await store.open('s-1');
    await store.count('s-1', { A: 8 }, { at: t + 10 * MINUTE });
    expect(await store.lines('s-1')).toMatchObject([{ expected: 10, variance: -2, lateFacts: 0, reason: 'unknown' }]);
    // The till was offline: it sold one of the two missing, and later the other.
    await store.sale('A', 1, t + 4 * MINUTE);
    expect(await store.lines('s-1')).toMatchObject([
      { expected: 9, variance: -1, expectedAtCount: 10, varianceAtCount: -2, lateFacts: 1, reason: 'unknown' },
    ]);
    await store.sale('A', 1, t + 10 * MINUTE);
    expect(await store.lines('s-1')).toMatchObject([{ variance: 0, lateFacts: 2, reason: 'late-fact' }]);
    expect(await store.onHand('A')).toBe(8);
    // After the fence: no matter of the count.
    await store.sale('A', 1, t + 11 * MINUTE);
    expect(await store.onHand('A')).toBe(7);
    expect(await store.lines('s-1')).toMatchObject([{ variance: 0, lateFacts: 2 }]);
  });
});

describe('a variance above the threshold', () => {
  it('waits for somebody else, who approves it: then the stock is counted as of the fence', async () => {
    const t = Date.now() - 60 * MINUTE;
    await store.receipt('A', 100, t);
    await store.open('s-1', { type: 'skus', skus: ['A'] });
    expect(await store.count('s-1', { A: 60 }, { at: t + 10 * MINUTE })).toMatchObject({
      status: 200,
      body: { lines: [{ status: 'waiting' }] },
    });
    await store.sale('A', 5, t + 20 * MINUTE);
    expect(await store.onHand('A')).toBe(95);
    expect(await store.command('s-1', 'anna', { type: 'complete' })).toMatchObject({
      status: 409,
      body: { reason: 'lines-waiting' },
    });
    expect(await store.command('s-1', 'anna', { type: 'approve', skus: ['A'] })).toMatchObject({ status: 403 });
    const approval = { type: 'approve', skus: ['A'], reason: 'theft' };
    expect(await store.command('s-1', 'mia', approval)).toMatchObject({
      status: 200,
      body: { lines: [{ status: 'applied' }] },
    });
    expect(await store.onHand('A')).toBe(55);
    expect(await store.lines('s-1')).toMatchObject([
      { variance: -40, reason: 'theft', counter: 'anna', decidedBy: 'mia', lateFacts: 0 },
    ]);
    expect(await store.command('s-1', 'mia', approval)).toMatchObject({
      status: 409,
      body: { reason: 'not-waiting' },
    });
  });

  it('is not decided by the key that counted, though it may decide', async () => {
    const t = Date.now() - 60 * MINUTE;
    await store.receipt('A', 100, t);
    await store.open('s-1');
    await store.count('s-1', { A: 0 }, { who: 'north' });
    for (const type of ['approve', 'reject', 'recount']) {
      expect(await store.command('s-1', 'north', { type, skus: ['A'] })).toMatchObject({
        status: 403,
        body: { reason: 'four-eyes', errors: [{ path: '/skus/0', rule: 'four-eyes' }] },
      });
    }
    expect(await store.onHand('A')).toBe(100);
  });

  it('is rejected, or counted again', async () => {
    const t = Date.now() - 60 * MINUTE;
    for (const sku of ['A', 'B']) await store.receipt(sku, 100, t);
    await store.open('s-1');
    await store.count('s-1', { A: 0, B: 1 }, { at: t + MINUTE });
    expect(await store.command('s-1', 'mia', { type: 'reject', skus: ['A'] })).toMatchObject({ status: 200 });
    expect(await store.command('s-1', 'mia', { type: 'recount', skus: ['B'] })).toMatchObject({ status: 200 });
    expect(await store.count('s-1', { B: 100 }, { at: t })).toMatchObject({ body: { reason: 'fence-not-later' } });
    expect(await store.count('s-1', { B: 99 }, { at: t + 2 * MINUTE, who: 'ben' })).toMatchObject({ status: 200 });
    expect([await store.onHand('A'), await store.onHand('B')]).toEqual([100, 99]);
    expect((await progress('s-1'))['lines']).toMatchObject({ rejected: 1, applied: 1, recount: 0 });
  });

  it('of SKUs that nobody found is zero only when somebody else approves it', async () => {
    const t = Date.now() - 60 * MINUTE;
    await store.receipt('A', 1, t);
    await store.open('s-1');
    const zero = { type: 'zero', skus: ['A'], countedAt: new Date().toISOString() };
    expect(await store.command('s-1', 'anna', zero)).toMatchObject({ body: { lines: [{ status: 'waiting' }] } });
    expect(await store.onHand('A')).toBe(1);
    await store.command('s-1', 'mia', { type: 'approve', skus: ['A'], reason: 'misplacement' });
    expect(await store.onHand('A')).toBe(0);
    expect(await store.command('s-1', 'anna', { type: 'complete' })).toMatchObject({ status: 200 });
  });
});

describe('a crash', () => {
  /** What is in the log of stocks and stocktakes. */
  const recorded = async () => {
    const events = await store.product.evenstock.log.readAll(-1n, 10_000);
    return events.filter(({ stream }) => stream.startsWith('stock')).map(({ stream, type }) => `${stream} ${type}`);
  };

  it('in the middle of it forgets nothing: counted lines, what waits, and repeats', async () => {
    const t = Date.now() - 60 * MINUTE;
    for (const sku of ['A', 'B', 'C']) await store.receipt(sku, 50, t);
    await store.open('s-1');
    const counted = { at: t + MINUTE, commandId: 'count-of-shelf-1' };
    await store.count('s-1', { A: 48, B: 10 }, counted);
    const before = await recorded();
    await store.restart();
    expect(await store.count('s-1', { A: 48, B: 10 }, counted)).toMatchObject({
      status: 200,
      body: { duplicate: true, lines: [{ status: 'applied' }, { status: 'waiting' }] },
    });
    expect(await recorded()).toEqual(before);
    expect(await store.open('s-1')).toMatchObject({ status: 200, body: { duplicate: true } });
    await store.command('s-1', 'mia', { type: 'approve', skus: ['B'] });
    await store.count('s-1', { C: 50 }, { at: t + 2 * MINUTE });
    await store.restart();
    expect(await store.command('s-1', 'anna', { type: 'complete' })).toMatchObject({
      body: { stocktake: { status: 'completed' } },
    });
    expect([await store.onHand('A'), await store.onHand('B'), await store.onHand('C')]).toEqual([48, 10, 50]);
  });
});

// Posting to an ERP on virtual time: in log order, once, through whatever happens to the calls and to the process.
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { Movement } from '../../../domain/erp/movement.ts';
import { type ErpRoom, erpRoom } from '../../support/erp-room.ts';
import { type LedgerErp, ledgerErp, type Mishap } from '../../support/ledger-erp.ts';

let room: ErpRoom;
afterEach(() => room.close());

/** Every reference once, in the order of the log but for SKUs in `parked`; and the books as our on-hand. */
async function expectEven(erp: LedgerErp, parked: ReadonlySet<string> = new Set()) {
  expect(new Set(erp.booked.map(({ reference }) => reference)).size).toBe(erp.booked.length);
  const order = (await room.events()).map(({ id }) => `es-${id}`);
  const place = ({ reference }: Movement) => order.indexOf(reference.slice(0, 'es-'.length + 36));
  const flowing = erp.booked.filter(({ sku }) => !parked.has(sku)).map(place);
  expect(flowing).toEqual(flowing.toSorted((a, b) => a - b));
  for (const sku of parked) {
    const own = erp.booked.filter((movement) => movement.sku === sku).map(place);
    expect(own).toEqual(own.toSorted((a, b) => a - b));
  }
  const books = erp.onHand();
  for (const [stock, units] of await room.onHand()) expect([stock, books.get(stock) ?? 0]).toEqual([stock, units]);
}

describe('posting', () => {
  it('brings sales, returns, adjustments and counts into the books in order; receipts and counts of its own stay out', async () => {
    room = erpRoom();
    const erp = ledgerErp();
    await room.fact({ type: 'receipt', quantity: 10, source: { id: 'books' }, id: 'books:receipt:1' });
    await room.fact({ type: 'sale', quantity: 2 });
    await room.fact({ type: 'return', quantity: 1, disposition: 'restock' });
    await room.fact({ type: 'count', counted: 8 });
    const { current, poster } = room.start(erp);
    expect(await current()).toBe(true);
    expect(erp.booked.map(({ kind, quantity, from }) => `${kind} ${quantity} ${from}`)).toEqual([
      'sale 2 stock',
      'return 1 customer',
      'count 1 stock',
    ]);
    expect(poster.status()).toMatchObject({ posted: 3, parked: 0, waiting: 0, lastPosted: { theirId: '3' } });
    await room.fact({ type: 'sale', quantity: 1 });
    expect(await room.time.until(() => erp.booked.length === 4, 5_000)).toBe(true);
  });

  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ do: fc.constant('fact' as const), sku: fc.constantFrom('A', 'B', 'C'), n: fc.nat(4) }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 40_000 }) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('stop' as const) }) },
  );
  const mishap = fc.option(fc.constantFrom<Mishap>('down', 'lost-before', 'lost-after', 'denied', 'throws-after'), {
    nil: undefined,
    freq: 2,
  });

  // Seen failing: it wrote down what it had passed by before the event, and so forgot which movements of it were begun.
  it('that ends in order between two movements of an event goes on with the second', async () => {
    room = erpRoom();
    const erp = ledgerErp(1);
    const first = room.start(erp);
    const stopped = Promise.withResolvers<void>();
    erp.mishap = () => {
      if (erp.booked.length === 1) first.poster.close(60_000).then(stopped.resolve, stopped.reject);
      return undefined;
    };
    // The second count moves nothing: it is passed by.
    for (const [sku, n] of [
      ['C', 0],
      ['C', 0],
      ['A', 1],
    ] as const) {
      await aFact(sku, n);
      await room.time.advance(1_000);
    }
    await stopped.promise;
    expect(erp.booked.length).toBe(2);
    erp.mishap = () => undefined;
    const second = room.start(erp);
    expect(await second.current()).toBe(true);
    expect(erp.booked.length).toBe(3);
    await expectEven(erp);
  });

  // Seen failing: without the look-up after an unknown outcome, without the one after a crash, and with movements that do not
  // wait behind an earlier one of their SKU; and with a part of an event in one call with others that have no movements.
  it('has every movement in the books once and in order, with lost answers, outages, crashes and refusals', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 5, maxLength: 40 }),
        fc.array(mishap, { minLength: 1, maxLength: 30 }),
        fc.record({ size: fc.integer({ min: 1, max: 6 }), names: fc.boolean(), bad: fc.boolean() }),
        async (steps, mishaps, { size, names, bad }) => {
          room = erpRoom();
          const erp = ledgerErp(size);
          erp.namesFault = names;
          erp.refuses = ({ sku, quantity }) => (bad && sku === 'C' && quantity > 2 ? { reason: 'E1' } : undefined);
          let n = 0;
          erp.mishap = () => mishaps[n++ % mishaps.length];
          let running = room.start(erp);
          for (const one of steps) {
            if (one.do === 'fact') await aFact(one.sku, one.n);
            else if (one.do === 'pass') await room.time.advance(one.ms);
            else {
              if (one.do === 'crash') running.crash();
              const closing = running.poster.close(0);
              await room.time.advance(1_000);
              await closing;
              running = room.start(erp);
            }
          }
          erp.mishap = () => undefined;
          expect(await running.current()).toBe(true);
          const parked = new Set(bad ? ['C'] : []);
          erp.refuses = () => undefined;
          running.poster.retry();
          expect(await room.time.until(() => running.poster.status().parked === 0, 600_000, 1_000)).toBe(true);
          await expectEven(erp, parked);
          await room.close();
        },
      ),
      { numRuns: 60 },
    );
  }, 120_000);

  async function aFact(sku: string, n: number) {
    if (n === 0) return room.fact({ type: 'count', sku, counted: 3 });
    if (n === 1) return room.fact({ type: 'return', sku, quantity: 2, disposition: 'writeOff' });
    if (n === 2) return room.fact({ type: 'adjustment', sku, quantity: 5, reason: 'found' });
    return room.fact({ type: 'sale', sku, quantity: n });
  }
});

describe('a movement that the ERP refuses', () => {
  it('is tried three times, then waits apart with all later ones of its SKU; others go on; retry posts them in order', async () => {
    room = erpRoom();
    const erp = ledgerErp(4);
    erp.refuses = ({ sku }) => (sku === 'B' ? { reason: 'E7: period closed' } : undefined);
    const { current, poster } = room.start(erp);
    for (const sku of ['A', 'B', 'A', 'B', 'A']) await room.fact({ type: 'sale', sku, quantity: 1 });
    expect(await current()).toBe(true);
    expect(erp.booked.map(({ sku }) => sku)).toEqual(['A', 'A', 'A']);
    expect(poster.status()).toMatchObject({ parked: 2, state: 'current' });
    expect([...poster.book()!.parked.values()].map(({ why, reason }) => [why, reason])).toEqual([
      ['refused', 'E7: period closed'],
      ['behind', ''],
    ]);
    expect(room.raised).toMatchObject([{ kind: 'refused-publish', key: 'erp:books:sku:B', subject: { sku: 'B' } }]);

    erp.refuses = () => undefined;
    expect(poster.retry('B')).toBe(2);
    expect(await room.time.until(() => poster.status().parked === 0, 60_000)).toBe(true);
    await expectEven(erp, new Set(['B']));
    expect(room.cleared).toContain('refused-publish erp:books:sku:B');
  });

  it('that names what it does not know waits apart at once, as a case to be mapped', async () => {
    room = erpRoom();
    const erp = ledgerErp(4);
    erp.namesFault = true;
    erp.refuses = ({ sku }) => (sku === 'B' ? { reason: 'no product B', unmapped: 'sku' } : undefined);
    const { current } = room.start(erp);
    for (const sku of ['A', 'B']) await room.fact({ type: 'sale', sku, quantity: 1 });
    expect(await current()).toBe(true);
    expect(room.raised).toMatchObject([{ kind: 'unmapped-sku', key: 'erp:books:sku:B' }]);
    expect(erp.calls.post).toBeLessThanOrEqual(3);
  });

  it('holds up the rest where policy says so, and nothing is skipped', async () => {
    room = erpRoom();
    const erp = ledgerErp(4);
    erp.refuses = ({ sku }) => (sku === 'B' ? { reason: 'E7' } : undefined);
    const { poster } = room.start(erp, { onRefusal: 'hold' });
    for (const sku of ['A', 'B', 'A']) await room.fact({ type: 'sale', sku, quantity: 1 });
    expect(await room.time.until(() => poster.status().state === 'held', 60_000)).toBe(true);
    expect(erp.booked.map(({ sku }) => sku)).toEqual(['A']);
    expect(poster.status().waiting).toBe(2);
    expect(room.raised[0]).toMatchObject({ kind: 'poison-message' });
    erp.refuses = () => undefined;
    poster.retry();
    expect(await room.time.until(() => erp.booked.length === 3, 60_000)).toBe(true);
    await expectEven(erp);
  });
});

describe('an outage and a maintenance window', () => {
  it('queue, are visible, ask once in 30 s, and drain in order', async () => {
    room = erpRoom();
    const erp = ledgerErp(10);
    erp.mishap = () => 'down';
    const { poster, current } = room.start(erp);
    for (let n = 0; n < 100; n += 1) {
      await room.fact({ type: 'sale', quantity: 1 });
      await room.time.advance(60_000);
    }
    const hours = 100 / 60;
    expect(poster.status()).toMatchObject({ state: 'outage', waiting: 100, lastError: 'ECONNREFUSED' });
    expect(poster.status().oldestWaitingMs).toBeGreaterThan(99 * 60_000);
    expect(erp.calls.lookUp + erp.calls.post).toBeLessThanOrEqual(hours * 120 + 6);
    expect(room.raised).toMatchObject([{ kind: 'breaker-open', key: 'erp:books' }]);
    erp.mishap = () => undefined;
    expect(await current()).toBe(true);
    expect(poster.status()).toMatchObject({ posted: 100, waiting: 0 });
    expect(room.cleared).toContain('breaker-open erp:books');
    await expectEven(erp);
  });

  it('is not called in its window, and drained after it', async () => {
    room = erpRoom();
    const erp = ledgerErp(10);
    // Noon: a window from eleven to two.
    const { poster, current } = room.start(erp, { windows: [{ from: '11:00', to: '14:00' }] });
    await room.fact({ type: 'sale', quantity: 1 });
    await room.time.advance(119 * 60_000);
    expect(poster.status()).toMatchObject({ state: 'window', waiting: 1 });
    expect(erp.calls).toEqual({ post: 0, lookUp: 0 });
    expect(room.raised).toEqual([]);
    await room.time.advance(2 * 60_000);
    expect(await current()).toBe(true);
    await expectEven(erp);
  });
});

describe('several processes', () => {
  it('have one poster: another takes over when it falls silent, and the first posts no more', async () => {
    room = erpRoom();
    const erp = ledgerErp(2);
    const first = room.start(erp, {}, { soleWriter: false });
    await room.fact({ type: 'sale', quantity: 1 });
    expect(await first.current()).toBe(true);
    const second = room.start(erp, {}, { soleWriter: false });
    await room.time.advance(10 * 60_000);
    expect(second.poster.status().state).toBe('starting');
    first.crash();
    await room.fact({ type: 'sale', quantity: 1 });
    expect(await second.current()).toBe(true);
    expect(second.poster.status().posted).toBe(2);
    await expectEven(erp);
  });

  // Seen failing: with a process that does not look who holds the stream before it calls.
  it('that was taken over from posts nothing more until whoever took over has been silent for a lease', async () => {
    room = erpRoom();
    const erp = ledgerErp(2);
    const { poster, current } = room.start(erp, {}, { soleWriter: false });
    await room.fact({ type: 'sale', quantity: 1 });
    expect(await current()).toBe(true);
    await room.takeAway('books');
    await room.fact({ type: 'sale', quantity: 1 });
    await room.time.advance(60_000);
    expect(erp.booked).toHaveLength(1);
    expect(poster.status().state).toBe('starting');
    expect(await current()).toBe(true);
    await expectEven(erp);
  });
});

// What every ERP adapter must do, whatever the ERP: the suite is taken whole by each, against the real thing or a simulator
// that keeps to its documents. `ErpUnderTest` says how somebody at the ERP sees and changes its books.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Erp } from '../../adapters/erp/erp.ts';
import type { Movement, Place } from '../../domain/erp/movement.ts';
import { countedThere, factCommand } from '../../domain/erp/own-fact.ts';
import type { ErpReads } from '../../domain/erp/policy.ts';

export interface ErpUnderTest {
  /** Under the id `books`; knows the SKUs A to E and the locations store-1 and store-2, all with nothing on hand. */
  readonly erp: Erp;
  /** The same, with a secret that the ERP does not take. */
  readonly stranger: Erp;
  /** By its own books. */
  onHand(sku: string, location: string): Promise<number>;
  /** Somebody there receives from a supplier, or counts. */
  receive(sku: string, location: string, quantity: number): Promise<void>;
  count(sku: string, location: string, counted: number): Promise<void>;
  /** What becomes of the next call that would change its books. */
  lose(what: 'call' | 'answer'): void;
  down(): Promise<void>;
  up(): Promise<void>;
  close(): Promise<void>;
}

let made = 0;
const WAYS: Readonly<Record<string, readonly [Movement['kind'], Place, Place]>> = {
  sale: ['sale', 'stock', 'customer'],
  return: ['return', 'customer', 'stock'],
  found: ['adjustment', 'lost', 'stock'],
  lost: ['adjustment', 'stock', 'lost'],
  sent: ['transfer', 'stock', 'transit'],
  arrived: ['transfer', 'transit', 'stock'],
  sentBack: ['disposal', 'stock', 'supplier'],
};

export function aMovement(way: keyof typeof WAYS, sku: string, quantity: number, location = 'store-1'): Movement {
  made += 1;
  const [kind, from, to] = WAYS[way]!;
  const at = Date.now() - 60_000;
  const reference = `es-${crypto.randomUUID()}`;
  return { reference, kind, sku, location, from, to, quantity, occurredAt: at, recordedAt: at, event: `stock@${made}` };
}

export function erpContract(name: string, open: () => Promise<ErpUnderTest>): void {
  describe(`${name} as an ERP`, () => {
    let it_: ErpUnderTest;
    const never = new AbortController().signal;
    const post = (movements: readonly Movement[]) => it_.erp.post(movements, never);
    const lookUp = async (movements: readonly Movement[]) => {
      const reply = await it_.erp.lookUp(
        movements.map(({ reference }) => reference),
        never,
      );
      if (reply.kind !== 'found') throw new Error(JSON.stringify(reply));
      return [...reply.ids.keys()].toSorted();
    };
    const references = (movements: readonly Movement[]) => movements.map(({ reference }) => reference).toSorted();

    beforeAll(async () => {
      it_ = await open();
    }, 180_000);
    afterAll(() => it_?.close());

    it('books each way units can go, on the side of the stock and only there', async () => {
      const steps = [
        [aMovement('found', 'A', 10), 10],
        [aMovement('sale', 'A', 3), 7],
        [aMovement('return', 'A', 1), 8],
        [aMovement('lost', 'A', 2), 6],
        [aMovement('sent', 'A', 4), 2],
        [aMovement('arrived', 'A', 1), 3],
        [aMovement('sentBack', 'A', 5), -2],
      ] as const;
      for (const [movement, expected] of steps) {
        expect(await post([movement])).toMatchObject({ kind: 'confirmed' });
        expect(await it_.onHand('A', 'store-1')).toBe(expected);
      }
      expect(await it_.onHand('A', 'store-2')).toBe(0);
      const all = steps.map(([movement]) => movement);
      expect(await lookUp(all)).toEqual(references(all));
    }, 60_000);

    it('books a batch whole, tells its own id of each, and finds them again among others', async () => {
      const batch = [
        aMovement('found', 'B', 5),
        aMovement('sale', 'B', 1),
        aMovement('sale', 'B', 1),
        aMovement('found', 'C', 2, 'store-2'),
      ];
      const reply = await post(batch);
      if (reply.kind !== 'confirmed') throw new Error(JSON.stringify(reply));
      expect([...reply.ids.keys()].toSorted()).toEqual(references(batch));
      expect([...reply.ids.values()].every((id) => id.length > 0)).toBe(true);
      expect([await it_.onHand('B', 'store-1'), await it_.onHand('C', 'store-2')]).toEqual([3, 2]);
      expect(await lookUp([...batch, aMovement('sale', 'B', 1)].slice(1))).toEqual(references(batch.slice(1)));
    }, 60_000);

    it('refuses what it does not know, says which, and books nothing of the batch', async () => {
      const before = await it_.onHand('B', 'store-1');
      const unknownSku = aMovement('sale', 'NO-SUCH', 1);
      expect(await post([aMovement('sale', 'B', 1), unknownSku])).toMatchObject({
        ...{ kind: 'refused', unmapped: 'sku', reference: unknownSku.reference },
      });
      const unknownLocation = aMovement('sale', 'B', 1, 'nowhere');
      expect(await post([aMovement('sale', 'B', 1), unknownLocation])).toMatchObject({
        ...{ kind: 'refused', unmapped: 'location', reference: unknownLocation.reference },
      });
      expect(await it_.onHand('B', 'store-1')).toBe(before);
    }, 60_000);

    it('of a lost answer says that it does not know, and finds what was booked', async () => {
      const batch = [aMovement('found', 'D', 4), aMovement('found', 'E', 6)];
      it_.lose('answer');
      expect(await post(batch)).toMatchObject({ kind: 'unknown' });
      expect(await lookUp(batch)).toEqual(references(batch));
      expect([await it_.onHand('D', 'store-1'), await it_.onHand('E', 'store-1')]).toEqual([4, 6]);
    }, 60_000);

    it('of a lost call finds nothing, and takes it the second time once', async () => {
      const batch = [aMovement('found', 'D', 1, 'store-2'), aMovement('found', 'E', 1, 'store-2')];
      it_.lose('call');
      expect(['unknown', 'retryLater']).toContain((await post(batch)).kind);
      expect(await lookUp(batch)).toEqual([]);
      expect(await post(batch)).toMatchObject({ kind: 'confirmed' });
      expect(await lookUp(batch)).toEqual(references(batch));
      expect([await it_.onHand('D', 'store-2'), await it_.onHand('E', 'store-2')]).toEqual([1, 1]);
    }, 60_000);

    it('tells what it received and counted, page after page, and nothing that we told it', async () => {
      const [receipts, counts] = [await caughtUp('receipts'), await caughtUp('counts')];
      await post([aMovement('found', 'A', 3, 'store-2')]);
      const expected = (await it_.onHand('A', 'store-2')) + 7;
      await it_.receive('A', 'store-2', 7);
      await it_.receive('B', 'store-2', 2);
      await it_.count('A', 'store-2', 9);
      const received = await readOn('receipts', receipts);
      expect(
        received.map(({ sku, location, ...fact }) => [fact.kind, sku, location, 'quantity' in fact && fact.quantity]),
      ).toEqual([
        ['receipt', 'A', 'store-2', 7],
        ['receipt', 'B', 'store-2', 2],
      ]);
      const counted = await readOn('counts', counts);
      expect(counted).toMatchObject([
        { kind: 'count', sku: 'A', location: 'store-2', counted: 9, booked: 9 - expected },
      ]);
      const command = factCommand('books', counted[0]!);
      expect(countedThere('books', command.id)).toBe(9 - expected);
      expect(Math.abs(command.occurredAt! - Date.now())).toBeLessThan(120_000);
      // Read again from where reading began: the same facts under the same ids.
      expect((await readOn('receipts', receipts)).map(({ id }) => id)).toEqual(received.map(({ id }) => id));
    }, 60_000);

    it('states its on-hand of every SKU at a location', async () => {
      const read = it_.erp.readStatement('store-1');
      const rows = new Map<string, number>();
      let cursor: string | undefined;
      do {
        const reply = await read(cursor, never);
        if (reply.kind !== 'page') throw new Error(JSON.stringify(reply));
        for (const { sku, units } of reply.rows) rows.set(sku, units);
        cursor = reply.next;
      } while (cursor !== undefined);
      for (const sku of ['B', 'C', 'D', 'E'])
        expect([sku, rows.get(sku) ?? 0]).toEqual([sku, await it_.onHand(sku, 'store-1')]);
      expect(await it_.erp.readStatement('nowhere')(undefined, never)).toMatchObject({ kind: 'denied' });
    }, 60_000);

    it('that is down is asked again later, for nothing was done', async () => {
      const movement = aMovement('found', 'C', 1);
      await it_.down();
      try {
        expect(await post([movement])).toMatchObject({ kind: 'retryLater' });
        expect(await it_.erp.lookUp([movement.reference], never)).toMatchObject({ kind: 'retryLater' });
        expect(await it_.erp.read('receipts', undefined, never)).toMatchObject({ kind: 'retryLater' });
        expect(await it_.erp.readStatement('store-1')(undefined, never)).toMatchObject({ kind: 'later' });
      } finally {
        await it_.up();
      }
      expect(await post([movement])).toMatchObject({ kind: 'confirmed' });
      expect(await it_.onHand('C', 'store-1')).toBe(1);
    }, 60_000);

    it('that does not take our secret says so without it', async () => {
      const reply = await it_.stranger.post([aMovement('sale', 'B', 1)], never);
      expect(reply).toMatchObject({ kind: 'denied' });
      expect(JSON.stringify(reply)).not.toContain('not-the-password');
      expect(await it_.stranger.readStatement('store-1')(undefined, never)).toMatchObject({ kind: 'denied' });
    }, 60_000);

    it('stops when it is told to, and never throws', async () => {
      const before = await it_.onHand('B', 'store-1');
      const reply = await it_.erp.post([aMovement('sale', 'B', 1)], AbortSignal.abort());
      expect(['unknown', 'retryLater']).toContain(reply.kind);
      expect(await it_.onHand('B', 'store-1')).toBe(before);
    }, 60_000);

    async function readOn(what: ErpReads, from: string) {
      const facts = [];
      for (let watermark = from, more = true; more; ) {
        const reply = await it_.erp.read(what, watermark, never);
        if (reply.kind !== 'facts') throw new Error(JSON.stringify(reply));
        facts.push(...reply.facts);
        more = reply.more;
        watermark = reply.watermark;
      }
      return [...new Map(facts.map((fact) => [fact.id, fact])).values()];
    }

    async function caughtUp(what: ErpReads): Promise<string> {
      const reply = await it_.erp.read(what, undefined, never);
      if (reply.kind !== 'facts') throw new Error(JSON.stringify(reply));
      return reply.watermark;
    }
  });
}

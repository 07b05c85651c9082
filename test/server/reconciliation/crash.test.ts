// A process that is killed between any two appends of a run: the next one ends the run, every difference is corrected, and
// nothing twice. And by property: whatever drifts, whatever the channel takes, runs come to rest.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasEnded } from '../../../domain/reconciliation/run.ts';
import { HOUR } from '../../../domain/time.ts';
import { createReconciliationWorld, type ReconciliationWorld } from '../../support/reconciliation-world.ts';

const SKUS = ['A', 'B', 'C'];
const ERP = { systemsOfRecord: [{ location: 'x', system: 'erp' }] };
const BOOKS: Readonly<Record<string, number>> = { A: 13, B: 10, C: 7 };

async function withWorld<T>(policy: object, use: (world: ReconciliationWorld) => Promise<T>): Promise<T> {
  const world = await createReconciliationWorld(policy);
  try {
    for (const sku of SKUS) {
      await world.stock({ type: 'receipt', sku, quantity: 10 });
      world.shows.set(sku, 10);
    }
    await world.time.advance(HOUR);
    return await use(world);
  } finally {
    await world.close();
  }
}

const books = (world: ReconciliationWorld) => {
  const asOf = world.time.clock.now();
  const rows = Object.entries(BOOKS).map(([sku, units]) => ({ sku, units, asOf }));
  const source = { kind: 'upload', statement: { rows, asOf, isComplete: true }, faults: [] } as const;
  return { subject: { system: 'erp', location: 'x' }, source };
};

const counts = async ({ log }: ReconciliationWorld) => {
  const events = await log.readAll(-1n, 10_000);
  return events.filter(({ type }) => type === 'StockCounted').map(({ stream }) => stream);
};

describe('a crash', () => {
  const places = [1, 2, 3, 4, 5, 6].flatMap((append) => [false, true].map((isWritten) => [append, isWritten] as const));

  // Seen failing: with corrections that a resumed run makes again; with runs that are not taken up; with counts under new ids.
  it.each(places)(
    'at append %i of a run, written: %s, loses no correction and makes none twice',
    async (append, isWritten) => {
      await withWorld(ERP, async (world) => {
        world.dieAt(append, isWritten);
        void world.run(books(world)).catch(() => {});
        await world.time.until(() => world.isDead, 10_000);
        expect(world.isDead).toBe(true);
        await world.restart();
        await world.time.advance(1_000);
        const [run] = await world.runs();
        if (run === undefined) expect([append, isWritten]).toEqual([1, false]);
        else {
          expect(hasEnded(run.record.run)).toBe(true);
          const owed = run.differences.filter(({ plan }) => plan !== 'none').map(({ sku }) => sku);
          if (run.record.run.stage === 'completed') expect(run.corrections.map(({ sku }) => sku)).toEqual(owed);
        }
        const again = await world.run({ id: 'again', ...books(world) });
        expect(again.record.run.stage).toBe('completed');
        expect(Object.fromEntries(SKUS.map((sku) => [sku, world.onHand(sku)]))).toEqual(BOOKS);
        expect((await counts(world)).sort()).toEqual(['stock-A~x', 'stock-C~x']);
        expect(await world.faults()).toEqual([]);
      });
    },
  );
});

describe('a run that was cut short', () => {
  // Seen failing: with runs that are left when another one of their subject is under way.
  it('is ended although another one of its subject began before it was found', async () => {
    await withWorld(ERP, async (world) => {
      world.dieAt(3, true);
      void world.run(books(world)).catch(() => {});
      await world.time.until(() => world.isDead, 10_000);
      const found = Promise.withResolvers<void>();
      world.behind = found.promise;
      await world.restart();
      const second = await world.process().start({
        ...{ id: 'second', cause: 'on-demand', by: 'test', correct: true, ...books(world) },
      });
      expect(second.outcome).toBe('started');
      found.resolve();
      await world.time.until(() => [...world.process().found().runs()].every(hasEnded), 60_000);
      // An uploaded statement went with the process that had it, so the first one may have failed; but it has ended.
      expect((await world.runs()).map(({ record }) => hasEnded(record.run))).toEqual([true, true]);
      expect((await counts(world)).sort()).toEqual(['stock-A~x', 'stock-C~x']);
      expect(await world.faults()).toEqual([]);
    });
  });
});

describe('runs', () => {
  // Seen failing: without the limit of corrections; with in-flight differences corrected.
  it('come to rest: each difference is corrected at most as often as policy says, none while in flight', async () => {
    const drift = fc.record({
      sku: fc.constantFrom(...SKUS),
      units: fc.integer({ min: 0, max: 30 }),
      isInFlight: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(drift, { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        fc.integer({ min: 0, max: 3 }),
        async (drifts, obeys, correctionsMax) => {
          await withWorld({ reconciliation: { correctionsMax } }, async (world) => {
            world.obeys = obeys;
            for (const { sku, units, isInFlight } of drifts) {
              world.shows.set(sku, units);
              if (isInFlight) world.inFlight.add(sku);
              else world.inFlight.delete(sku);
            }
            const differing = new Set(SKUS.filter((sku) => world.shows.get(sku) !== 10));
            for (let n = 0; n < 2; n++) await world.run();
            for (const sku of world.republished) expect(world.inFlight.has(sku)).toBe(false);
            world.inFlight.clear();
            for (let n = 0; n < 4; n++) await world.run();
            const last = await world.run();
            for (const sku of SKUS) {
              const times = world.republished.filter((one) => one === sku).length;
              const expected = !differing.has(sku) ? 0 : obeys ? Math.min(1, correctionsMax) : correctionsMax;
              expect([sku, times]).toEqual([sku, expected]);
            }
            const helped = obeys && correctionsMax > 0;
            expect(last.differences.length).toBe(helped ? 0 : differing.size);
            expect(last.corrections.every(({ plan }) => plan === 'case')).toBe(true);
          });
        },
      ),
      { numRuns: 12 },
    );
  });
});

// Counting while trade goes on (R6, P2, P5): sales, late sales, counted lines, decisions, repeats, failing appends and ends
// of the process in any interleaving end in the on-hand of the reference, each line is applied once, and the report says
// what should have been there by all that is known.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY } from '../../../domain/time.ts';
import { stocktakeTally } from '../../../projections/stocktakes.ts';
import { reportPage } from '../../../server/counts/report.ts';
import { type CountWorld, countWorld, ID, LOCATION, onHandOf } from './world.ts';

type Step = (world: CountWorld) => unknown;

const sku = fc.oneof(
  { weight: 3, arbitrary: fc.constant('A') },
  { weight: 1, arbitrary: fc.constantFrom('B', 'C', 'X') },
);
const late = fc.oneof(
  { weight: 2, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 40 }) },
);
const units = fc.integer({ min: 1, max: 12 });

const steps: fc.Arbitrary<Step>[] = [
  fc.tuple(sku, units, late).map(
    ([of, n, ago]) =>
      (world) =>
        world.move(of, -n, world.at(ago)),
  ),
  fc.tuple(sku, units, late).map(
    ([of, n, ago]) =>
      (world) =>
        world.move(of, n, world.at(ago)),
  ),
  fc.tuple(sku, fc.integer({ min: 0, max: 30 }), late).map(
    ([of, n, ago]) =>
      (world) =>
        world.count(of, n, world.at(ago)),
  ),
  fc.tuple(sku, fc.constantFrom('approve', 'reject', 'recount')).map(
    ([of, type]): Step =>
      (world) =>
        world.decide(type as 'approve', of),
  ),
  fc.nat(50).map((n) => (world) => world.again(n)),
  fc.constant((world) => world.restart()),
  fc.tuple(fc.constantFrom('down' as const, 'lost' as const, 'written' as const, 'conflict' as const), fc.nat(3)).map(
    ([fault, others]) =>
      (world) =>
        world.fail(fault, others),
  ),
  fc.tuple(sku, fc.integer({ min: 0, max: 30 }), late).map(
    ([of, n, ago]) =>
      (world) =>
        world.countBeside(of, n, world.at(ago)),
  ),
];
const weights = [5, 3, 6, 5, 2, 1, 3, 1];
const aStep = fc.oneof(...steps.map((arbitrary, n) => ({ weight: weights[n]!, arbitrary })));

async function lived(story: readonly Step[]): Promise<CountWorld> {
  const world = await countWorld();
  await world.heal();
  for (const step of story) {
    world.tick();
    await step(world);
  }
  world.tick();
  await world.heal();
  return world;
}

describe('any interleaving of trade and counting', () => {
  // Seen failing: with ids of owed counts drawn anew each time they are asked (a line applied twice), with what is there
  // now for what was expected (the wrong lines wait), with a recount under the id of the count, with an approved line
  // that is not owed.
  it('ends in the on-hand of the reference, each line applied once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(aStep, { minLength: 5, maxLength: 40, size: 'max' }), async (story) => {
        const world = await lived(story);
        for (const [of, known] of world.known) {
          const { levels } = await world.process.actors.look(of, LOCATION);
          expect({ of, onHand: levels.onHand }).toEqual({ of, onHand: onHandOf(known, Number.POSITIVE_INFINITY) });
          const events = await world.log.read(`stock-${of}~${LOCATION}`, 0, 1_000);
          const counts = events.filter(({ type }) => type === 'StockCounted');
          expect(counts.map(({ data }) => data['occurredAt']).sort()).toEqual(known.counts.map(({ at }) => at).sort());
        }
        const row = (await world.rows()).stocktake(ID)!;
        const states = [...world.known.values()].map(({ line }) => line.state);
        const { statuses } = stocktakeTally(row);
        expect([statuses.waiting, statuses.applied, statuses.rejected, statuses.recount, statuses.applying]).toEqual([
          ...['waiting', 'applied', 'rejected', 'recount'].map((state) => states.filter((one) => one === state).length),
          0,
        ]);
      }),
      { numRuns: 150 },
    );
  }, 120_000);

  // Seen failing: with facts from before the last count among the late ones, with another count that came late left out.
  it('and the report says what should have been there by all that is known', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(aStep, { minLength: 5, maxLength: 40, size: 'max' }), async (story) => {
        const world = await lived(story);
        const room = { log: world.log, counts: world.process.counts, windowMs: 45 * DAY };
        const row = (await world.rows()).stocktake(ID)!;
        const asked = { status: undefined, from: undefined, limit: 1_000 };
        const { lines } = await reportPage(room, row, asked);
        for (const { sku: of, countedAt, expected, counted, variance } of lines) {
          if (countedAt === undefined) continue;
          const { moves, counts, line } = world.known.get(of)!;
          expect({ of, countedAt, counted }).toEqual({ of, countedAt: line.last!.at, counted: line.last!.counted });
          // Without this count itself.
          const others = { moves, counts: counts.filter(({ at }) => at !== countedAt) };
          expect({ of, expected }).toEqual({ of, expected: onHandOf(others, countedAt) });
          expect(variance).toBe(counted! - expected!);
        }
      }),
      { numRuns: 150 },
    );
  }, 120_000);
});

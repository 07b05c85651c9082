// The simulation in `npm test`: many seeds clean, everything met that can go wrong, one seed one trace, and each planted
// bug seen. `npm run simulate -- --seeds 1..20000` runs more and longer ones.
import { afterAll, describe, expect, it } from 'vitest';
import { PLANTS, type PlantName } from './plant.ts';
import { type Outcome, simulate } from './simulate.ts';
import { MARKS, type Mark } from './trace.ts';

const SEEDS = 200;
const SEEDS_A_TEST = 50;
const STEPS = 150;
const TEST_MS_MAX = 120_000;
const PLANTED_SEEDS_MAX = 80;

const met = new Map<Mark, number>();

function expectClean({ seed, violations }: Outcome): void {
  const repeat = `npm run simulate -- --seed ${seed} --steps ${STEPS} --trace`;
  expect(violations, repeat).toEqual([]);
}

describe('the retailer, simulated', { timeout: TEST_MS_MAX }, () => {
  for (let from = 1; from <= SEEDS; from += SEEDS_A_TEST) {
    const to = from + SEEDS_A_TEST - 1;
    it(`keeps every promise: seeds ${from} to ${to}`, async () => {
      for (let seed = from; seed <= to; seed += 1) {
        const outcome = await simulate(seed, { steps: STEPS });
        for (const mark of outcome.marks.keys()) met.set(mark, (met.get(mark) ?? 0) + 1);
        expectClean(outcome);
      }
    });
  }

  it('meets in these seeds all that it can meet', () => {
    expect(MARKS.filter((mark) => !met.has(mark))).toEqual([]);
  });

  it('takes the same course from the same seed, and another from another', async () => {
    const [once, again, other] = [
      await simulate(7, { steps: 120 }),
      await simulate(7, { steps: 120 }),
      await simulate(8, { steps: 120 }),
    ];
    expect(again.lines).toEqual(once.lines);
    expect(again.hash).toBe(once.hash);
    expect(other.hash).not.toBe(once.hash);
  });
});

describe('a planted bug is seen', { timeout: TEST_MS_MAX }, () => {
  const promises: Readonly<Record<PlantName, string>> = {
    'the log acknowledges before it writes': 'acknowledged',
    'actors forget duplicates': 'P2',
    'actors ignore safety stock': 'P4',
    'a snapshot has one unit too many': 'P1',
    'a subscription leaves out every 40th event': 'P8',
    'a publisher takes an unknown outcome for success': 'confirmed',
    'a connector confirms what it never sent': 'P10',
    'publishers call at twice the rate': 'P13',
    'an order keeps what it reserved when another line is refused': 'R7',
    'an order commits its first reservation only': 'R7',
    'a transfer never tells its origin what arrived': 'P7',
    'workflows are not resumed after a crash': 'R7',
  };
  for (const [name, promise] of Object.entries(promises) as [PlantName, string][]) {
    it(`${name}: ${promise}`, async () => {
      const broken = new Set<string>();
      for (let seed = 1; seed <= PLANTED_SEEDS_MAX && !broken.has(promise); seed += 1) {
        const { violations } = await simulate(seed, { steps: STEPS, plant: PLANTS[name] });
        for (const violation of violations) broken.add(violation.promise);
      }
      expect([...broken]).toContain(promise);
    });
  }
});

afterAll(() => met.clear());

// Properties of publishing to a channel that only accepts, by two ways in, under random changes, losses, stuck feeds and
// crashes, in virtual time. Each was seen failing once on the planted bug named beside it.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Publishing } from '../../../adapters/publishing/publisher.ts';
import { type AcceptingChannel, createAcceptingChannel } from '../../support/marketplace/accepting-channel.ts';
import { createWorld, type World } from '../../support/marketplace/world.ts';

const SKUS = Array.from({ length: 30 }, (_, n) => `S-${n}`);
const LIMITS = { ratePerSecond: 1, burst: 2, batchSize: 1, timeoutMs: 5_000 };
const BULK = { batchSizeMax: 15, ratePerSecondMax: 0.05, burstMax: 2, concurrency: 1, settlesMsMax: 20_000 };
const READ = { batchSizeMax: 10, ratePerSecondMax: 2, burstMax: 3, concurrency: 2 };

type Step =
  | { readonly do: 'set'; readonly first: number; readonly count: number; readonly units: number }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'drop'; readonly share: number }
  | { readonly do: 'feeds'; readonly stuck: boolean }
  | { readonly do: 'reading'; readonly as: AcceptingChannel['reading'] }
  | { readonly do: 'crash' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('set' as const),
      first: fc.nat(SKUS.length - 1),
      count: fc.constantFrom(1, 2, SKUS.length),
      units: fc.nat(4),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(30, 900, 4_000, 25_000, 120_000) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('drop' as const), share: fc.constantFrom(0, 0, 3, 2) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('feeds' as const), stuck: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('reading' as const),
      as: fc.constantFrom<AcceptingChannel['reading']>('ok', 'later', 'hangs'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const) }) },
);

interface Run {
  readonly world: World;
  readonly channel: AcceptingChannel;
  publishing(): Publishing;
}

async function play(steps: readonly Step[], seed: number): Promise<Run> {
  const world = await createWorld(seed);
  const channel = createAcceptingChannel(world.time, { bulk: BULK, readBack: READ, settlesMsMax: 10_000 });
  channel.applyMs = { urgent: 2_000, bulk: 9_000 };
  for (const sku of SKUS) await world.set('shop', sku, 2);
  let publishing = world.start({ shop: channel.connector }, LIMITS);
  let accepted = 0;
  for (const now of steps) {
    if (now.do === 'set') {
      for (let n = 0; n < now.count; n += 1) {
        const sku = SKUS[(now.first + n) % SKUS.length]!;
        await world.set('shop', sku, (now.units + n) % 5);
      }
    } else if (now.do === 'wait') await world.time.advance(now.ms);
    else if (now.do === 'drop') channel.drops = () => now.share > 0 && ++accepted % now.share === 0;
    else if (now.do === 'feeds') {
      channel.stuck = now.stuck;
      if (!now.stuck) channel.release();
    } else if (now.do === 'reading') channel.reading = now.as;
    else {
      world.crash();
      await world.restart();
      publishing = world.start({ shop: channel.connector }, LIMITS);
    }
  }
  channel.drops = () => false;
  channel.stuck = false;
  channel.reading = 'ok';
  channel.release();
  return { world, channel, publishing: () => publishing };
}

/** Found after thousands of scripts: a feed that a crash left unrecorded came over what was told and seen after the start. */
const FEED_AT_A_CRASH: readonly Step[] = [
  { do: 'set', first: 0, count: 30, units: 1 },
  { do: 'wait', ms: 120_000 },
  { do: 'set', first: 0, count: 30, units: 0 },
  { do: 'wait', ms: 30 },
  { do: 'set', first: 1, count: 30, units: 2 },
  { do: 'crash' },
];

const steps = fc.array(step, { minLength: 4, maxLength: 25 });
const seeds = fc.integer({ min: 1, max: 1_000_000 });

describe('publishing to a channel that only accepts', () => {
  // P10 planted: afterReadBack leaving a lost value as it was; `older` forgotten when a value is lost.
  it('P10: when faults stop it shows every figure, also where old feeds were applied late', async () => {
    await fc.assert(
      fc.asyncProperty(steps, seeds, async (script, seed) => {
        const { world, channel, publishing } = await play(script, seed);
        await world.time.advance(10 * 60_000);
        publishing().retryDeadLetter('shop');
        await world.time.advance(26 * 3_600_000);
        const shown = SKUS.map((sku) => [sku, channel.shows.get(sku) ?? 0]);
        expect(shown).toEqual(SKUS.map((sku) => [sku, world.units('shop', sku)]));
        expect(publishing().status('shop')).toMatchObject({ backlog: 0, inFlight: 0, deadLetters: 0 });
        world.end();
      }),
      { numRuns: Number(process.env.RUNS ?? 60), examples: [[[...FEED_AT_A_CRASH], 1]] },
    );
  });

  // P13 planted: reading that does not ask its pace (`waitMs`); the bulk lane with the pace of the urgent one.
  it('P13: each way in, and reading, keeps to its own rate', async () => {
    await fc.assert(
      fc.asyncProperty(steps, seeds, async (script, seed) => {
        const { world, channel } = await play(script, seed);
        await world.time.advance(120_000);
        const lane = (name: 'urgent' | 'bulk') => channel.calls.filter((call) => call.lane === name);
        within(lane('urgent'), LIMITS.ratePerSecond, LIMITS.burst);
        within(lane('bulk'), BULK.ratePerSecondMax, BULK.burstMax);
        within(channel.reads, READ.ratePerSecondMax, READ.burstMax);
        world.end();
      }),
      { numRuns: 40 },
    );
  });
});

/** Calls i…j in a window: j − i + 1 ≤ rate × (tj − ti) + burst, for all i ≤ j. */
function within(calls: readonly { readonly at: number }[], ratePerSecond: number, burst: number): void {
  let least = Number.POSITIVE_INFINITY;
  calls.forEach(({ at }, n) => {
    const debt = n - (ratePerSecond * at) / 1_000;
    least = Math.min(least, debt);
    expect(debt - least + 1).toBeLessThanOrEqual(burst + 1e-6);
  });
}

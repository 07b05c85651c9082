// Properties of publishing under random changes and faults, in virtual time. Each was seen failing once on the planted
// bug named beside it.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTokenBucket } from '../../../adapters/publishing/token-bucket.ts';
import {
  type Behaviour,
  createVirtualChannel,
  FAULTS,
  type VirtualChannel,
} from '../../support/marketplace/virtual-channel.ts';
import { createWorld, type World } from '../../support/marketplace/world.ts';

const RATE = 5;
const BURST = 3;
const SKUS = ['A', 'B', 'C', 'D', 'E', 'F'];

type Step =
  | { readonly do: 'set'; readonly sku: string; readonly units: number }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'buy'; readonly sku: string }
  | { readonly do: 'report'; readonly which: number; readonly figureStays: boolean }
  | { readonly do: 'behave'; readonly as: Behaviour }
  | { readonly do: 'log'; readonly fault: World['logFault'] }
  | { readonly do: 'crash' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('set' as const), sku: fc.constantFrom(...SKUS), units: fc.nat(4) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 25, 210, 1_000, 4_000, 40_000) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('buy' as const), sku: fc.constantFrom(...SKUS) }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('report' as const), which: fc.nat(99), figureStays: fc.boolean() }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('behave' as const), as: fc.constantFrom<Behaviour>('ok', 'ok', ...FAULTS) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('log' as const),
      fault: fc.constantFrom<World['logFault']>('none', 'unavailable', 'lost-answer', 'lost-append'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const) }) },
);

interface Run {
  readonly world: World;
  readonly channel: VirtualChannel;
  /** Calls that carried a value which was not the figure of that instant. */
  readonly outdated: string[];
  backlog: () => number;
}

async function play(steps: readonly Step[], seed: number): Promise<Run> {
  const world = await createWorld(seed);
  const channel = createVirtualChannel(world.time);
  const policy = { ratePerSecond: RATE, burst: BURST, batchSize: 2, timeoutMs: 1_500 };
  for (const sku of SKUS) await world.set('shop', sku, 2);
  const outdated: string[] = [];
  let behaviour: Behaviour = 'ok';
  channel.behave = ({ updates }) => {
    for (const { sku, units } of updates) if (units !== world.units('shop', sku)) outdated.push(sku);
    return behaviour;
  };
  /** SKUs that buyers took off what the channel shows, one unit each; it tells us later, in any order. */
  const unreported: string[] = [];
  const report = async (which: number, figureStays: boolean) => {
    for (const sku of unreported.splice(which % Math.max(1, unreported.length), 1)) {
      await world.sold('shop', sku, 1, figureStays);
    }
  };
  let publishing = world.start({ shop: channel.connector }, policy);
  for (const now of steps) {
    if (now.do === 'set') await world.set('shop', now.sku, now.units);
    else if (now.do === 'buy') {
      if (channel.listings.order(now.sku, 1, world.time.now()) !== undefined) unreported.push(now.sku);
    } else if (now.do === 'report') await report(now.which, now.figureStays);
    else if (now.do === 'wait') await world.time.advance(now.ms);
    else if (now.do === 'behave') behaviour = now.as;
    else if (now.do === 'log') world.logFault = now.fault;
    else {
      world.crash();
      await world.restart();
      publishing = world.start({ shop: channel.connector }, policy);
    }
  }
  behaviour = 'ok';
  world.logFault = 'none';
  while (unreported.length > 0) await report(seed, seed % 2 === 0);
  return {
    world,
    channel,
    outdated,
    backlog: () => publishing.status('shop')!.backlog + publishing.status('shop')!.inFlight,
  };
}

const steps = fc.array(step, { minLength: 5, maxLength: 40 });
const seeds = fc.integer({ min: 1, max: 1_000_000 });

describe('publishing properties', () => {
  // P10 planted: `unknown` treated as confirmed in afterUpdate; channelSale never answering; no onDoubt listeners.
  it('P10: when faults stop the channel shows every figure and the backlog is empty within two minutes', async () => {
    await fc.assert(
      fc.asyncProperty(steps, seeds, async (script, seed) => {
        const { world, channel, backlog } = await play(script, seed);
        await world.time.advance(120_000);
        const shown = SKUS.map((sku) => [sku, channel.listings.get(sku)?.units]);
        expect(shown).toEqual(SKUS.map((sku) => [sku, world.units('shop', sku)]));
        expect(backlog()).toBe(0);
        world.end();
      }),
      { numRuns: 60 },
    );
  });

  // P10 planted: `floor` written as the present position although another batch is under way; mayHaveBeenTold
  // answering false for figures that differ at the start; not waiting for the suspects before the floor moves on.
  it('P10: a crash with calls under way leaves nothing wrong, even where the figure goes back to what it was', async () => {
    const round = fc.record({
      first: fc.constantFrom(...SKUS),
      second: fc.constantFrom(...SKUS),
      units: fc.constantFrom(0, 1, 5),
      firstMs: fc.constantFrom(1, 230, 700),
      latencyMs: fc.constantFrom(900, 1_400),
      crashAfterMs: fc.constantFrom(40, 260, 480, 1_000),
      back: fc.constantFrom('in-flight', 'before', 'after', 'later', 'never'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(round, { minLength: 1, maxLength: 4 }), seeds, async (rounds, seed) => {
        const world = await createWorld(seed);
        const channel = createVirtualChannel(world.time);
        const policy = { ratePerSecond: RATE, burst: BURST, batchSize: 1, timeoutMs: 1_500 };
        for (const sku of SKUS) await world.set('shop', sku, 2);
        world.start({ shop: channel.connector }, policy);
        await world.time.advance(5_000);
        for (const { first, second, units, firstMs, latencyMs, crashAfterMs, back } of rounds) {
          // The first call is slow, the second is answered and recorded while the first is under way.
          channel.latencyMs = latencyMs;
          channel.applyFirst = true;
          await world.set('shop', first, units);
          await world.time.advance(firstMs);
          channel.latencyMs = 10;
          if (back === 'in-flight') await world.set('shop', first, 2);
          await world.set('shop', second, units + 1);
          await world.time.advance(crashAfterMs);
          world.crash();
          if (back === 'before') await world.set('shop', first, 2);
          await world.restart();
          world.start({ shop: channel.connector }, policy);
          if (back === 'after') await world.set('shop', first, 2);
          await world.time.advance(back === 'later' ? 150 : 10);
          if (back === 'later') await world.set('shop', first, 2);
          await world.time.advance(300);
        }
        await world.time.advance(60_000);
        const shown = SKUS.map((sku) => [sku, channel.listings.get(sku)?.units]);
        expect(shown).toEqual(SKUS.map((sku) => [sku, world.units('shop', sku)]));
        world.end();
      }),
      { numRuns: 150 },
    );
  });

  // P11 planted: reading the units when the change is noticed instead of when the batch leaves; for versions,
  // concluding a call before its record is folded.
  it('P11: an older value never overwrites a newer one, and no version ever has two values', async () => {
    await fc.assert(
      fc.asyncProperty(steps, seeds, async (script, seed) => {
        const { world, channel, outdated } = await play(script, seed);
        await world.time.advance(120_000);
        expect(outdated).toEqual([]);
        expect(channel.overwritten).toEqual([]);
        expect(channel.listings.violations).toBe(0);
        // What was sent with a higher version was never older: per SKU, versions rise with every call.
        const last = new Map<string, bigint>();
        for (const { updates, version } of channel.calls) {
          for (const { sku } of updates) {
            expect(version > (last.get(sku) ?? -1n)).toBe(true);
            last.set(sku, version);
          }
        }
        world.end();
      }),
      { numRuns: 60 },
    );
  });

  // P13 planted: starting the bucket full (a restart then allows two bursts).
  it('P13: calls ≤ rate × window + burst in every window, over restarts and throttling', async () => {
    await fc.assert(
      fc.asyncProperty(steps, seeds, async (script, seed) => {
        const { world, channel } = await play(script, seed);
        await world.time.advance(30_000);
        const times = channel.calls.map(({ at }) => at);
        for (let from = 0; from < times.length; from += 1) {
          for (let to = from; to < times.length; to += 1) {
            const windowS = (times[to]! - times[from]!) / 1_000;
            expect(to - from + 1).toBeLessThanOrEqual(RATE * windowS + BURST + 1e-6);
          }
        }
        world.end();
      }),
      { numRuns: 60 },
    );
  });

  it('P13: the bucket alone holds it for any pattern of calls', () => {
    const gaps = fc.array(fc.tuple(fc.nat(2_000), fc.boolean()), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(
        gaps,
        fc.double({ min: 0.01, max: 50, noNaN: true }),
        fc.integer({ min: 1, max: 20 }),
        (moves, rate, burst) => {
          const bucket = createTokenBucket(rate, burst, 0);
          const taken: number[] = [];
          let now = 0;
          for (const [gap, throttled] of moves) {
            now += gap;
            if (throttled) bucket.throttled(now);
            while (bucket.waitMs(now) === 0) {
              bucket.take(now);
              taken.push(now);
            }
          }
          for (let from = 0; from < taken.length; from += 1) {
            const calls = taken.length - from;
            expect(calls).toBeLessThanOrEqual((rate * (now - taken[from]!)) / 1_000 + burst + 1e-6);
          }
        },
      ),
    );
  });
});

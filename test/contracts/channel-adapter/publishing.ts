// The whole way: the real publisher tells the simulator through the adapter while it does all of fault row 17, and the
// right figures are shown once it has stopped. Figures only fall, so a figure that rises was an old value (P11); the
// simulator's own log of calls says whether the pace was kept (P13).
import { expect } from 'vitest';
import type { Connector, Declaration } from '../../../adapters/channels/channel.ts';
import type { FaultsJson } from '../../../adapters/channels/simulator/faults.ts';
import { systemClock, systemHashes } from '../../../adapters/platform.ts';
import { startPublishing } from '../../../adapters/publishing/publisher.ts';
import { systemTimers } from '../../../adapters/publishing/timers.ts';
import { channelPolicy, createWorld, policyOf, type World } from '../../support/marketplace/world.ts';
import { type Check, pause, unanimously } from './asking.ts';
import type { ChannelRig } from './rig.ts';

const RATE = 40;
const BURST = 4;
const SKUS = 30;
/** About as fast as calls may leave, so that there are several while a fault lasts. */
const CHANGE_EVERY_MS = 15;

/**
 * Each hits a few calls, never five in a row: a channel that is down for good is met with half a minute of patience, and
 * this runs in real time.
 */
const FAULTS: readonly FaultsJson[] = [
  { kind: 'throttle', retryAfter: '0' },
  { kind: 'unavailable', retryAfter: '0' },
  { kind: 'error' },
  { kind: 'reset' },
  { kind: 'half-answer' },
  { kind: 'invalid-json' },
  { kind: 'errors-inside' },
  { kind: 'timeout-after-success' },
  { kind: 'late', lateMs: 100 },
];
const HITS = { share: 0.5, times: 2 } as const;

const converges: Check = {
  name: 'publishing: converges after all faults, no older value over a newer one (P11), within its pace (P13)',
  async run(rig) {
    const world = await createWorld(3);
    // The read models follow in virtual time: keep it moving.
    const moving = setInterval(() => void world.time.advance(5), 5);
    const skus = await rig.seed(SKUS, 1_000);
    const watched = watchCalls(rig.connector);
    const publishing = await publishTo(watched.connector, world, skus);
    const watching = watch(rig, skus);
    try {
      let figure = 590;
      for (const faults of FAULTS) {
        // A connector that reads before it writes would meet each of them twice, and the breaker would open.
        rig.setFaults({ ...faults, ...HITS, on: ['publish', 'bulk'] });
        const before = watched.troubled();
        // A channel that takes five calls a second meets a fault later than one that takes hundreds.
        for (let n = 0; n < CHANGES_MIN || (watched.troubled() === before && n < CHANGES_MAX); n += 1) {
          figure -= 1;
          await world.set('shop', skus[(figure * 7) % skus.length]!, figure);
          await pause(CHANGE_EVERY_MS);
        }
      }
      rig.setFaults({});
      await expect
        .poll(
          async () => {
            await rig.settle?.();
            return publishing.status('shop');
          },
          { timeout: CONVERGES_MS },
        )
        .toMatchObject({ backlog: 0, inFlight: 0 });
      await rig.settle?.();
      const figures = Object.fromEntries(world.figures('shop'));
      await expect.poll(() => Object.fromEntries(skus.map((sku) => [sku, rig.shown(sku)]))).toEqual(figures);
      expect(watching.rises, 'an older value came over a newer one').toEqual([]);
      expect(worstWindow(watched.at, rig.connector.declares), 'batches over rate × window + burst').toBeLessThanOrEqual(
        0,
      );
      const calls = rig.calls().filter(({ kind }) => kind === 'publish').length;
      expect(calls, 'calls of one batch, each over rate × window').toBeLessThanOrEqual(watched.at.length);
      expect(watched.troubled(), 'calls that met a fault').toBeGreaterThanOrEqual(TROUBLED_MIN);
    } finally {
      watching.stop();
      await publishing.close(200);
      clearInterval(moving);
      world.end();
    }
  },
};
const CONVERGES_MS = 50_000;
/** A call without an answer is waited out. One that a busy machine makes so late is told again, as it would be in life. */
const CALL_MS = 600;

async function publishTo(connector: Connector, world: World, skus: readonly string[]) {
  for (const sku of skus) await world.set('shop', sku, 600);
  const policy = channelPolicy('shop', { ratePerSecond: RATE, burst: BURST, timeoutMs: CALL_MS });
  return startPublishing({
    ...world.readModel(),
    log: world.log,
    policy: policyOf([policy]),
    connect: () => connector,
    clock: systemClock,
    timers: systemTimers,
    random: () => 0.2,
    hashes: systemHashes,
  });
}

/** Looks every few milliseconds: an old value stays at least until the figure is told again. */
function watch(rig: ChannelRig, skus: readonly string[]) {
  const least = new Map<string, number>();
  const rises: string[] = [];
  const look = () => {
    for (const sku of skus) {
      const shown = rig.shown(sku);
      if (shown === undefined) continue;
      const before = least.get(sku) ?? shown;
      if (shown > before) rises.push(`${sku}: ${before} → ${shown}`);
      least.set(sku, Math.min(before, shown));
    }
  };
  const timer = setInterval(look, 3);
  return { rises, stop: () => clearInterval(timer) };
}

/** When each batch left: the publisher's side, because calls that leave in time may arrive in a bunch. */
function watchCalls(given: Connector) {
  const at: number[] = [];
  let troubled = 0;
  const publish: Connector['publish'] = async (batch, signal) => {
    at.push(performance.now());
    const reply = await given.publish(batch, signal);
    if (unanimously(reply, batch.updates) !== 'confirmed') troubled += 1;
    return reply;
  };
  return { at, troubled: () => troubled, connector: { ...given, publish } };
}
const [CHANGES_MIN, CHANGES_MAX] = [10, 25];
/** Of nine faults: some hit the other calls that a batch may need. */
const TROUBLED_MIN = 3;

/** By how many calls the worst of all windows is over what is allowed. */
function worstWindow(times: readonly number[], { ratePerSecondMax = RATE, burstMax = BURST }: Declaration): number {
  const [rate, burst] = [Math.min(RATE, ratePerSecondMax), Math.min(BURST, burstMax)];
  let worst = Number.NEGATIVE_INFINITY;
  for (const [from, start] of times.entries()) {
    for (let to = from; to < times.length; to += 1) {
      const windowMs = times[to]! - start + ROUNDING_MS;
      worst = Math.max(worst, to - from + 1 - (burst + (rate * windowMs) / 1_000));
    }
  }
  return worst;
}
/** The publisher reads the clock a moment before the call leaves. */
const ROUNDING_MS = 5;

export const PUBLISHING_CHECKS: readonly Check[] = [converges];

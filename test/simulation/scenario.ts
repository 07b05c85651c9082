// What one seed makes of the world: the retailer and its policy, and how often what goes wrong. Small numbers on
// purpose: few stocks, few units and short queues make everything collide.
import { compilePolicy, type Policy, type PolicyDocumentJson, PolicyShape } from '../../domain/channel/policy.ts';
import type { Chance } from './chance.ts';
import type { LogShape } from './simulated-log.ts';
import { drawWeather, type LogWeather } from './weather.ts';

export interface Scenario {
  readonly seed: number;
  readonly steps: number;
  /** The log is another machine and a second process writes to it; else a crash tears the log itself. */
  readonly remote: boolean;
  readonly skus: readonly string[];
  readonly locations: readonly string[];
  readonly policy: Policy;
  readonly ordering: ReadonlyMap<string, 'version' | 'arrival'>;
  readonly logShape: LogShape;
  readonly weather: LogWeather;
  readonly residentMax: number;
  readonly flushEventsMax: number;
  /** Facts for one stock at the opening, so many that a snapshot is due; 0: none. */
  readonly opening: number;
  /** Probability that a request or an answer is lost between client and server. */
  readonly networkLoss: number;
  readonly snapshotDamage: number;
  /** Probability of a fault per call of a channel. */
  readonly channelFaults: number;
  /** Weight of each kind of disaster in the choice of the next step; many are impossible in any one seed. */
  readonly disasters: Readonly<Record<Disaster, number>>;
  /** Weight of each kind of step, and of each kind of trade and fact in it. */
  readonly acts: Readonly<Record<Act, number>>;
  readonly trades: Readonly<Record<Trade, number>>;
  readonly facts: Readonly<Record<FactKind, number>>;
  /** Probability that a process is killed where a workflow has asked a stock, or been answered, and not written it down. */
  ambush: number;
}

export const DISASTERS = [
  'crash',
  'stop',
  'second',
  'log outage',
  'log restart',
  'channel outage',
  'refusals',
  'poison',
  'clock',
  'rebuild',
  'long pause',
] as const;
export type Disaster = (typeof DISASTERS)[number];

/** Usual weights, of all but trade in a thousand steps. */
const ACTS = { trade: 780, disaster: 40, rush: 20, repeats: 140, backup: 20 } as const;
export type Act = keyof typeof ACTS;
const TRADES = { fact: 55, request: 33, 'channel sale': 4, 'transfer facts': 4, order: 8, transfer: 5 } as const;
export type Trade = keyof typeof TRADES;
const FACTS = {
  receipt: 35,
  sale: 30,
  return: 8,
  adjustment: 5,
  count: 10,
  quarantine: 4,
  disposition: 4,
  life: 4,
} as const;
export type FactKind = keyof typeof FACTS;

export const CHANNEL_TIMEOUT_MS = 5_000;

export function drawScenario(seed: number, chance: Chance, stepsWished?: number): Scenario {
  const remote = chance.maybe(0.5);
  const skus = ['A', 'B', 'C', 'D'].slice(0, chance.between(2, 4));
  const locations = ['north', 'south', 'depot'].slice(0, chance.between(2, 3));
  const orders = { backOrders: seed % 2 === 0 ? 'oldestFirst' : 'byHand' } as const;
  const document = { ...drawPolicy(chance, skus, locations), orders };
  const policy = compilePolicy(PolicyShape.parse(document));
  return {
    seed,
    steps: stepsWished ?? chance.between(500, 700),
    remote,
    skus,
    locations,
    policy,
    ordering: new Map(policy.channels.map(({ id }) => [id, chance.maybe(0.3) ? 'arrival' : 'version'])),
    // Beyond 2^53 and far apart: a position that went through a Number would not come back.
    logShape: chance.maybe(0.5) ? { start: 0n, strideMax: 1 } : { start: 2n ** 53n + 1n, strideMax: 1_000 },
    weather: drawWeather(chance, remote),
    residentMax: chance.wide(1, 12),
    flushEventsMax: chance.wide(5, 200),
    opening: chance.maybe(0.2) ? chance.between(257, 300) : 0,
    networkLoss: chance.maybe(0.5) ? chance.next() * 0.1 : 0,
    snapshotDamage: chance.maybe(0.3) ? 0.2 : 0,
    channelFaults: chance.maybe(0.7) ? chance.next() * 0.4 : 0,
    disasters: Object.fromEntries(
      DISASTERS.map((name) => [name, chance.maybe(0.5) ? chance.wide(1, 100) : 0]),
    ) as Scenario['disasters'],
    acts: { ...swarm(chance, ACTS, 0.15), trade: ACTS.trade },
    trades: { ...swarm(chance, TRADES, 0.3), fact: TRADES.fact },
    facts: { ...swarm(chance, FACTS, 0.25), receipt: FACTS.receipt, sale: FACTS.sale },
    ambush: chance.maybe(0.4) ? chance.wide(1, 50) / 1_000 : 0,
  };
}

/**
 * Swarm testing (Groce et al., 2012): a seed leaves kinds out altogether and does others far more often than usual, because
 * what is always mixed in hides what only shows without it.
 */
function swarm<K extends string>(chance: Chance, usual: Readonly<Record<K, number>>, left: number): Record<K, number> {
  const names = Object.keys(usual) as K[];
  const drawn = names.map((name) => [name, chance.maybe(left) ? 0 : (usual[name] * chance.wide(25, 400)) / 100]);
  return Object.fromEntries(drawn) as Record<K, number>;
}

function drawPolicy(chance: Chance, skus: readonly string[], locations: readonly string[]): PolicyDocumentJson {
  const some = <T>(list: readonly T[]) => {
    const chosen = list.filter(() => chance.maybe(0.7));
    return chosen.length === 0 ? [list[0]!] : chosen;
  };
  const names = ['web', 'market', 'partner'].slice(0, chance.between(2, 3));
  return {
    version: 'simulated-1',
    duplicateWindowDays: 2,
    locations: locations.map((id) => ({ id, ...(chance.maybe(0.4) ? { safetyStock: chance.between(1, 3) } : {}) })),
    safetyStock: chance.maybe(0.4) ? [{ sku: skus[0]!, location: locations[0]!, units: chance.between(0, 5) }] : [],
    channels: names.map((id) => {
      const pool = some(locations);
      const ratePerSecond = chance.pick([0.5, 2, 10]);
      return {
        id,
        locations: pool,
        buffer: chance.maybe(0.4) ? chance.between(1, 3) : 0,
        percentage: chance.maybe(0.3) ? chance.between(30, 90) : 100,
        ...(chance.maybe(0.2) ? { cap: chance.between(3, 10) } : {}),
        quotas: chance.maybe(0.3)
          ? [{ sku: chance.pick(skus), location: chance.pick(pool), units: chance.between(1, 6) }]
          : [],
        connector: {
          type: 'http' as const,
          url: 'http://127.0.0.1:9/availability',
          secretEnv: 'SECRET',
          batchSize: chance.pick([1, 2, 100]),
          ratePerSecond,
          burst: chance.between(1, 5),
          timeoutMs: CHANNEL_TIMEOUT_MS,
        },
      };
    }),
  };
}

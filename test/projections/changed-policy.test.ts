// The figures under another policy, made of those before: the same as computed anew, and what is told of it leads there.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { availableToSell } from '../../domain/channel/available-to-sell.ts';
import { compilePolicy, type Policy, type PolicyDocument } from '../../domain/channel/policy.ts';
import type { RecordedEvent } from '../../domain/event-log.ts';
import { createPools, type Pools } from '../../projections/available-to-sell.ts';
import { poolsUnder } from '../../projections/changed-policy.ts';
import { tellDifferences } from '../../projections/figure-differences.ts';
import { createStockLevels, type StockLevels } from '../../projections/stock-levels.ts';
import { anyPolicy } from '../support/any-policy.ts';
import { aPolicy, aReceipt, arbitraryCommands, historyOf, recorded } from '../support/stock-history.ts';

/** A policy after another: some channels of it as they were, some gone, some come; often little else is different. */
const nextPolicy = fc
  .record({
    other: anyPolicy,
    keeps: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
    gone: fc.integer({ min: 0, max: 5 }),
    safety: fc.boolean(),
    perSku: fc.boolean(),
  })
  .map(({ other, keeps, gone, safety, perSku }) => (before: PolicyDocument): Policy => {
    const channels = other.document.channels.map(
      (channel, n) => (keeps[n] ? before.channels.find(({ id }) => id === channel.id) : undefined) ?? channel,
    );
    return compilePolicy({
      ...other.document,
      locations: safety ? other.document.locations : before.locations,
      safetyStock: perSku ? other.document.safetyStock : before.safetyStock,
      channels: channels.filter((_, n) => n !== gone),
    });
  });

function figures(pools: Pools, { table }: StockLevels): ReadonlyMap<string, number> {
  const all = new Map<string, number>();
  for (const channel of pools.policy.channels) {
    for (let sku = 0; sku < table.skus.size; sku++) {
      const pool = pools.pool(channel.id, sku);
      if (pool !== undefined) all.set(`${channel.id} ${table.skus.name(sku)}`, availableToSell(pool, channel));
    }
  }
  return all;
}

describe('the figures under another policy', () => {
  // Seen failing: a location that left the pool without `isHeld` (0 in place of no figure), and SKUs with safety stock of
  // their own moved by location only.
  it('are the same as computed anew, and go on to be', () => {
    fc.assert(
      fc.property(
        arbitraryCommands({ maxLength: 60 }),
        anyPolicy,
        fc.array(nextPolicy, { minLength: 1, maxLength: 4 }),
        (commands, first, changes) => {
          const events = recorded(historyOf(commands, first));
          const levels = createStockLevels();
          const told = new Map<string, number>();
          const tell = (channel: string, sku: string, before: number, after: number) => {
            expect(told.get(`${channel} ${sku}`) ?? 0).toBe(before);
            told.set(`${channel} ${sku}`, after);
          };
          let pools = createPools(levels, first, -1n, tell);
          pools.follow();
          const share = Math.ceil(events.length / (changes.length + 1));
          let next = 0;
          const fold = (some: readonly RecordedEvent[]) => {
            for (const event of some) levels.apply(event);
          };
          for (const change of changes) {
            fold(events.slice(next, next + share));
            next += share;
            const old = { pools, levels };
            pools = poolsUnder(pools, change(pools.policy.document), levels, BigInt(next), tell);
            pools.follow();
            tellDifferences(old, { pools, levels }, tell);
            const anew = createPools(levels, pools.policy, 0n, () => {});
            const now = figures(pools, levels);
            expect(now).toEqual(figures(anew, levels));
            for (const [name, units] of told) expect(units).toBe(now.get(name) ?? 0);
            for (const [name, units] of now) expect(told.get(name)).toBe(units);
          }
          fold(events.slice(next));
          expect(figures(pools, levels)).toEqual(
            figures(
              createPools(levels, pools.policy, 0n, () => {}),
              levels,
            ),
          );
        },
      ),
      { numRuns: 150 },
    );
  });

  const channels = (change: object = {}) => [
    { id: 'webshop', locations: ['store-1', 'warehouse'], ...change },
    { id: 'till', locations: ['store-1'] },
  ];
  function between(before: Policy, after: Policy) {
    const levels = createStockLevels();
    const stocks = ['A~store-1', 'A~warehouse', 'B~warehouse'];
    stocks.forEach((name, n) => {
      levels.apply({ ...aReceipt(name, 10), stream: `stock-${name}`, revision: 0, position: BigInt(n) });
    });
    const old = { pools: createPools(levels, before, 2n, () => {}), levels };
    const pools = poolsUnder(old.pools, after, levels, 2n, () => {});
    const told: unknown[] = [];
    tellDifferences(old, { pools, levels }, (...change) => told.push(change.slice(0, 4)));
    return { old: old.pools, pools, told };
  }

  it('are told as gone when the only location of an SKU leaves the pool', () => {
    const { told, pools, old } = between(
      aPolicy({ channels: channels() }),
      aPolicy({ channels: channels({ locations: ['store-1'] }) }),
    );
    expect(told).toEqual([
      ['webshop', 'A', 20, 10],
      ['webshop', 'B', 10, 0],
    ]);
    expect(pools.pool('webshop', 1)).toBeUndefined();
    expect(pools.columns.get('till')!.units).toBe(old.columns.get('till')!.units);
  });

  it('are told as gone with their channel', () => {
    const { told } = between(aPolicy({ channels: channels() }), aPolicy({ channels: channels().slice(0, 1) }));
    expect(told).toEqual([['till', 'A', 10, 0]]);
  });

  it('are the same objects for a channel that nothing concerns', () => {
    const { told, pools, old } = between(
      aPolicy({ channels: channels() }),
      aPolicy({ channels: channels(), safetyStock: [{ sku: 'A', location: 'warehouse', units: 3 }] }),
    );
    expect(told).toEqual([['webshop', 'A', 20, 17]]);
    expect(pools.columns.get('till')!.units).toBe(old.columns.get('till')!.units);
  });
});

// Figures of bundles: the least that a component makes, told when a component changes it, listed among all SKUs.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMemoryLog } from '../../adapters/event-log/memory.ts';
import type { BundleDefinition } from '../../domain/bundle/definition.ts';
import type { Policy } from '../../domain/channel/policy.ts';
import type { RecordedEvent } from '../../domain/event-log.ts';
import { createAvailabilityView } from '../../projections/availability-view.ts';
import { createPools, type OnFigure } from '../../projections/available-to-sell.ts';
import { tellWithBundles } from '../../projections/bundle-changes.ts';
import { withBundles } from '../../projections/bundle-view.ts';
import { openReadModel } from '../../projections/read-model.ts';
import { createStockLevels } from '../../projections/stock-levels.ts';
import { realTime, temporaryDirectory } from '../support/read-side.ts';
import { aPolicy, aReceipt, arbitraryCommands, CHANNELS, historyOf, recorded, SKUS } from '../support/stock-history.ts';

const channels = CHANNELS.map((id, n) => ({
  id,
  locations: ['store-1', 'store-2', 'warehouse'].slice(n),
  buffer: n,
  ...(n === 1 ? { cap: 9 } : undefined),
}));

/** Bundles over the SKUs of the histories and one that is never there; `B-1` may have stock and be a bundle. */
const anyBundles: fc.Arbitrary<BundleDefinition[]> = fc.uniqueArray(
  fc.record({
    sku: fc.constantFrom('KIT', 'A-kit', 'B-1', 'z'),
    components: fc.uniqueArray(
      fc.record({
        sku: fc.constantFrom('A', 'A', 'b', 'b', 'never'),
        quantity: fc.integer({ min: 1, max: 3 }),
      }),
      { minLength: 1, maxLength: 3, selector: ({ sku }) => sku },
    ),
  }),
  { maxLength: 4, selector: ({ sku }) => sku },
);

function viewOver(policy: Policy, tell: OnFigure) {
  const levels = createStockLevels();
  const serving = { bundles: policy.bundles, units: (channel: string, sku: string) => plain.units(channel, sku) };
  const pools = createPools(levels, policy, -1n, tellWithBundles(serving, tell));
  pools.follow();
  let position = -1n;
  const plain = createAvailabilityView({ table: () => levels.table, pools: () => pools, position: () => position });
  const fold = (event: RecordedEvent) => {
    position = event.position;
    levels.apply(event);
  };
  return { plain, view: withBundles(plain, () => policy.bundles), fold };
}

describe('figures of bundles', () => {
  // Seen failing: the component's new units taken for its old ones (a change was not told), a bundle told only by its
  // first component, the stock of an SKU that is a bundle told as its figure, and its own pool answered for a bundle's.
  it('P6: after every event each is the least its components make, ≥ 0, explained, and told as it changed', () => {
    fc.assert(
      fc.property(arbitraryCommands({ maxLength: 50 }), anyBundles, (commands, bundles) => {
        const policy = aPolicy({ channels, bundles });
        const told = new Map<string, number>();
        const { plain, view, fold } = viewOver(policy, (channel, sku, before, after) => {
          expect(before).toBe(told.get(`${channel} ${sku}`) ?? 0);
          told.set(`${channel} ${sku}`, after);
        });
        for (const event of recorded(historyOf(commands, policy))) {
          fold(event);
          for (const { id: channel } of policy.channels) {
            for (const { sku, components } of bundles) {
              const parts = components.map((part) => plain.units(channel, part.sku));
              const made = components.map(({ quantity }, n) => Math.floor((parts[n] ?? 0) / quantity));
              const units = parts.every((part) => part === undefined) ? undefined : Math.min(...made);
              expect(view.units(channel, sku)).toBe(units);
              expect(told.get(`${channel} ${sku}`)).toBe(units);
              const pools = components.map((part) => plain.pool(channel, part.sku));
              const pooled = components.map(({ quantity }, n) => Math.floor((pools[n] ?? 0) / quantity));
              expect(view.pool(channel, sku)).toBe(units === undefined ? undefined : Math.min(...pooled));
              expect(view.explain(channel, sku)?.units).toBe(units);
              expect(view.explain(channel, sku)?.bundle?.components.map(({ makes }) => makes)).toEqual(
                units === undefined ? undefined : made,
              );
              expect(units ?? 0).toBeGreaterThanOrEqual(0);
            }
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  // Seen failing: bundles beyond the end of a page (one was listed twice), and no end to a page of them.
  it('are listed in order among all others, whatever the size of a page, each once', () => {
    fc.assert(
      fc.property(
        arbitraryCommands({ maxLength: 25 }),
        anyBundles,
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom(undefined, 'A', 'b', 'K', 'n'),
        fc.boolean(),
        (commands, bundles, limit, prefix, inStock) => {
          const policy = aPolicy({ channels, bundles });
          const { view, fold } = viewOver(policy, () => {});
          for (const event of recorded(historyOf(commands, policy))) fold(event);
          for (const { id: channel } of policy.channels) {
            const listed: string[] = [];
            for (let after: string | undefined; ; ) {
              const options = { limit, inStock, ...(prefix && { prefix }), ...(after && { after }) };
              const { rows, next } = view.page(channel, options);
              expect(rows.length).toBeLessThanOrEqual(limit);
              for (const { sku, units } of rows) expect(units).toBe(view.units(channel, sku));
              listed.push(...rows.map(({ sku }) => sku));
              if (next === undefined) break;
              after = next;
            }
            const all = [...new Set([...SKUS, ...policy.bundles.skus])].sort().filter((sku) => {
              const units = view.units(channel, sku);
              return units !== undefined && sku.startsWith(prefix ?? '') && (!inStock || units > 0);
            });
            expect(listed).toEqual(all);
            if (prefix === undefined && !inStock) expect([...view.skus(channel)].sort()).toEqual(all);
          }
        },
      ),
    );
  });

  it('follow a policy: another definition, no definition, a new one; and a rebuild', async () => {
    const directory = temporaryDirectory();
    const log = createMemoryLog();
    const web = [{ id: 'web', locations: ['store-1'] }];
    const withKit = (version: string, quantity?: number) =>
      aPolicy({
        version,
        channels: web,
        bundles: quantity === undefined ? [] : [{ sku: 'KIT', components: [{ sku: 'A', quantity }] }],
      });
    const model = await openReadModel({ log, directory: directory.path, policy: withKit('1', 2), time: realTime });
    const heard: unknown[] = [];
    model.availability.onChange((...change) => heard.push(change));
    await log.append('stock-A~store-1', -1, [aReceipt('1', 9)]);
    await model.waitFor(0n, 5_000);
    model.setPolicy(withKit('2', 3));
    model.setPolicy(withKit('3'));
    expect(model.availability.units('web', 'KIT')).toBeUndefined();
    model.setPolicy(withKit('4', 1));
    await model.rebuild();
    await log.append('stock-A~store-1', 0, [aReceipt('2', 5)]);
    await model.waitFor(1n, 5_000);
    expect(heard).toEqual([
      ['web', 'A', 0, 9],
      ['web', 'KIT', 0, 4],
      ['web', 'KIT', 4, 3],
      ['web', 'KIT', 3, 0],
      ['web', 'KIT', 0, 9],
      ['web', 'A', 9, 5],
      ['web', 'KIT', 9, 5],
    ]);
    expect(model.availability.explain('web', 'KIT')).toMatchObject({
      policyVersion: '4',
      bundle: { version: '4', components: [{ sku: 'A', quantity: 1, units: 5, makes: 5, pool: 5 }] },
    });
    await model.close();
    directory.remove();
  });

  it('cost a change the bundles of its component, however many there are', () => {
    const bundles = Array.from({ length: 2_000 }, (_, n) => ({
      sku: `KIT-${n}`,
      components: [{ sku: n === 7 ? 'A' : 'B-1', quantity: 1 }],
    }));
    const policy = aPolicy({ channels, bundles });
    let asked = 0;
    const serving = {
      bundles: policy.bundles,
      units: () => {
        asked += 1;
        return 1;
      },
    };
    const told: string[] = [];
    tellWithBundles(serving, (_, sku) => told.push(sku))('webshop', 'A', 0, 5, true);
    expect(told).toEqual(['A', 'KIT-7']);
    expect(asked).toBe(0);
  });
});

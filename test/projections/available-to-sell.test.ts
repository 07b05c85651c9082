import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { availableToSell, contribution } from '../../domain/channel/available-to-sell.ts';
import type { Policy } from '../../domain/channel/policy.ts';
import type { RecordedEvent } from '../../domain/event-log.ts';
import { readStockEvent } from '../../domain/stock/events.ts';
import { evolve } from '../../domain/stock/evolve.ts';
import { emptyStock, type Stock } from '../../domain/stock/stock.ts';
import { parseStockStream } from '../../domain/stock/stream.ts';
import { createAvailabilityView } from '../../projections/availability-view.ts';
import { createPools, type Pools } from '../../projections/available-to-sell.ts';
import { poolsUnder } from '../../projections/changed-policy.ts';
import { createStockLevels } from '../../projections/stock-levels.ts';
import { anyPolicy } from '../support/any-policy.ts';
import { aPolicy, aReceipt, arbitraryCommands, historyOf, recorded, SKUS } from '../support/stock-history.ts';

/** The figure worked out from the streams alone, the slow and obvious way; undefined: no location ever held it. */
function figureFromScratch(events: readonly RecordedEvent[], policy: Policy, channelId: string, wanted: string) {
  const channel = policy.channel(channelId)!;
  const stocks = new Map<string, Stock>();
  for (const event of events) {
    const name = parseStockStream(event.stream)!;
    if (name.sku !== wanted || !channel.locations.includes(name.location)) continue;
    stocks.set(name.location, evolve(stocks.get(name.location) ?? emptyStock(), readStockEvent(event)));
  }
  if (stocks.size === 0) return undefined;
  let pool = 0;
  for (const [at, stock] of stocks) {
    if (stock.life !== 'active') continue;
    const reservedBy = (other: string) => stock.reservedByChannel.get(other) ?? 0;
    pool += contribution(
      stock.levels,
      policy.safetyStock(wanted, at),
      policy.quotas(wanted, at),
      reservedBy,
      channelId,
    );
  }
  return availableToSell(pool, channel);
}

function viewOver(policy: Policy, onFigure: Parameters<typeof createPools>[3] = () => {}) {
  const levels = createStockLevels();
  let position = -1n;
  let pools: Pools = createPools(levels, policy, position, onFigure);
  pools.follow();
  const view = createAvailabilityView({ table: () => levels.table, pools: () => pools, position: () => position });
  return {
    view,
    fold(event: RecordedEvent) {
      position = event.position;
      levels.apply(event);
    },
    setPolicy(next: Policy) {
      pools = poolsUnder(pools, next, levels, position, onFigure);
      pools.follow();
    },
  };
}

describe('available-to-sell', () => {
  // Seen failing: `before` left out of the watcher (a pool grew by the whole contribution at each event), and quotas
  // looked up without `reservedBy`.
  it('P6: after every event each figure is what the streams say, is ≥ 0, and its explanation adds up to it', () => {
    fc.assert(
      fc.property(arbitraryCommands({ maxLength: 60 }), anyPolicy, anyPolicy, (commands, policy, later) => {
        const events = recorded(historyOf(commands, policy));
        const { view, fold, setPolicy } = viewOver(policy);
        const check = (under: Policy, upTo: number) => {
          for (const { id: channel } of under.channels) {
            for (const wanted of SKUS) {
              const figure = view.units(channel, wanted);
              expect(figure).toBe(figureFromScratch(events.slice(0, upTo), under, channel, wanted));
              const explained = view.explain(channel, wanted);
              expect(explained?.units).toBe(figure);
              if (explained === undefined) continue;
              expect(explained.units).toBeGreaterThanOrEqual(0);
              let pool = 0;
              for (const part of explained.locations) {
                const { onHand, reserved, quarantined } = part.levels;
                expect(part.available).toBe(onHand - reserved - quarantined);
                const free = Math.max(0, part.available - part.safetyStock - part.quotasOfOthers);
                expect(part.units).toBe(part.life === 'active' ? free : 0);
                pool += part.units;
              }
              expect(explained.pool).toBe(pool);
              expect(availableToSell(explained.pool, explained.terms)).toBe(figure);
            }
          }
        };
        events.forEach((event, n) => {
          fold(event);
          if (n % 5 === 0 || n === events.length - 1) check(policy, n + 1);
        });
        setPolicy(later);
        check(later, events.length);
      }),
      { numRuns: 40 },
    );
  });

  // Seen failing: `move` that told only increases.
  it('tells every change of a figure once, in order, with what it was before', () => {
    fc.assert(
      fc.property(arbitraryCommands({ maxLength: 60 }), anyPolicy, (commands, policy) => {
        const told = new Map<string, number>();
        const { view, fold } = viewOver(policy, (channel, changed, before, after) => {
          expect(before).toBe(told.get(`${channel} ${changed}`) ?? 0);
          told.set(`${channel} ${changed}`, after);
        });
        for (const event of recorded(historyOf(commands, policy))) fold(event);
        for (const { id } of policy.channels) {
          for (const wanted of SKUS) expect(told.get(`${id} ${wanted}`)).toBe(view.units(id, wanted));
        }
      }),
      { numRuns: 50 },
    );
  });

  it('given quotas, when their channel reserves, then its own part protects that much less', () => {
    const policy = aPolicy({
      channels: [
        { id: 'webshop', locations: ['store-1'], quotas: [{ sku: 'A', location: 'store-1', units: 6 }] },
        { id: 'till', locations: ['store-1'] },
      ],
    });
    const { view, fold } = viewOver(policy);
    const receipt = aReceipt('1', 10);
    fold({ ...receipt, stream: 'stock-A~store-1', revision: 0, position: 0n });
    expect([view.units('webshop', 'A'), view.units('till', 'A')]).toEqual([10, 4]);
    const made = {
      ...receipt.data,
      reservationId: 'r',
      channel: 'webshop',
      owner: 'o',
      expiresAt: 1,
      quantity: 5,
      levels: { onHand: 10, reserved: 5, quarantined: 0, inTransitIn: 0, inTransitOut: 0 },
    };
    fold({
      id: '2',
      type: 'ReservationMade',
      data: made,
      metadata: {},
      stream: 'stock-A~store-1',
      revision: 1,
      position: 1n,
    });
    expect([view.units('webshop', 'A'), view.units('till', 'A')]).toEqual([5, 4]);
    expect(view.explain('till', 'A')!.locations[0]!.quotasOfOthers).toBe(1);
  });

  it('given a frozen stock, then it contributes nothing and says why, until it is unfrozen', () => {
    const { view, fold } = viewOver(aPolicy({ channels: [{ id: 'till', locations: ['store-1'] }] }));
    const at = { ...aReceipt('1', 7), stream: 'stock-A~store-1' };
    fold({ ...at, revision: 0, position: 0n });
    fold({ ...at, type: 'StockFrozen', data: { ...at.data, life: 'frozen' }, revision: 1, position: 1n });
    expect(view.units('till', 'A')).toBe(0);
    expect(view.explain('till', 'A')!.locations[0]).toMatchObject({ life: 'frozen', units: 0, available: 7 });
    fold({ ...at, type: 'StockUnfrozen', data: { ...at.data, life: 'active' }, revision: 2, position: 2n });
    expect(view.units('till', 'A')).toBe(7);
  });
});

describe('pages of a channel', () => {
  // Seen failing: `placeAfter` with `inclusive` ignored (a prefix that is itself a SKU lost it).
  it('walk exactly the SKUs of the channel in code-unit order, whatever the page size, prefix and filter', () => {
    const name = fc.stringMatching(/^[ab][ab-]{0,4}[ab]$/);
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(name, fc.integer({ min: 0, max: 2 })), { maxLength: 40, selector: ([id]) => id }),
        fc.integer({ min: 1, max: 7 }),
        fc.constantFrom('', 'a', 'ab', 'b-', 'zz'),
        fc.boolean(),
        (skus, limit, prefix, inStock) => {
          const { view, fold } = viewOver(aPolicy({ channels: [{ id: 'till', locations: ['store-1'] }] }));
          skus.forEach(([id, onHand], n) => {
            const at = n % 7 === 6 ? 'store-2' : 'store-1';
            fold({ ...aReceipt(id, onHand), stream: `stock-${id}~${at}`, revision: 0, position: BigInt(n) });
            if (n % 5 === 0) view.page('till', { limit: 1 }); // sorted early: what follows must be merged in
          });
          const wanted = skus
            .filter(([id, onHand], n) => n % 7 !== 6 && id.startsWith(prefix) && (!inStock || onHand > 0))
            .map(([id, onHand]) => ({ sku: id, units: onHand }))
            .sort((a, b) => (a.sku < b.sku ? -1 : 1));
          const walked = [];
          let after: string | undefined;
          for (let pages = 0; pages < 100; pages++) {
            const page = view.page('till', { limit, prefix, inStock, ...(after === undefined ? {} : { after }) });
            expect(page.rows.length).toBeLessThanOrEqual(limit);
            walked.push(...page.rows);
            after = page.next;
            if (after === undefined) break;
          }
          expect(walked).toEqual(wanted);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('answers nothing for an unknown channel or SKU', () => {
    const { view } = viewOver(aPolicy());
    expect(view.page('nowhere', { limit: 10 })).toEqual({ rows: [] });
    expect([view.units('till', 'A'), view.explain('till', 'A'), view.stock('A', 'store-1')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(view.stockOf('A')).toEqual([]);
  });
});

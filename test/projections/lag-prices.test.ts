// Lag prices kept up step by step equal prices made afresh, whatever the order of events and slices; what is told is each
// change once; and after a restart or a replay every figure is the same (P8).
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecordedEvent } from '../../domain/event-log.ts';
import { STEP_MS } from '../../domain/signals/decay.ts';
import { HOUR } from '../../domain/time.ts';
import { createPools } from '../../projections/available-to-sell.ts';
import { createLagPrices } from '../../projections/lag-prices.ts';
import { createStockLevels } from '../../projections/stock-levels.ts';
import { createVelocity } from '../../projections/velocity.ts';
import { aPolicy, arbitraryCommands, historyOf, recorded, SKUS } from '../support/stock-history.ts';

const TERMS = { targetOversellProbability: 0.05, unitsMin: 1, unitsMax: 8, halfLifeHours: 1 } as const;
const POLICY = aPolicy({
  channels: [
    { id: 'marketplace', locations: ['store-1', 'warehouse'], lagPriced: TERMS },
    { id: 'webshop', locations: ['store-1', 'store-2'], buffer: 1, lagPriced: { ...TERMS, halfLifeHours: 24 } },
    { id: 'till', locations: ['store-1'] },
  ],
});

/** What the log says of a batch that was `lagMs` behind. */
function published(channel: string, lagMs: number): Pick<RecordedEvent, 'stream' | 'type' | 'data'> {
  const times = { startedAt: 0, finishedAt: 0, version: '0', floor: '0', lagMs };
  const data = { v: 1, batchId: 'b', ...times, acknowledgement: 'applied', updates: [['A', 1, 'confirmed']] };
  return { stream: `channel-${channel}`, type: 'AvailabilityPublished', data: { ...data, reasons: [] } };
}

/** Stock events and batches mixed, with jumps of time: as minutes by which everything after an event is later. */
const histories = fc
  .tuple(
    arbitraryCommands({ minLength: 20, maxLength: 120 }),
    fc.array(
      fc.record({
        at: fc.nat(120),
        channel: fc.constantFrom('marketplace', 'webshop'),
        lagMs: fc.integer({ min: 0, max: 8 * HOUR }),
        jumpMinutes: fc.constantFrom(0, 0, 0, 7, 60, 600, -30, -90),
      }),
      { maxLength: 12 },
    ),
  )
  .map(([commands, batches]) => {
    let shift = 0;
    const events = recorded(historyOf(commands, POLICY)).flatMap((event, n) => {
      const here = batches.filter(({ at }) => at === n);
      for (const { jumpMinutes } of here) shift += jumpMinutes * 60_000;
      const recordedAt = (event.data['recordedAt'] as number) + shift;
      const frame = { id: '', metadata: {}, revision: 0, position: 0n };
      return [
        ...here.map(({ channel, lagMs }) => ({ ...frame, ...published(channel, lagMs) })),
        { ...event, data: { ...event.data, recordedAt } },
      ];
    });
    return events.map((event, n) => ({ ...event, position: BigInt(n) }));
  });

function folded(events: readonly RecordedEvent[]) {
  const [levels, velocity] = [createStockLevels(), createVelocity()];
  for (const event of events) {
    levels.apply(event);
    velocity.apply(event);
  }
  return { levels, velocity };
}

const never = () => {};

describe('lag prices', () => {
  // Seen failing: the calendar never read (prices did not fade); a step that came twice, after the clock was set back.
  it('kept up step by step, in slices of any size, equal prices made afresh', () => {
    fc.assert(
      fc.property(histories, fc.integer({ min: 1, max: 3 }), fc.array(fc.nat(4)), (events, sliceRows, turns) => {
        const velocity = createVelocity();
        const waiting: (() => void)[] = [];
        const told = new Map<string, number>();
        const room = {
          channel: 'marketplace',
          terms: TERMS,
          sellsFrom: (location: string) => location !== 'store-2',
          velocity,
        };
        const prices = createLagPrices({
          ...room,
          sliceRows,
          later: (run) => waiting.push(run),
          onPrice(sku, before, after) {
            expect(before).toBe(told.get(sku) ?? TERMS.unitsMin);
            expect(after).not.toBe(before);
            told.set(sku, after);
          },
        });
        velocity.watch(prices.stepBegan);
        events.forEach((event, n) => {
          velocity.apply(event);
          const afresh = createLagPrices({ ...room, onPrice: never });
          for (const sku of SKUS) {
            expect(prices.units(sku)).toBe(afresh.units(sku));
            expect(prices.parts(sku)).toEqual(afresh.parts(sku));
            expect(prices.told(sku)).toBe(told.get(sku) ?? TERMS.unitsMin);
          }
          for (let turn = turns[n % turns.length] ?? 0; turn > 0; turn--) waiting.shift()?.();
        });
        while (waiting.length > 0) waiting.shift()!();
        for (const sku of SKUS) expect(prices.told(sku)).toBe(prices.units(sku));
      }),
      { numRuns: 60 },
    );
  });

  it('P8: figures and explanations after a replay, or restored from pages, are those of the running model', () => {
    fc.assert(
      fc.property(histories, fc.nat(100), (events, cut) => {
        const running = { levels: createStockLevels(), velocity: createVelocity() };
        const told = new Map<string, number>();
        const pools = createPools(
          running.levels,
          POLICY,
          -1n,
          (channel, sku, before, after) => {
            expect(before).toBe(told.get(`${channel} ${sku}`) ?? 0);
            told.set(`${channel} ${sku}`, after);
          },
          running,
        );
        pools.follow();
        events.forEach((event, n) => {
          running.levels.apply(event);
          running.velocity.apply(event);
          if (n !== Math.min(cut, events.length - 1)) return;
          const replayed = folded(events.slice(0, n + 1));
          const restored = { levels: createStockLevels(), velocity: createVelocity() };
          restored.levels.restore([...replayed.levels.takeChangedPages()]);
          restored.velocity.restore([...replayed.velocity.takeChangedPages()]);
          for (const model of [folded(events.slice(0, n + 1)), restored]) {
            const again = createPools(model.levels, POLICY, -1n, never, model);
            for (const { id } of POLICY.channels) {
              for (const sku of SKUS) {
                const here = running.levels.table.skus.find(sku);
                expect(again.figure(id, here)).toBe(pools.figure(id, here));
                expect(told.get(`${id} ${sku}`)).toBe(pools.figure(id, here));
                expect(again.lagPrice(id, sku)).toEqual(pools.lagPrice(id, sku));
              }
            }
          }
        });
      }),
      { numRuns: 60 },
    );
  });

  it('move a figure when a step begins, and only those of the channel that is behind', () => {
    const model = { levels: createStockLevels(), velocity: createVelocity() };
    const told: unknown[] = [];
    const pools = createPools(model.levels, POLICY, -1n, (...figure) => told.push(figure.slice(0, 4)), model);
    pools.follow();
    let position = 0n;
    const fold = (event: Pick<RecordedEvent, 'stream' | 'type' | 'data'>) => {
      const recordedEvent = { id: '', metadata: {}, revision: Number(position), position, ...event };
      position += 1n;
      model.levels.apply(recordedEvent);
      model.velocity.apply(recordedEvent);
    };
    const sale = (at: number, onHand: number) => {
      const levels = { onHand, reserved: 0, quarantined: 0, inTransitIn: 0, inTransitOut: 0 };
      const data = { v: 1, quantity: 1, occurredAt: at, recordedAt: at, levels };
      fold({ stream: 'stock-A~warehouse', type: 'UnitsSold', data });
    };
    for (let n = 0; n < 10; n++) sale(n, 100 - n);
    fold(published('marketplace', HOUR));
    told.length = 0;
    sale(10, 90);
    expect(told).toEqual([['marketplace', 'A', 90, 89]]);
    told.length = 0;
    // 11 units in five minutes, at a half-life of an hour: 0.0561 × 11 a step, 7.0 in an hour (and in its lag).
    sale(STEP_MS, 89);
    expect(told).toEqual([
      ['marketplace', 'A', 89, 88],
      ['marketplace', 'A', 88, 81],
    ]);
    expect(pools.lagPrice('marketplace', 'A')).toMatchObject({ lagMs: 3_670_016, units: 8, unitsMax: 8 });
    expect(pools.lagPrice('till', 'A')).toBeUndefined();
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMemoryLog } from '../../adapters/event-log/memory.ts';
import type { EventLog } from '../../domain/event-log.ts';
import { openReadModel, type ReadModel, type ReadModelOptions } from '../../projections/read-model.ts';
import { createStockLevels, STOCK_LEVELS } from '../../projections/stock-levels.ts';
import { realTime, temporaryDirectory } from '../support/read-side.ts';
import { aPolicy, appendReceipts, aReceipt } from '../support/stock-history.ts';

const POLICY = aPolicy({
  channels: [
    { id: 'webshop', locations: ['store-1', 'warehouse'] },
    { id: 'till', locations: ['store-1'] },
  ],
});

let directory: ReturnType<typeof temporaryDirectory>;
let log: EventLog;
let model: ReadModel;
beforeEach(() => {
  directory = temporaryDirectory();
  log = createMemoryLog();
});
afterEach(async () => {
  await model.close();
  directory.remove();
});

async function open(options: Partial<ReadModelOptions> = {}): Promise<ReadModel> {
  model = await openReadModel({ log, directory: directory.path, policy: POLICY, time: realTime, ...options });
  return model;
}

describe('read model', () => {
  it('given events, then a listener hears each change at its position, and a reader of its write sees it', async () => {
    const { availability } = await open();
    const heard: unknown[] = [];
    const remove = availability.onChange((...change) => heard.push([...change, availability.position()]));
    await log.append('stock-A~warehouse', -1, [aReceipt('1', 4)]);
    const { position } = await log.append('stock-A~store-1', -1, [aReceipt('2', 3)]);
    expect(await availability.waitFor(position, 5_000)).toBe(true);
    expect(heard).toEqual([
      ['webshop', 'A', 0, 4, 0n],
      ['webshop', 'A', 4, 7, 1n],
      ['till', 'A', 0, 3, 1n],
    ]);
    expect(availability.stockOf('A').map((row) => [row.location, row.levels.onHand])).toEqual([
      ['store-1', 3],
      ['warehouse', 4],
    ]);
    expect([availability.changedAt('webshop'), availability.changedAt('till')]).toEqual([1n, 1n]);
    remove();
    await log.append('stock-A~warehouse', 0, [aReceipt('3', 9)]);
    await availability.waitFor(2n, 5_000);
    expect(heard).toHaveLength(3);
    expect(availability.changedAt('till')).toBe(1n);
    expect([...availability.skus('till')]).toEqual(['A']);
  });

  it('given another policy, then every figure is under it at once and what changed is told', async () => {
    const { availability, setPolicy } = await open();
    await log.append('stock-A~store-1', -1, [aReceipt('1', 10)]);
    await log.append('stock-B~warehouse', -1, [aReceipt('2', 1)]);
    await availability.waitFor(1n, 5_000);
    const heard: unknown[] = [];
    availability.onChange((...change) => heard.push(change));
    setPolicy(
      aPolicy({
        version: 'next',
        channels: [
          { id: 'webshop', locations: ['store-1', 'warehouse'], percentage: 50 },
          { id: 'marketplace', locations: ['store-1'], cap: 2 },
        ],
      }),
    );
    expect(heard).toEqual([
      ['webshop', 'A', 10, 5],
      ['webshop', 'B', 1, 0],
      ['marketplace', 'A', 0, 2],
      ['till', 'A', 10, 0],
    ]);
    expect(availability.units('till', 'A')).toBeUndefined();
    expect(availability.explain('webshop', 'A')).toMatchObject({ units: 5, pool: 10, policyVersion: 'next', asOf: 1n });
    await log.append('stock-A~store-1', 0, [aReceipt('3', 20)]);
    await availability.waitFor(2n, 5_000);
    expect(availability.units('webshop', 'A')).toBe(10);
  });

  it('given a lag price, then figures are right from the step on, and are told once, before and after a rebuild', async () => {
    const sale = (n: number, at: number) => {
      const levels = { onHand: 100 - n, reserved: 0, quarantined: 0, inTransitIn: 0, inTransitOut: 0 };
      const data = { v: 1, commandId: `${n}`, source: 'test', occurredAt: at, recordedAt: at, quantity: 1, levels };
      return { id: `sale-${n}`, type: 'UnitsSold', data, metadata: {} };
    };
    const times = { startedAt: 0, finishedAt: 0, version: '0', floor: '0', lagMs: 3_600_000 };
    const batch = {
      v: 1,
      batchId: 'b',
      ...times,
      acknowledgement: 'applied',
      updates: [['A', 1, 'confirmed']],
      reasons: [],
    };
    const lagPriced = { targetOversellProbability: 0.01, unitsMax: 9, halfLifeHours: 1 as const };
    const channels = [{ id: 'webshop', locations: ['warehouse'], lagPriced }];
    const { availability, rebuild } = await open({ policy: aPolicy({ channels }) });
    const told = new Map<string, number>();
    availability.onChange((channel, sku, before, after) => {
      expect(before).toBe(told.get(`${channel} ${sku}`) ?? 0);
      told.set(`${channel} ${sku}`, after);
    });
    for (let n = 0; n < 20; n++) await log.append('stock-A~warehouse', n - 1, [sale(n, n)]);
    await log.append('channel-webshop', -1, [{ id: 'b', type: 'AvailabilityPublished', data: batch, metadata: {} }]);
    const { position } = await log.append('stock-A~warehouse', 19, [sale(20, 300_000)]);
    await availability.waitFor(position, 5_000);
    expect(availability.units('webshop', 'A')).toBe(80 - 9);
    await expect.poll(() => told.get('webshop A')).toBe(71);
    expect(await rebuild()).toBe(true);
    expect(availability.units('webshop', 'A')).toBe(71);
    expect(told.get('webshop A')).toBe(71);
    const next = await log.append('stock-A~warehouse', 20, [sale(21, 300_001)]);
    await availability.waitFor(next.position, 5_000);
    expect([availability.units('webshop', 'A'), told.get('webshop A')]).toEqual([70, 70]);
  });

  it('given a restart, then the figures are there before the first event', async () => {
    await appendReceipts(log, ['stock-A~store-1', 'stock-B~warehouse'], 20);
    const first = await open();
    await first.waitFor(19n, 5_000);
    await first.close();
    const { availability, status } = await open();
    expect(availability.position()).toBe(19n);
    expect(availability.units('webshop', 'B')).toBe(10);
    expect(availability.changedAt('webshop')).toBe(19n);
    expect(status().projections.every(({ discarded }) => discarded === undefined)).toBe(true);
  });

  it('given a wrong figure in memory, then verify shows it, a rebuild puts it right and tells the channels', async () => {
    let plant = 0;
    await appendReceipts(log, ['stock-A~store-1'], 5);
    const { availability, verify, rebuild, sequences } = await open();
    await availability.waitFor(4n, 5_000);
    expect((await verify()).equal).toBe(true);
    const heard: unknown[][] = [];
    // A fold gone wrong: an event that is not in the log reached it.
    const row = { ...aReceipt('x', 99), stream: 'stock-A~store-1', revision: 5, position: 5n };
    const { projection } = model;
    availability.onChange((...change) => heard.push([plant, ...change]));
    projection({ name: STOCK_LEVELS, create: createStockLevels }).apply(row);
    expect(availability.units('till', 'A')).toBe(99);
    expect((await verify()).equal).toBe(false);
    plant = 1;
    await rebuild();
    expect(availability.units('till', 'A')).toBe(5);
    expect(heard.filter(([when]) => when === 1)).toEqual([
      [1, 'webshop', 'A', 99, 5],
      [1, 'till', 'A', 99, 5],
    ]);
    expect((await verify()).equal).toBe(true);
    expect([...sequences().sources()]).toEqual([]);
    await log.append('stock-A~store-1', 4, [aReceipt('6', 6)]);
    await availability.waitFor(5n, 5_000);
    expect(availability.units('till', 'A')).toBe(6); // the rebuilt levels are the ones followed
  });
});

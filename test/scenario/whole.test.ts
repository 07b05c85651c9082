// The scenario, small and in seconds: both worlds play the same day, and where Evenstock stood between the systems, all of
// them say at the end what is on the shelves, to the unit.
import { describe, expect, it } from 'vitest';
import { openBatchWorld } from './batch-world.ts';
import { CAUSES } from './causes.ts';
import { scriptOf, speedsOfDay } from './day.ts';
import { openEvenstockWorld } from './evenstock-world.ts';
import { openLedgerBooks } from './ledger-books.ts';
import { createRetailer, FULL_SCALE } from './retailer.ts';
import { runDay } from './run.ts';

const SECONDS = 12;
const scale = { ...FULL_SCALE, stores: 6, skus: 40, walkIns: 120, orders: 100, promoted: 6 };
const retailer = createRetailer(1, scale);
const day = {
  ...{ retailer, script: scriptOf(retailer, scale), speeds: speedsOfDay(SECONDS) },
  ...{ openBooks: openLedgerBooks, say() {} },
};

describe('the scenario', () => {
  // Seen failing: with Square's location not mapped, so that what its tills sold was set aside.
  it('ends with every system agreeing to the unit under Evenstock', async () => {
    const { result, drift } = await runDay(openEvenstockWorld, day);
    expect(drift.filter(({ units }) => units !== 0)).toEqual([]);
    // Evenstock, the ERP, two stores with Square, three shops.
    expect(drift).toHaveLength(7);
    expect(result.orders.accepted).toBeGreaterThan(40);
    expect(result.moments).toHaveLength(193);
    const oversold = CAUSES.reduce((sum, cause) => sum + result.causes.oversold[cause], 0);
    expect(oversold).toBe(result.orders.oversold);
  }, 240_000);

  it('runs with copies too, and their ERP ends with what is on the shelves', async () => {
    const { result, drift } = await runDay(openBatchWorld, day);
    expect(drift.find(({ system }) => system.startsWith('ERP'))).toMatchObject({ units: 0 });
    expect(result.orders.accepted).toBeGreaterThan(40);
    expect(result.lagMs.length).toBeGreaterThan(50);
  }, 240_000);
});

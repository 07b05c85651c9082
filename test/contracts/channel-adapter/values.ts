// What the declaration claims: set, order, repeats, compare-and-set, how much at once, how one bad update is found.
import { expect } from 'vitest';
import type { Update } from '../../../adapters/channels/channel.ts';
import { type Check, claims, converges, nextVersion, pause, reasonsOf, shows, tell, updatesOf } from './asking.ts';
import type { ChannelRig } from './rig.ts';

const declares = (rig: ChannelRig) => rig.connector.declares;

const declaration: Check = {
  name: 'declaration: is whole and agrees with what the connector has',
  async run(rig) {
    const { connector } = rig;
    const { bulk, readBack, acknowledgement, settlesMsMax } = connector.declares;
    for (const limits of [connector.declares, bulk, readBack]) {
      if (limits === undefined) continue;
      expect(limits.batchSizeMax).toBeGreaterThanOrEqual(1);
      expect(Number.isInteger(limits.batchSizeMax)).toBe(true);
      expect(limits.concurrency).toBeGreaterThanOrEqual(1);
      if (limits.ratePerSecondMax !== undefined) expect(limits.ratePerSecondMax).toBeGreaterThan(0);
      if (limits.burstMax !== undefined) expect(limits.burstMax).toBeGreaterThanOrEqual(1);
    }
    expect(connector.publishBulk !== undefined, 'publishBulk exactly with a bulk lane').toBe(bulk !== undefined);
    expect(connector.readBack !== undefined, 'readBack exactly where it is declared').toBe(readBack !== undefined);
    if (acknowledgement === 'accepted') {
      expect(settlesMsMax ?? 0, 'accepted: it says when a value counts as lost').toBeGreaterThan(0);
      expect(readBack, 'accepted: it can be read back').toBeDefined();
    }
  },
};

const confirmedIsShown: Check = {
  name: 'values: what is confirmed is shown, a stock-out too',
  async run(rig) {
    const updates = await updatesOf(rig, 3, () => 1);
    for (const units of [5, 0, 999]) {
      await converges(
        rig,
        updates.map(({ sku }, n) => ({ sku, units: units + n })),
      );
    }
  },
};

const repeats: Check = {
  name: 'values: a repeat changes nothing, with the same batch id or another, and after an answer that was lost',
  async run(rig) {
    const updates = await updatesOf(rig, 2, (n) => 7 + n);
    const version = nextVersion();
    const batchId = `repeated-${version}`;
    rig.setFaults({ kind: 'timeout-after-success', on: ['publish'], times: 1 });
    await tell(rig, updates, { version, batchId, isSilent: true });
    for (let n = 0; n < 3; n += 1) {
      const reply = await tell(rig, updates, { version, batchId });
      expect(claims(reply, updates), JSON.stringify(reply)).not.toContain('refused');
    }
    await converges(rig, updates);
    await converges(rig, updates);
  },
};

const olderOverNewer: Check = {
  name: 'order: an older version never overwrites a newer one',
  skip: (rig) => (declares(rig).ordering === 'version' ? undefined : "its order is 'arrival': the last to arrive wins"),
  async run(rig) {
    const [{ sku }] = (await updatesOf(rig, 1, () => 1)) as [Update];
    const [older, newer] = [nextVersion(), nextVersion()];
    await tell(rig, [{ sku, units: 1 }], { version: newer });
    const reply = await tell(rig, [{ sku, units: 9 }], { version: older });
    expect(claims(reply, [{ sku, units: 9 }])).not.toEqual(['confirmed']);
    await shows(rig, [{ sku, units: 1 }]);
  },
};

const lateOverNewer: Check = {
  name: 'order: a call that arrives late does not overwrite what was told since',
  skip: olderOverNewer.skip!,
  async run(rig) {
    const [{ sku }] = (await updatesOf(rig, 1, () => 1)) as [Update];
    rig.setFaults({ kind: 'late', lateMs: 100, on: ['publish'], times: 1 });
    await tell(rig, [{ sku, units: 9 }]);
    await converges(rig, [{ sku, units: 2 }]);
    await pause(200);
    await shows(rig, [{ sku, units: 2 }]);
  },
};

const compareAndSet: Check = {
  name: 'compare-and-set: a stale value is not written, said to be retried, and comes right',
  skip: (rig) => (declares(rig).compareAndSet ? undefined : 'it declares no compare-and-set'),
  async run(rig) {
    if (rig.race === undefined) throw new Error('it declares compare-and-set: the rig needs race()');
    const updates = await updatesOf(rig, 2, (n) => 20 + n);
    await converges(rig, updates);
    const { sku } = updates[0]!;
    rig.race(sku, 3);
    const next = updates.map((update) => ({ ...update, units: update.units + 5 }));
    const reply = await tell(rig, next);
    expect(claims(reply, next)[0], JSON.stringify(reply)).toBe('retryLater');
    expect(rig.shown(sku), 'what somebody else wrote is not overwritten').toBe(3);
    await converges(rig, next);
  },
};

/** More than this many are not seeded for a check. */
const SEEDED_MAX = 1_000;

const wholeBatch: Check = {
  name: 'batch: as many as declared pass in one call',
  async run(rig) {
    const updates = await updatesOf(rig, SEEDED_MAX, (n) => n % 50);
    const before = rig.calls().filter(({ kind }) => kind === 'publish').length;
    const reply = await tell(rig, updates);
    expect(new Set(claims(reply, updates)), JSON.stringify(reasonsOf(reply).slice(0, 3))).toEqual(
      new Set(['confirmed']),
    );
    const calls = rig.calls().filter(({ kind }) => kind === 'publish').length - before;
    expect(calls, 'one batch is one call: the publisher paces batches').toBe(1);
    await shows(rig, updates);
  },
};

const fitting: Check = {
  name: 'batch: what it says goes together is some of what was asked, the first among it, until all have gone',
  skip: (rig) => (declares(rig).together === undefined ? 'one call takes any of its SKUs together' : undefined),
  async run(rig) {
    const together = declares(rig).together!;
    let left = [...(await rig.seed(20, 1)), ...(rig.unmapped === undefined ? [] : [rig.unmapped])];
    while (left.length > 0) {
      const [first] = left;
      const fit = together(left);
      expect(fit).toContain(first);
      expect(left).toEqual(expect.arrayContaining([...fit]));
      expect(new Set(fit).size).toBe(fit.length);
      const updates = fit.map((sku) => ({ sku, units: 2 }));
      const before = rig.calls().length;
      const reply = await tell(rig, updates);
      expect(claims(reply, updates), JSON.stringify(reply)).not.toContain('retryLater');
      expect(rig.calls().length - before, 'one batch is one call').toBeLessThanOrEqual(1);
      left = left.filter((sku) => !fit.includes(sku));
    }
  },
};

const wholeBulk: Check = {
  name: 'bulk: many pass in one go',
  skip: (rig) => (declares(rig).bulk === undefined ? 'it declares no bulk lane' : undefined),
  async run(rig) {
    const skus = await rig.seed(Math.min(SEEDED_MAX, declares(rig).bulk!.batchSizeMax), 1);
    const updates = skus.map((sku, n) => ({ sku, units: n % 50 }));
    const reply = await tell(rig, updates, { lane: 'bulk' });
    expect(new Set(claims(reply, updates)), JSON.stringify(reasonsOf(reply).slice(0, 3))).toEqual(
      new Set(['confirmed']),
    );
    await shows(rig, updates);
  },
};

const badUpdate: Check = {
  name: 'isolation: one bad update costs no other, and its reason carries the code of the vendor',
  async run(rig) {
    const updates = await updatesOf(rig, 3, (n) => 30 + n);
    const bad = updates[updates.length >> 1]!;
    const code = rig.refuse(bad.sku);
    const reply = await tell(rig, updates);
    const halved = declares(rig).isolation === 'halving' && updates.length > 1;
    if (halved) {
      expect(reply.kind, JSON.stringify(reply)).toBe('batchRefused');
      for (const { sku } of updates) expect(rig.shown(sku)).toBe(1);
    } else if (updates.length > 1) {
      expect(claims(reply, updates)).toEqual(updates.map((update) => (update === bad ? 'refused' : 'confirmed')));
    }
    const alone = await tell(rig, [bad]);
    expect(claims(alone, [bad]), JSON.stringify(alone)).toEqual(['refused']);
    for (const refusal of halved ? [reply, alone] : [alone]) expect(reasonsOf(refusal).join(' ')).toMatch(code);
    const good = updates.filter((update) => update !== bad);
    if (good.length > 0) await converges(rig, good);
    expect(rig.shown(bad.sku), 'what was refused is not shown').toBe(1);
  },
};

const unmapped: Check = {
  name: 'identifiers: a SKU that nobody mapped is refused without a call, and costs no other',
  skip: ({ unmapped: sku }) => (sku === undefined ? 'sellers choose the SKU there: nothing is unmapped' : undefined),
  async run(rig) {
    const stray = { sku: rig.unmapped!, units: 4 };
    const reply = await tell(rig, [stray]);
    expect(claims(reply, [stray]), JSON.stringify(reply)).toEqual(['refused']);
    expect(
      rig.calls().filter(({ kind }) => kind !== 'token'),
      'nobody was asked',
    ).toHaveLength(0);
    if (declares(rig).batchSizeMax === 1) return;
    const updates = [stray, ...(await updatesOf(rig, 1, () => 4))];
    const both = await tell(rig, updates);
    expect(claims(both, updates), JSON.stringify(both)).toEqual(['refused', 'confirmed']);
  },
};

export const VALUE_CHECKS: readonly Check[] = [
  ...[declaration, confirmedIsShown, repeats, olderOverNewer, lateOverNewer, compareAndSet],
  ...[wholeBatch, fitting, wholeBulk, badUpdate, unmapped],
];

// The statement of Amazon: every listing once read, although a search pages through 1,000 at most; and what is not ours to
// tell is left out. Seen failing: the end of a search taken for the end, a moment with too many listings read for ever.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Connector } from '../../../../adapters/channels/channel.ts';
import { type AmazonRig, connect, live, startRig } from '../../../support/amazon/rig.ts';

let rig: AmazonRig;
beforeEach(async () => {
  rig = await startRig();
});
afterEach(async () => {
  const violations = rig.judge?.violations ?? [];
  await rig.close();
  expect(violations).toEqual([]);
});

async function readAll(amazon: Connector) {
  const rows = new Map<string, number>();
  let cursor: string | undefined;
  for (let pages = 1; ; pages += 1) {
    const page = await amazon.readStatement!(cursor, live());
    if (page.kind !== 'page') return { end: page, rows, pages };
    for (const { sku, units } of page.rows) rows.set(sku, units);
    if (page.next === undefined) return { end: page, rows, pages };
    cursor = page.next;
  }
}

describe('a statement', () => {
  it('of 2,300 listings is whole', { timeout: 60_000 }, async () => {
    for (let n = 0; n < 2_300; n += 1) {
      // 7 of them a second: a search begins anew in the midst of some that were created together.
      if (n % 7 === 0) rig.time.now += 1_000;
      rig.simulator.listings.list(`SKU-${n}`, n % 50);
    }
    const { rows, end, pages } = await readAll(connect(rig));
    expect(end.kind).toBe('page');
    expect(rows.size).toBe(2_300);
    for (let n = 0; n < 2_300; n += 1) expect(rows.get(`SKU-${n}`)).toBe(n % 50);
    expect(pages).toBeLessThanOrEqual(2_300 / 20 + 4);
  });

  it('that cannot be whole says so: more than 1,000 listings of one moment', { timeout: 30_000 }, async () => {
    for (let n = 0; n < 1_100; n += 1) rig.simulator.listings.list(`SKU-${n}`, 1);
    const { end } = await readAll(connect(rig));
    expect(end).toEqual({ kind: 'malformed', reason: expect.stringContaining('too many listings were created at') });
  });

  it('leaves out what Amazon fulfils, and what could not be an SKU of ours', async () => {
    const { listings } = rig.simulator;
    listings.list('TEE', 3);
    listings.list('FBA-TEE').availability.set('AMAZON_EU', { quantity: 70 });
    listings.list('TÉE', 5);
    listings.list('BOTH', 2).availability.set('AMAZON_EU', { quantity: 70 });
    expect(Object.fromEntries((await readAll(connect(rig))).rows)).toEqual({ TEE: 3, BOTH: 2 });
  });

  it('does not follow a page of somebody else', async () => {
    expect(await connect(rig).readStatement!('{"page":1}', live())).toMatchObject({ kind: 'malformed' });
  });
});

// What the eBay adapter reads of what is shown: a few SKUs, and all as a statement. A fault is never taken for "not shown".
import { afterEach, describe, expect, it } from 'vitest';
import type { FaultsJson } from '../../../../adapters/channels/simulator/faults.ts';
import { anEbayWorld, type EbayWorldOptions } from '../../../support/ebay/world.ts';

const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const world of opened.splice(0)) await world.close();
});
async function aWorld(options: EbayWorldOptions = {}) {
  const world = await anEbayWorld(options);
  opened.push(world);
  return world;
}
const never = () => new AbortController().signal;

describe('eBay, reading', () => {
  it('reads back what is shown, and leaves out what is not there', async () => {
    const { publish, connector } = await aWorld();
    await publish({ A: 3 });
    const read = await connector.readBack!(['A', 'B', 'NOPE'], never());
    expect(read.kind === 'shown' && Object.fromEntries(read.units)).toEqual({ A: 3, B: 0 });
  });

  it.each<[string, FaultsJson, string]>([
    ['429', { kind: 'throttle' }, 'later'],
    ['500', { kind: 'error' }, 'later'],
    ['a reset', { kind: 'reset' }, 'later'],
    ['403', { kind: 'forbidden' }, 'denied'],
    ['an SKU left out', { kind: 'answer', answer: { body: '{"responses":[]}' } }, 'later'],
    [
      'an SKU that failed',
      { kind: 'answer', answer: { body: '{"responses":[{"sku":"A","statusCode":500,"errors":[{"errorId":25001}]}]}' } },
      'later',
    ],
  ])('never takes %s for "not shown"', async (_, faults, expected) => {
    const { connector } = await aWorld({ faults });
    expect((await connector.readBack!(['A'], never())).kind).toBe(expected);
  });

  it('reads the whole as a statement, page by page', async () => {
    const skus = Array.from({ length: 230 }, (_, n) => `SKU-${n}`);
    const { connector, ebay } = await aWorld({ skus });
    for (const [n, sku] of skus.entries()) ebay.items.get(sku)!.quantity = n;
    const rows = new Map<string, number>();
    let pages = 0;
    for (let cursor: string | undefined, more = true; more; pages += 1) {
      const page = await connector.readStatement!(cursor, never());
      if (page.kind !== 'page') throw new Error(page.kind);
      for (const { sku, units } of page.rows) rows.set(sku, units);
      cursor = page.next;
      more = cursor !== undefined;
    }
    expect(pages).toBe(3);
    expect(rows).toEqual(new Map(skus.map((sku, n) => [sku, n])));
  });

  it('does not walk in a circle with a link that does not lead on', async () => {
    const body = JSON.stringify({
      inventoryItems: [{ sku: 'A' }],
      total: 9,
      next: '/sell/inventory/v1/inventory_item?offset=0',
    });
    const { connector } = await aWorld({ faults: { kind: 'answer', answer: { body } } });
    expect((await connector.readStatement!(undefined, never())).kind).toBe('malformed');
    expect((await connector.readStatement!('3', never())).kind).toBe('malformed');
  });
});

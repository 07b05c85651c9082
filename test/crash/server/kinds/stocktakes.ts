// Stocktakes of three SKUs each: one with a small variance, one without, one that somebody else approves; sold meanwhile.
import { expect } from 'vitest';
import { fact, got, history, type Kind, minutesAgo, post } from '../stories.ts';

const LOCATION = 'store-002';
const skusOf = (n: number) => ['small', 'none', 'large'].map((variance) => `C-${n}-${variance}`);
/** Of 20 that were received. */
const COUNTED = [18, 20, 5];
const SOLD = 1;

/** @param approver the key of somebody else than the counter */
export const stocktakes = (approver: string): Kind => ({
  name: 'stocktakes',
  clients: 2,
  story(n) {
    const skus = skusOf(n);
    const at = { received: minutesAgo(60), counted: minutesAgo(30), sold: minutesAgo(20) };
    const path = `/v1/stocktakes/c-${n}/commands`;
    const counted = skus.map((sku, line) => ({ sku, quantity: COUNTED[line], countedAt: at.counted }));
    const received = { type: 'receipt', location: LOCATION, quantity: 20, occurredAt: at.received };
    const sold = { type: 'sale', location: LOCATION, quantity: SOLD, occurredAt: at.sold };
    const scope = { type: 'skus', skus };
    return [
      ...skus.map((sku) => fact({ ...received, id: `in-${sku}`, sku })),
      post('/v1/stocktakes', { id: `c-${n}-open`, stocktakeId: `c-${n}`, location: LOCATION, scope }),
      post(path, { type: 'count', id: `c-${n}-count`, lines: counted }),
      ...skus.map((sku) => fact({ ...sold, id: `out-${sku}`, sku })),
      post(path, { type: 'approve', id: `c-${n}-approve`, skus: [skus[2]], reason: 'theft' }, { key: approver }),
      post(path, { type: 'complete', id: `c-${n}-complete` }),
    ];
  },
  async check(ask, stories) {
    for (let n = 0; n < stories; n++) {
      const stocktake = await got(ask, `/v1/stocktakes/c-${n}`);
      expect(stocktake).toMatchObject({ status: 'completed', lines: { applied: 3, waiting: 0, uncounted: 0 } });
      for (const [line, sku] of skusOf(n).entries()) {
        const happened = await history(ask, sku, LOCATION);
        expect(happened.map(({ event }) => event).sort(), sku).toEqual(['StockCounted', 'UnitsReceived', 'UnitsSold']);
        expect(happened.at(-1)?.levels.onHand, sku).toBe(COUNTED[line]! - SOLD);
      }
    }
  },
});

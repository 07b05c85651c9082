// eBay as a channel: what it is, and the calls of its Inventory API. It takes absolute quantities, answers per SKU, shows
// at once what it confirms, knows neither versions nor repeated calls, and counts revisions: 250 a listing and day.
import type { Connector, Declaration } from '../channel.ts';
import type { EbayApi } from './api.ts';
import { askingOf, BATCH_SIZE_MAX, outcomesOf } from './price-quantity.ts';
import { type ReadItemsOptions, readBackItems, readStatementOfItems } from './read-items.ts';

/** Of one listing in one calendar day; counted here for any 24 h, which is stricter by at most a night. */
export const REVISIONS_DAILY_MAX = 250;

export function declarationOf(revisionsDailyMax: number): Declaration {
  return {
    batchSizeMax: BATCH_SIZE_MAX,
    // 2,000,000 calls a day and application are 23 a second.
    ratePerSecondMax: 20,
    burstMax: 20,
    concurrency: 4,
    semantics: 'set',
    ordering: 'arrival',
    idempotent: false,
    acknowledgement: 'applied',
    isolation: 'per-update',
    perSkuDailyMax: revisionsDailyMax,
    readBack: { batchSizeMax: BATCH_SIZE_MAX, ratePerSecondMax: 5, burstMax: 5, concurrency: 2 },
  };
}

export interface EbayConnectorOptions extends ReadItemsOptions {
  readonly api: EbayApi;
  readonly revisionsDailyMax: number;
}

export function createEbayConnector(options: EbayConnectorOptions): Connector {
  const { api, identifiers } = options;
  return {
    declares: declarationOf(options.revisionsDailyMax),
    async publish(batch, signal) {
      const asking = askingOf(batch, identifiers);
      if (asking.asked.size === 0) return { kind: 'answered', outcomes: asking.refused };
      const reply = await api.ask('/sell/inventory/v1/bulk_update_price_quantity', asking.body, signal);
      if (reply.kind !== 'answered') return reply;
      const outcomes = outcomesOf(reply.answer.text, asking);
      return outcomes === undefined
        ? { kind: 'unknown', reason: 'the answer is not the JSON that was agreed' }
        : { kind: 'answered', outcomes };
    },
    readBack: readBackItems(options),
    readStatement: readStatementOfItems(options),
  };
}

// Shopify as a channel: one location of a shop shows what the channel may sell from its whole pool. Publishing is in
// publish.ts; here is what the shop declares, and how it is read back.

import type { StatementRow } from '../../../domain/reconciliation/statement.ts';
import type { Clock, Instant } from '../../../domain/time.ts';
import type { Connector, Declaration } from '../channel.ts';
import type { Identifiers } from '../identifiers.ts';
import type { StatementReply } from '../statement.ts';
import { type AdminApi, notNow } from './admin-api.ts';
import { limitOf } from './cost.ts';
import { gid, numberOf } from './gid.ts';
import { createPublish } from './publish.ts';
import { ITEMS_PER_READ, type ItemShown, readNamed, readPage } from './quantities-read.ts';
import { QUANTITIES_MAX } from './quantities-set.ts';
import { createShown } from './shown.ts';

/**
 * A plan restores 100 to 2,000 points a second and a set costs 10, so 10 to 200 calls: the answer states which, and that is
 * kept to from the first one on.
 */
export const SHOPIFY_DECLARES: Declaration = {
  batchSizeMax: QUANTITIES_MAX,
  ratePerSecondMax: 200,
  burstMax: 10,
  concurrency: 4,
  semantics: 'set',
  ordering: 'arrival',
  idempotent: true,
  compareAndSet: true,
  acknowledgement: 'applied',
  isolation: 'per-update',
  // 300 points each, of a bucket that publishing needs: the smallest plan restores one in three seconds.
  readBack: { batchSizeMax: ITEMS_PER_READ, ratePerSecondMax: 1, burstMax: 1, concurrency: 1 },
};

export interface ShopifyOptions {
  readonly api: AdminApi;
  readonly identifiers: Identifiers;
  readonly location: string;
  readonly reason: string;
  readonly clock: Clock;
}

export function createShopifyConnector({ api, identifiers, location: id, reason, clock }: ShopifyOptions): Connector {
  const shown = createShown();
  const location = gid('Location', id);
  return {
    declares: SHOPIFY_DECLARES,
    publish: createPublish({ api, identifiers, location, reason, shown, clock }),
    async readBack(skus, signal) {
      const named = skus.flatMap((sku) => {
        const item = identifiers.ofSku(sku)?.id;
        return item === undefined ? [] : [[gid('InventoryItem', item), sku] as const];
      });
      const told = await readNamed(
        api,
        named.map(([item]) => item),
        location,
        signal,
      );
      if (told.kind !== 'data') return notNow(told);
      for (const { id: item, available } of told.data) if (available !== undefined) shown.set(item, available);
      const units = new Map(told.data.map((one) => [one.id, one]));
      return {
        kind: 'shown',
        units: new Map(named.flatMap(([item, sku]) => shownAs(sku, units.get(item)))),
        ...limitOf(told.cost),
      };
    },
    async readStatement(cursor, signal): Promise<StatementReply> {
      const asOf = clock.now();
      const told = await readPage(api, cursor, location, signal);
      if (told.kind !== 'data') return notNow(told);
      const { items, more } = told.data;
      const last = items.at(-1);
      return {
        kind: 'page',
        asOf,
        rows: items.flatMap((item) => rowOf(item, identifiers, asOf)),
        next: more && last !== undefined ? numberOf(last.id) : undefined,
      };
    },
  };
}

function shownAs(sku: string, item: ItemShown | undefined): readonly (readonly [string, number])[] {
  return item?.available === undefined ? [] : [[sku, Math.max(0, item.available)]];
}

/** What is not ours, or not stocked at the location, is no row. */
function rowOf(item: ItemShown, identifiers: Identifiers, asOf: Instant): readonly StatementRow[] {
  const sku = identifiers.skuOf(item.id) ?? identifiers.skuOf(numberOf(item.id));
  if (sku === undefined || item.available === undefined) return [];
  const changedAt = item.changedAt === undefined ? Number.NaN : Date.parse(item.changedAt);
  const changed = Number.isNaN(changedAt) ? {} : { changedAt };
  return [{ sku, units: Math.max(0, item.available), asOf, ...changed }];
}

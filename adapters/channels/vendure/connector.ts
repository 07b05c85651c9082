// A Vendure shop as a channel: one of its stock locations holds what the channel may sell from its whole pool.
import type { StatementRow } from '../../../domain/reconciliation/statement.ts';
import type { Clock, Instant } from '../../../domain/time.ts';
import type { Connector, Declaration, ReadBack } from '../channel.ts';
import type { Identifiers } from '../identifiers.ts';
import type { StatementReply } from '../statement.ts';
import type { AdminApi } from './admin-api.ts';
import { unread } from './failure.ts';
import { createPublish } from './publish.ts';
import { type Levels, readNamedLevels, readPageOfLevels } from './read-levels.ts';
import { isTracked, sellable, type VariantLevels } from './stock-level.ts';

/**
 * Vendure states no limits of its own. A batch is one transaction and writes variant by variant, some 10 ms each (SQLite, two
 * busy cores): a larger one would hold the shop's tables, and a stock-out behind it, for longer. Two at a time would wait for
 * each other there.
 */
export const VENDURE_DECLARES: Declaration = {
  batchSizeMax: 50,
  concurrency: 1,
  semantics: 'set',
  ordering: 'arrival',
  idempotent: false,
  compareAndSet: false,
  acknowledgement: 'applied',
  isolation: 'halving',
  readBack: { batchSizeMax: 200, concurrency: 1 },
};

/** Vendure gives at most 1,000 (`adminListQueryLimit`) unless the shop says fewer. */
const PAGE_ROWS = 200;

export interface VendureConnectorOptions {
  readonly api: AdminApi;
  readonly identifiers: Identifiers;
  /** Of Vendure. */
  readonly location: string;
  readonly clock: Clock;
  /** Of a page of the statement, ms. */
  readonly timeoutMs: number;
}

export function createVendureConnector(options: VendureConnectorOptions): Connector {
  const { api, identifiers, clock, timeoutMs } = options;
  return {
    declares: VENDURE_DECLARES,
    publish: createPublish(options),
    async readBack(skus, signal): Promise<ReadBack> {
      const named = skus.flatMap((sku) => {
        const id = identifiers.ofSku(sku)?.id;
        return id === undefined ? [] : [[sku, id] as const];
      });
      if (named.length === 0) return { kind: 'shown', units: new Map() };
      const told = await readNamedLevels(api, [...new Set(named.map(([, id]) => id))], signal);
      if (told.kind !== 'data') return unread(told);
      const shown = new Map(shownIn(told.data));
      return { kind: 'shown', units: new Map(named.flatMap(([sku, id]) => unitsOf(sku, shown.get(id)))) };
    },
    async readStatement(cursor, signal): Promise<StatementReply> {
      const asOf = clock.now();
      const skip = cursor === undefined ? 0 : Number(cursor);
      const limited = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      const told = await readPageOfLevels(api, { skip, take: PAGE_ROWS }, limited);
      if (told.kind !== 'data') return unread(told);
      const { variants, total } = told.data;
      const next = skip + variants.length;
      return {
        kind: 'page',
        asOf,
        rows: rowsOf(told.data, identifiers, asOf),
        next: variants.length > 0 && next < total ? String(next) : undefined,
      };
    },
  };
}

/** Variant and units; a variant that Vendure sells without end shows no number. */
function shownIn({ variants, shop }: Levels): readonly (readonly [string, number])[] {
  return variants
    .filter((variant: VariantLevels) => isTracked(variant, shop))
    .map((variant) => [variant.id, Math.max(0, sellable(variant, shop))] as const);
}

const unitsOf = (sku: string, units: number | undefined) => (units === undefined ? [] : [[sku, units] as const]);

/** A variant that is mapped to no SKU is none of ours. */
function rowsOf(levels: Levels, identifiers: Identifiers, asOf: Instant): readonly StatementRow[] {
  return shownIn(levels).flatMap(([id, units]) => {
    const sku = identifiers.skuOf(id);
    return sku === undefined ? [] : [{ sku, units, asOf }];
  });
}

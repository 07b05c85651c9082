// Square as a channel: a location of a seller shows what may be sold there, as physical counts. A count is a fence in time:
// what Square sells after it, it takes off by itself.
import type { StatementRow } from '../../../domain/reconciliation/statement.ts';
import type { Clock } from '../../../domain/time.ts';
import { DAY } from '../../../domain/time.ts';
import type { Batch, Connector, Declaration, Outcome } from '../channel.ts';
import type { Identifiers } from '../identifiers.ts';
import type { StatementReply } from '../statement.ts';
import { CHANGES_MAX, COUNTS_PER_CALL, type CountAt, getCounts, setCounts } from './counts.ts';
import { notNow, type SquareApi } from './square-api.ts';

/** Square publishes no rates: these are ours, and a 429 lowers them. */
export const SQUARE_DECLARES: Declaration = {
  batchSizeMax: CHANGES_MAX,
  ratePerSecondMax: 10,
  burstMax: 5,
  concurrency: 2,
  semantics: 'set',
  ordering: 'arrival',
  idempotent: true,
  acknowledgement: 'applied',
  isolation: 'halving',
  readBack: { batchSizeMax: COUNTS_PER_CALL, ratePerSecondMax: 5, burstMax: 5, concurrency: 1 },
  backDatingMsMax: DAY,
};

export interface SquareOptions {
  readonly api: SquareApi;
  readonly identifiers: Identifiers;
  /** Square's id of the location. */
  readonly location: string;
  readonly clock: Clock;
}

/** Calls remembered for a repeat of the same batch: the same key must come with the same time. */
const CALLS_MAX = 64;

export function createSquareConnector({ api, identifiers, location, clock }: SquareOptions): Connector {
  const times = new Map<string, number>();
  const timeOf = (batchId: string): number => {
    const at = times.get(batchId) ?? clock.now();
    times.set(batchId, at);
    if (times.size > CALLS_MAX) times.delete(times.keys().next().value!);
    return at;
  };
  return {
    declares: SQUARE_DECLARES,
    async publish(batch, signal) {
      const outcomes = new Map<string, Outcome>();
      const counts = countsOf(batch, identifiers, outcomes);
      if (counts.length === 0) return { kind: 'answered', outcomes };
      const { batchId: key, traceparent } = batch;
      const call = { counts, location, key, traceparent, occurredAt: timeOf(key) };
      const told = await setCounts(api, call, signal);
      if (told.kind !== 'data') return told;
      for (const { sku, variation } of counts) if (told.data.has(variation)) outcomes.set(sku, { kind: 'confirmed' });
      return { kind: 'answered', outcomes };
    },
    async readBack(skus, signal) {
      const bySku = new Map(
        skus.flatMap((sku) => {
          const id = identifiers.ofSku(sku)?.id;
          return id === undefined ? [] : [[id, sku] as const];
        }),
      );
      // An empty list would ask for all.
      if (bySku.size === 0) return { kind: 'shown', units: new Map() };
      const told = await getCounts(api, { location, variations: [...bySku.keys()] }, signal);
      if (told.kind !== 'data') return notNow(told);
      const shown = told.data.counts.flatMap(({ variation, units }) => {
        const sku = bySku.get(variation);
        return sku === undefined ? [] : [[sku, units] as const];
      });
      return { kind: 'shown', units: new Map(shown) };
    },
    async readStatement(cursor, signal): Promise<StatementReply> {
      const asOf = clock.now();
      const told = await getCounts(api, { location, cursor }, signal);
      if (told.kind !== 'data') return notNow(told);
      // Square leaves empty lists out; a statement of nothing must not be made of an answer that says nothing.
      if (cursor === undefined && told.data.counts.length === 0) {
        return { kind: 'malformed', reason: 'Square has no count of anything at this location' };
      }
      const rows = told.data.counts.flatMap(({ variation, units, changedAt }): readonly StatementRow[] => {
        const sku = identifiers.skuOf(variation);
        const at = changedAt === undefined ? Number.NaN : Date.parse(changedAt);
        return sku === undefined ? [] : [{ sku, units, asOf, ...(Number.isNaN(at) ? {} : { changedAt: at }) }];
      });
      return { kind: 'page', asOf, rows, next: told.data.next };
    },
  };
}

interface Wanted extends CountAt {
  readonly sku: string;
}

function countsOf({ updates }: Batch, identifiers: Identifiers, outcomes: Map<string, Outcome>): readonly Wanted[] {
  return updates.flatMap(({ sku, units }) => {
    const variation = identifiers.ofSku(sku)?.id;
    if (variation !== undefined) return [{ sku, variation, units }];
    outcomes.set(sku, { kind: 'refused', reason: 'unmapped: no item variation of Square is known for it' });
    return [];
  });
}

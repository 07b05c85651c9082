// A channel in virtual time: the marketplace's own listings behind a connector that misbehaves as it is told.
import type { Batch, Connector, Declaration, Outcome, Reply } from '../../../adapters/channels/channel.ts';
import { createListings, type Listings } from '../../../adapters/channels/marketplace-simulator/listings.ts';
import type { VirtualTime } from '../virtual-time.ts';

/** late: answered as unknown at once, applied a while later, after newer values may have arrived. */
export type Behaviour =
  | 'ok'
  | 'throttled'
  | 'unavailable'
  | 'lost'
  | 'applied-but-silent'
  | 'late'
  | 'hangs'
  | 'partial'
  | 'denied';

export const FAULTS: readonly Behaviour[] = [
  'throttled',
  'unavailable',
  'lost',
  'applied-but-silent',
  'late',
  'hangs',
  'partial',
];

export interface VirtualChannel {
  readonly connector: Connector;
  readonly listings: Listings;
  readonly calls: { readonly at: number; readonly updates: Batch['updates']; readonly version: bigint }[];
  /** SKU → highest version ever shown; a lower one after it is an old value over a new one. */
  readonly overwritten: string[];
  /** Decides call by call. */
  behave: (batch: Batch) => Behaviour;
  /** Time from call to answer; it is applied at its end, or (`applyFirst`) at its start. */
  latencyMs: number;
  applyFirst: boolean;
  retryAfterMs: number | undefined;
  /** Refused one by one, or (`wholeBatch`) with the batch they are in. */
  readonly refused: Set<string>;
  wholeBatch: boolean;
}

const LATE_MS = 3_000;

export function createVirtualChannel(time: VirtualTime, declares: Partial<Declaration> = {}): VirtualChannel {
  const listings = createListings();
  const newest = new Map<string, bigint>();
  const lastArrivalWins = declares.ordering === 'arrival';
  let arrivals = 0n;

  function apply({ updates, version }: Batch): ReadonlyMap<string, Outcome> {
    const outcomes = new Map<string, Outcome>();
    for (const { sku, units } of updates) {
      if (channel.refused.has(sku)) {
        outcomes.set(sku, { kind: 'refused', reason: 'unknown SKU' });
        continue;
      }
      const applied = listings.apply(sku, units, lastArrivalWins ? ++arrivals : version, time.now());
      if (applied === 'applied') {
        if (version < (newest.get(sku) ?? version)) channel.overwritten.push(sku);
        newest.set(sku, version);
      }
      outcomes.set(sku, applied === 'applied' ? { kind: 'confirmed' } : { kind: 'refused', reason: 'stale' });
    }
    return outcomes;
  }

  const channel: VirtualChannel = {
    connector: {
      declares: {
        batchSizeMax: 10_000,
        concurrency: 4,
        semantics: 'set',
        ordering: 'version',
        idempotent: true,
        acknowledgement: 'applied',
        isolation: 'per-update',
        ...declares,
      },
      publish: (batch) => answer(channel, time, batch, apply),
    },
    listings,
    calls: [],
    overwritten: [],
    behave: () => 'ok',
    latencyMs: 50,
    applyFirst: false,
    retryAfterMs: undefined,
    refused: new Set(),
    wholeBatch: false,
  };
  return channel;
}

type Apply = (batch: Batch) => ReadonlyMap<string, Outcome>;

async function answer(channel: VirtualChannel, time: VirtualTime, batch: Batch, apply: Apply): Promise<Reply> {
  channel.calls.push({ at: time.now(), updates: batch.updates, version: batch.version });
  const behaviour = channel.behave(batch);
  if (channel.applyFirst && behaviour === 'ok') {
    const outcomes = apply(batch);
    await time.sleep(channel.latencyMs);
    return { kind: 'answered', outcomes };
  }
  if (channel.latencyMs > 0) await time.sleep(channel.latencyMs);
  const after = channel.retryAfterMs === undefined ? {} : { afterMs: channel.retryAfterMs };
  switch (behaviour) {
    case 'throttled':
      return { kind: 'throttled', ...after };
    case 'unavailable':
      return { kind: 'unavailable', reason: 'down', ...after };
    case 'denied':
      return { kind: 'denied', reason: 'HTTP 401' };
    case 'lost':
      return { kind: 'unknown', reason: 'reset' };
    case 'applied-but-silent':
      apply(batch);
      return { kind: 'unknown', reason: 'timeout' };
    case 'late':
      void time.sleep(LATE_MS).then(() => apply(batch));
      return { kind: 'unknown', reason: 'timeout' };
    case 'hangs':
      apply(batch);
      return new Promise(() => {});
    case 'partial': {
      const outcomes = [...apply(batch)].filter((_, n) => n % 2 === 0);
      return { kind: 'answered', outcomes: new Map(outcomes) };
    }
    case 'ok':
      if (channel.wholeBatch && batch.updates.some(({ sku }) => channel.refused.has(sku))) {
        return { kind: 'batchRefused', reason: 'something is wrong in it' };
      }
      return { kind: 'answered', outcomes: apply(batch) };
  }
}

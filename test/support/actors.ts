// Stock actors over any log, with everything injected, for tests.
import { systemHashes } from '../../adapters/platform.ts';
import { noSnapshots, type Snapshots } from '../../adapters/snapshots.ts';
import { compilePolicy, PolicyDocument, type PolicyDocumentJson } from '../../domain/channel/policy.ts';
import type { EventLog } from '../../domain/event-log.ts';
import { StockCommand, type StockCommandJson } from '../../domain/stock/commands.ts';
import type { Answer, StockActors } from '../../server/actors/answer.ts';
import type { StockReader } from '../../server/actors/look.ts';
import { type StockActorsObserver, unobserved } from '../../server/actors/room.ts';
import { DEFAULT_LIMITS, type StockActorLimits, startStockActors } from '../../server/actors/stock-actors.ts';

export const NOON = Date.UTC(2026, 10, 23, 12);

export interface ActorsOptions {
  readonly limits?: Partial<StockActorLimits>;
  readonly snapshots?: Snapshots;
  readonly policy?: Partial<PolicyDocumentJson>;
  /** How long stocks remember, instead of what the policy says, ms. */
  readonly memoryMs?: () => number;
  readonly now?: () => number;
  readonly random?: () => number;
  readonly observe?: StockActorsObserver;
}

export function actorsOver(log: EventLog, options: ActorsOptions = {}): StockActors & StockReader {
  const policy = compilePolicy(
    PolicyDocument.parse({ version: 'test', locations: [{ id: 'store-1' }, { id: 'store-2' }], ...options.policy }),
  );
  return startStockActors(
    {
      log,
      snapshots: options.snapshots ?? noSnapshots,
      policy: () => (options.memoryMs === undefined ? policy : { ...policy, memoryMs: options.memoryMs() }),
      clock: { now: options.now ?? (() => NOON) },
      hashes: systemHashes,
      random: options.random ?? Math.random,
      sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      atTurnEnd: setImmediate,
      observe: options.observe ?? unobserved,
    },
    { ...DEFAULT_LIMITS, ...options.limits },
  );
}

type Loose = Record<string, unknown> & { readonly type: StockCommandJson['type'] };
let sequence = 0;

/** A parsed command for SKU `A` at `store-1`, at noon, with whatever is said otherwise. */
export function command(fields: Loose): StockCommand {
  sequence += 1;
  const occurredAt = new Date(NOON - 60_000).toISOString();
  return StockCommand.parse({ id: `test-${sequence}`, sku: 'A', location: 'store-1', occurredAt, ...fields });
}

export function submit(actors: StockActors, fields: Loose): Promise<Answer> {
  return actors.submit({ command: command(fields), client: 'test' });
}

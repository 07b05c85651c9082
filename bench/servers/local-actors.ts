// Stock actors in the benchmark's own process, over any log: for what is measured without HTTP and projections.
import { systemClock, systemHashes } from '../../adapters/platform.ts';
import { noSnapshots, type Snapshots } from '../../adapters/snapshots.ts';
import { compilePolicy, PolicyDocument } from '../../domain/channel/policy.ts';
import type { EventLog } from '../../domain/event-log.ts';
import type { StockCommand } from '../../domain/stock/commands.ts';
import type { StockActors } from '../../server/actors/answer.ts';
import { unobserved } from '../../server/actors/room.ts';
import { DEFAULT_LIMITS, startStockActors } from '../../server/actors/stock-actors.ts';
import { LOCATION, skuName } from '../load/request.ts';
import { POLICY } from './evenstock-process.ts';

/** @param residentMax default: the server's own */
export function localActors(
  log: EventLog,
  snapshots: Snapshots = noSnapshots,
  residentMax = DEFAULT_LIMITS.residentMax,
): StockActors {
  const policy = compilePolicy(PolicyDocument.parse(POLICY));
  return startStockActors(
    {
      log,
      snapshots,
      policy: () => policy,
      clock: systemClock,
      hashes: systemHashes,
      random: Math.random,
      sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      atTurnEnd: setImmediate,
      observe: unobserved,
    },
    { ...DEFAULT_LIMITS, residentMax },
  );
}

let commands = 0;

/** Receives or sells one unit of a stock, with a fresh command id. @throws Error when it is not accepted */
export async function submitOne(actors: StockActors, type: 'receipt' | 'sale', stock: number): Promise<void> {
  commands += 1;
  const common = {
    id: `local-${commands}`,
    sku: skuName(stock),
    location: LOCATION,
    quantity: 1,
    occurredAt: Date.now(),
  };
  const command: StockCommand = type === 'sale' ? { type, ...common, channel: 'webshop' } : { type, ...common };
  const answer = await actors.submit({ command, client: 'bench' });
  if (answer.outcome !== 'accepted') throw new Error(`a command was ${answer.outcome}: ${JSON.stringify(answer)}`);
}

/** Runs `calls` calls, `inFlight` at a time; `n` counts from 0. */
export async function inTurns(calls: number, inFlight: number, call: (n: number) => Promise<void>): Promise<void> {
  for (let from = 0; from < calls; from += inFlight) {
    await Promise.all(Array.from({ length: Math.min(inFlight, calls - from) }, (_, n) => call(from + n)));
  }
}

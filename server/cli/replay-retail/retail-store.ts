// The product as the replay runs it: embedded log on disk, real actors, real read model, under a policy made from the
// month's locations. Only the clock is not the machine's: facts of 2010 would be years outside the window.

import { rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { openSqliteLog } from '../../../adapters/event-log/sqlite/log.ts';
import { systemClock, systemHashes } from '../../../adapters/platform.ts';
import { openSnapshots } from '../../../adapters/snapshots.ts';
import { compilePolicy, type Policy, PolicyDocument } from '../../../domain/channel/policy.ts';
import type { EventLog } from '../../../domain/event-log.ts';
import type { Instant } from '../../../domain/time.ts';
import type { Availability } from '../../../projections/availability.ts';
import { openReadModel } from '../../../projections/read-model.ts';
import type { RunnerTime } from '../../../projections/time.ts';
import { unobserved } from '../../actors/room.ts';
import { DEFAULT_LIMITS, startStockActors } from '../../actors/stock-actors.ts';
import { actorsTarget } from '../import/actors-target.ts';
import type { ImportTarget } from '../import/target.ts';
import { WEB_TERMS } from './independent.ts';

export const WEB = 'web';

export interface RetailStore {
  readonly log: EventLog;
  readonly target: ImportTarget;
  readonly availability: Availability;
  /** Moves the clock on. */
  setTime(now: Instant): void;
  /** Resolves when all that is in the log is in the figures. @throws Error after a minute */
  caughtUp(): Promise<void>;
  close(): Promise<void>;
}

/** Fewer actors stay resident than there are stocks, so that some are stopped and read again. */
const RESIDENT_MAX = 2_000;
const CATCH_UP_MS_MAX = 60_000;

export async function openRetailStore(directory: string, locations: readonly string[]): Promise<RetailStore> {
  let now: Instant = 0;
  const clock = { now: () => now };
  const policy = retailPolicy(locations);
  const log = await openSqliteLog({ directory, clock: systemClock });
  const readModel = await openReadModel({ log, directory, policy, time });
  const snapshots = openSnapshots(directory, (path) => rmSync(path, { force: true }));
  const actors = startStockActors(
    {
      log,
      snapshots,
      policy: () => policy,
      clock,
      hashes: systemHashes,
      random: time.random,
      sleep: time.sleep,
      atTurnEnd: time.atTurnEnd,
      observe: unobserved,
    },
    { ...DEFAULT_LIMITS, residentMax: RESIDENT_MAX },
  );
  return {
    log,
    target: actorsTarget({ actors, policy: () => policy, client: 'replay-retail' }),
    availability: readModel.availability,
    setTime(to) {
      now = to;
    },
    async caughtUp() {
      const head = await log.head();
      if (await readModel.availability.waitFor(head, CATCH_UP_MS_MAX)) return;
      throw new Error(`the figures did not reach position ${head} in ${CATCH_UP_MS_MAX} ms`);
    },
    async close() {
      await actors.close();
      snapshots.close();
      await readModel.close();
      await log.close();
    },
  };
}

/** One location a country, one web channel that sells from all of them. */
function retailPolicy(locations: readonly string[]): Policy {
  const { safetyStock, percentage, buffer, cap } = WEB_TERMS;
  return compilePolicy(
    PolicyDocument.parse({
      version: 'online-retail',
      locations: locations.map((id) => ({ id, safetyStock: safetyStock[id] ?? 0 })),
      channels: [{ id: WEB, locations, percentage, buffer, cap }],
    }),
  );
}

const time: RunnerTime = {
  clock: systemClock,
  random: Math.random,
  sleep: (ms, signal) => delay(ms, undefined, { ref: false, signal }).catch(() => {}),
  atTurnEnd: setImmediate,
};

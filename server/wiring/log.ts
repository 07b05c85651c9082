// Opens the event log and the read model that a configuration names, for `serve` and for the commands that look at a log.
import { mkdirSync } from 'node:fs';
import { createMemoryLog } from '../../adapters/event-log/memory.ts';
import { openSqliteLog } from '../../adapters/event-log/sqlite/log.ts';
import { systemClock } from '../../adapters/platform.ts';
import type { Policy } from '../../domain/channel/policy.ts';
import type { EventLog } from '../../domain/event-log.ts';
import { OWN_PROJECTIONS, openReadModel, type ReadModel } from '../../projections/read-model.ts';
import type { RunnerOptions } from '../../projections/runner.ts';
import { type ProofOfProjections, verifyStored } from '../../projections/verify.ts';
import type { Config, EventLogTarget } from '../config.ts';
import type { Logger } from '../logging.ts';
import { PROJECTIONS } from '../projections.ts';
import { systemTime } from './time.ts';

/** Nobody else appends to this log. */
export function isSoleWriter({ eventLog }: Config): boolean {
  return eventLog.kind !== 'eventstoredb';
}

export interface LogSurroundings {
  readonly logger: Logger;
  /** The log can no longer be trusted with a write: end the process with a code other than 0. */
  readonly onFatal: (error: Error) => void;
}

export async function openLog(target: EventLogTarget, { logger, onFatal }: LogSurroundings): Promise<EventLog> {
  switch (target.kind) {
    case 'memory':
      logger.warn('EVENT_LOG=memory: nothing survives this process');
      return createMemoryLog();
    case 'eventstoredb':
      return openEventStoreDb(target.url);
    case 'embedded': {
      mkdirSync(target.directory, { recursive: true });
      const log = await openSqliteLog({ directory: target.directory, clock: systemClock, onFatal });
      if (log.recovery.cuts.length > 0)
        logger.error(
          { cuts: log.recovery.cuts.map(({ what, sideFile }) => `${what} (kept in ${sideFile})`) },
          'the tail of the event log was damaged and has been cut off',
        );
      return log;
    }
  }
}

/** Its client is loaded only where it is used: it takes 10 MB and a quarter of a second. */
async function openEventStoreDb(connectionString: string): Promise<EventLog> {
  const { createEventStoreDbLog } = await import('../../adapters/event-log/eventstoredb/log.ts');
  return createEventStoreDbLog({ connectionString });
}

export interface ReadModelOptions {
  readonly log: EventLog;
  readonly directory: string;
  readonly policy: Policy;
  readonly folding?: RunnerOptions['folding'];
}

/** The read model with every projection of the product. */
export function openProductReadModel({ log, directory, policy, folding }: ReadModelOptions): Promise<ReadModel> {
  return openReadModel({
    log,
    directory,
    policy,
    time: systemTime,
    projections: PROJECTIONS,
    ...(folding ? { folding } : {}),
  });
}

/** Compares the stored projections of a read model that is not running with a rebuild. */
export function verifyStoredProjections(directory: string, log: EventLog): Promise<ProofOfProjections> {
  return verifyStored(directory, [...OWN_PROJECTIONS, ...PROJECTIONS], log, systemTime);
}

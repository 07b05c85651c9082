// What every process manager is given, whatever it is for.
import type { Telemetry } from '../adapters/telemetry/telemetry.ts';
import type { Hashes } from '../domain/event-id.ts';
import type { EventLog } from '../domain/event-log.ts';
import type { ReadModel } from '../projections/read-model.ts';
import type { RunnerTime } from '../projections/time.ts';
import type { Logger } from './logging.ts';

/** `clock`, `random`, `sleep` and `hashes` are the only ones it uses. */
export interface ProcessBase extends Pick<RunnerTime, 'clock' | 'random' | 'sleep'> {
  readonly log: EventLog;
  /** With the process manager's own projection among its projections. */
  readonly readModel: ReadModel;
  readonly hashes: Hashes;
  /** No other process writes to this log. */
  readonly soleWriter: boolean;
  readonly logger: Logger;
  readonly telemetry: Telemetry | undefined;
}

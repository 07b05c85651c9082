// Opens the event log for a command that only looks at it. The embedded log has one process at a time.
import type { EventLog } from '../../domain/event-log.ts';
import { type Config, readConfig } from '../config.ts';
import { createLogger } from '../logging.ts';
import { openLog } from '../wiring/log.ts';

/** @throws LogInUse while a server has it open */
export async function withLog<T>(work: (log: EventLog, config: Config) => Promise<T>): Promise<T> {
  const config = readConfig(process.env);
  const logger = createLogger(config.logLevel, process.stderr.isTTY);
  const log = await openLog(config.eventLog, {
    logger,
    onFatal(error) {
      throw error;
    },
  });
  try {
    return await work(log, config);
  } finally {
    await log.close();
  }
}

// `evenstock serve`: the server until it is told to stop. Stopping: in-flight commands finish or get 503, out in 10 s.
import { readConfig } from '../config.ts';
import { createLogger } from '../logging.ts';
import { startEvenstock } from '../wiring.ts';

export async function serve(): Promise<void> {
  const config = readConfig(process.env);
  const logger = createLogger(config.logLevel, process.stderr.isTTY);
  const evenstock = await startEvenstock(config, {
    env: process.env,
    logger,
    onFatal(error) {
      logger.fatal(
        { error: error.message },
        'the event log failed: nothing more is acknowledged; restart to recover by replay',
      );
      process.exit(1);
    },
  });
  process.stdout.write(`Evenstock listens on ${evenstock.url}   API page: ${evenstock.url}/docs\n`);
  if (evenstock.notice !== undefined) process.stdout.write(`${evenstock.notice}\n`);
  const signal = await stopSignal();
  logger.info({ signal }, 'stopping');
  await evenstock.close();
  logger.info('stopped');
  // A telemetry endpoint that does not answer would hold the process for the exporter's own timeout.
  setTimeout(() => process.exit(), LINGER_MS).unref();
}
const LINGER_MS = 100;

/** The first SIGINT or SIGTERM; a second one ends the process at once. */
export function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        resolve(signal);
        process.once(signal, () => process.exit(130));
      });
    }
  });
}

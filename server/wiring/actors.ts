// Opens what decides: the actors of the stocks, and over them the bundles.
import { rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { getHeapStatistics } from 'node:v8';
import { systemHashes } from '../../adapters/platform.ts';
import { openSnapshots } from '../../adapters/snapshots.ts';
import type { Telemetry } from '../../adapters/telemetry/telemetry.ts';
import { DEFAULT_LIMITS, startStockActors } from '../actors/stock-actors.ts';
import { type BundleRoom, openBundles } from '../bundles/open-bundles.ts';
import type { Config } from '../config.ts';
import type { Logger } from '../logging.ts';
import { gaugeActors, observeActors } from '../observe/actors.ts';
import { databaseOf } from '../observe/log-database.ts';
import { type CommandCounter, createCommandCounter } from '../overview/tally.ts';
import { isSoleWriter } from './log.ts';
import { systemTime } from './time.ts';

/** Of the heap that this process may have, what remembered commands may take (measured: 121 bytes each). */
const REMEMBERED_SHARE = 0.25;
const REMEMBERED_BYTES = 121;

type DecidedBy = Pick<BundleRoom, 'log' | 'policies' | 'clock' | 'readModel'>;

/** The stocks, and over them the bundles. */
export async function openActors(
  config: Config,
  { log, policies, clock, readModel }: DecidedBy,
  logger: Logger,
  telemetry: Telemetry | undefined,
  opened: AsyncDisposableStack,
): Promise<{ readonly actors: BundleRoom['stocks']; readonly counter: CommandCounter }> {
  const counter = createCommandCounter();
  const { policy } = policies;
  const soleWriter = isSoleWriter(config);
  const snapshots = openSnapshots(config.dataDir, (path) => rmSync(path, { force: true }));
  opened.defer(() => snapshots.close());
  const actors = startStockActors(
    {
      ...{ log, policy, clock, snapshots, soleWriter, hashes: systemHashes },
      random: Math.random,
      sleep: delay,
      atTurnEnd: setImmediate,
      observe: counter.watch(observeActors(telemetry, databaseOf(config.eventLog))),
    },
    {
      ...DEFAULT_LIMITS,
      residentMax: config.residentActorsMax,
      rememberedMax: Math.floor((getHeapStatistics().heap_size_limit * REMEMBERED_SHARE) / REMEMBERED_BYTES),
      waitingPerActorMax: config.waitingPerStockMax,
    },
  );
  gaugeActors(telemetry, actors);
  const hashes = systemHashes;
  const room = { log, policies, readModel, hashes, soleWriter, logger, telemetry };
  return { actors: await openBundles({ ...systemTime, clock, ...room, stocks: actors }), counter };
}

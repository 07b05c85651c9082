// Puts the product together: the one file that knows every implementation. Opens the log, the read model, the actors
// and the publishers, then listens; what was opened is closed in the opposite order, also when a later step fails.
import { mkdirSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { connectHttpChannel } from '../adapters/channels/http.ts';
import { memoryCheckpoints, openCheckpoints } from '../adapters/checkpoints.ts';
import { createEventStoreDbLog } from '../adapters/event-log/eventstoredb/log.ts';
import { createMemoryLog } from '../adapters/event-log/memory.ts';
import { openSqliteLog } from '../adapters/event-log/sqlite/log.ts';
import { systemClock, systemHashes } from '../adapters/platform.ts';
import { type Publishing, publishingPolicyOf, startPublishing } from '../adapters/publishing/publisher.ts';
import { systemTimers } from '../adapters/publishing/timers.ts';
import { openSnapshots } from '../adapters/snapshots.ts';
import { startTelemetry, type Telemetry } from '../adapters/telemetry/telemetry.ts';
import type { ChannelPolicy, Policy, PolicyDocument } from '../domain/channel/policy.ts';
import type { EventLog } from '../domain/event-log.ts';
import { currentPublished } from '../projections/published.ts';
import { OWN_PROJECTIONS, openReadModel, type ReadModel } from '../projections/read-model.ts';
import type { RunnerOptions } from '../projections/runner.ts';
import type { RunnerTime } from '../projections/time.ts';
import { type ProofOfProjections, verifyStored } from '../projections/verify.ts';
import type { StockActors } from './actors/answer.ts';
import type { StockReader } from './actors/look.ts';
import { DEFAULT_LIMITS, startStockActors } from './actors/stock-actors.ts';
import { createApp } from './app.ts';
import type { KeysDocument } from './auth/keys.ts';
import { type Access, resolveAccess } from './auth.ts';
import { type BundleRoom, openBundles } from './bundles/open-bundles.ts';
import type { Config, EventLogTarget } from './config.ts';
import { readKeysFile } from './keys-file.ts';
import type { Logger } from './logging.ts';
import { gaugeActors, observeActors } from './observe/actors.ts';
import { gaugePropagation } from './observe/propagation.ts';
import { observePublishing } from './observe/publishing.ts';
import { observeRequests } from './observe/requests.ts';
import { openPolicyBook, type PolicyBook } from './policy/book.ts';
import { readPolicyFile } from './policy-file.ts';
import { openProcesses, type RunningProcesses } from './processes.ts';
import { PROJECTIONS, PUBLISHED_PROJECTION } from './projections.ts';
import { channelStatus, readinessOf, sourceGaps } from './reports.ts';
import { type HttpServer, listen } from './serve.ts';
import { createTrustedClock, type TrustedClock } from './trusted-clock.ts';

export interface Evenstock {
  readonly url: string;
  readonly log: EventLog;
  readonly actors: StockActors & StockReader;
  readonly readModel: ReadModel;
  readonly publishing: Publishing;
  readonly policies: PolicyBook;
  readonly running: RunningProcesses;
  /** To be shown once: how this server authenticates, if not by a keys file. */
  readonly notice: string | undefined;
  close(): Promise<void>;
}

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
  /** The log can no longer be trusted with a write: end the process with a code other than 0. */
  readonly onFatal: (error: Error) => void;
  /** Instead of the policy file. */
  readonly policy?: Policy;
  /** Instead of the keys file. */
  readonly keys?: KeysDocument;
}

/** Everything between the log and the API. */
type Parts = Omit<Evenstock, 'url' | 'notice' | 'close'> & {
  readonly telemetry: Telemetry | undefined;
};

const systemTime: RunnerTime = {
  clock: systemClock,
  random: Math.random,
  sleep: (ms, signal) => delay(ms, undefined, { ref: false, ...(signal ? { signal } : {}) }).catch(() => {}),
  atTurnEnd: setImmediate,
};

/** @throws ConfigError · errors of opening the log or the read model, whose messages are for people */
export async function startEvenstock(config: Config, surroundings: Surroundings): Promise<Evenstock> {
  const file = surroundings.policy?.document ?? (await readPolicyFile(config.policyFile));
  const access = resolveAccess(config, surroundings.keys ?? (await readKeysFile(config.keysFile)), systemClock);
  await using opened = new AsyncDisposableStack();
  const parts = await openParts(config, surroundings, file, opened);
  const stopping = new AbortController();
  const server = await serve(config, surroundings, parts, access, stopping.signal);
  const closing = opened.move();
  return {
    ...parts,
    url: server.url,
    notice: access.notice,
    async close() {
      stopping.abort();
      const { running, actors } = parts;
      const told = running.close().then(() => actors.close());
      await Promise.all([server.close(config.shutdownMsMax), told]);
      await closing.disposeAsync();
    },
  };
}

/** Opens the event log alone, for `serve` and for the commands that look at a log. */
export async function openLog(
  target: EventLogTarget,
  { logger, onFatal }: Pick<Surroundings, 'logger' | 'onFatal'>,
): Promise<EventLog> {
  switch (target.kind) {
    case 'memory':
      logger.warn('EVENT_LOG=memory: nothing survives this process');
      return createMemoryLog();
    case 'eventstoredb':
      return createEventStoreDbLog({ connectionString: target.url });
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

async function openParts(
  config: Config,
  surroundings: Surroundings,
  file: PolicyDocument | undefined,
  opened: AsyncDisposableStack,
): Promise<Parts> {
  const telemetry = await startTelemetry(surroundings.env, Math.random, (reason) =>
    surroundings.logger.warn({ reason }, 'telemetry'),
  );
  opened.defer(async () => telemetry?.close(config.shutdownMsMax));
  mkdirSync(config.dataDir, { recursive: true });
  const log = await openLog(config.eventLog, surroundings);
  opened.defer(() => log.close());
  const clock = openClock(config, surroundings.logger);
  const policies = opened.adopt(await openPolicies(clock, surroundings.logger, log, file), (book) => book.close());
  const { policy } = policies;
  const observation = observePublishing(telemetry);
  const openedUnder = policy();
  const readModel = await openProductReadModel({
    ...{ log, directory: config.dataDir, policy: openedUnder },
    folding: (event) => {
      policies.met(event);
      return observation.folding?.(event);
    },
  });
  opened.defer(() => readModel.close());
  if (policy() !== openedUnder) readModel.setPolicy(policy());
  policies.onChange(readModel.setPolicy);
  readModel.availability.onChange((channel, sku) => observation.changed(channel, sku));
  const actors = await openActors(config, { policies, log, clock, readModel }, surroundings.logger, telemetry, opened);
  const connect = (channel: ChannelPolicy) => connectHttpChannel(channel, surroundings.env, systemClock);
  const publishing = startPublishing({
    availability: readModel.availability,
    published: currentPublished(() => readModel.projection(PUBLISHED_PROJECTION), readModel.onSwitch),
    log,
    clock,
    timers: systemTimers,
    random: Math.random,
    hashes: systemHashes,
    policy: publishingPolicyOf(policy()),
    connect,
    observe: observation.publish,
  });
  opened.defer(() => publishing.close());
  policies.onChange((now) => void publishing.setPolicy(publishingPolicyOf(now)));
  gaugePropagation(telemetry, readModel, publishing);
  const checkpoints = config.eventLog.kind === 'memory' ? memoryCheckpoints() : openCheckpoints(config.dataDir);
  opened.defer(async () => checkpoints.close());
  const running = await openProcesses({
    ...{ ...systemTime, clock },
    ...{ log, readModel, actors, publishing, checkpoints, telemetry, logger: surroundings.logger },
    ...{ policy, policies, timers: systemTimers, hashes: systemHashes },
    ...{ soleWriter: isSoleWriter(config), casePatienceMs: config.casePatienceMs },
    readStatementOf(id) {
      const channel = policy().channel(id);
      return channel === undefined ? undefined : connect(channel)?.readStatement;
    },
  });
  opened.defer(() => running.close());
  return { policies, telemetry, log, actors, readModel, publishing, running };
}

function openPolicies(
  clock: TrustedClock,
  logger: Logger,
  log: EventLog,
  file: PolicyDocument | undefined,
): Promise<PolicyBook> {
  const troubled = (error: unknown) => logger.error({ error: String(error) }, 'the policy could not be followed');
  const room = { log, clock, timers: systemTimers, hashes: systemHashes, random: Math.random, sleep: delay, troubled };
  return openPolicyBook(room, file);
}

function isSoleWriter({ eventLog }: Config): boolean {
  return eventLog.kind !== 'eventstoredb';
}

function openClock({ clockConfirmMs: confirmMs }: Config, logger: Logger): TrustedClock {
  return createTrustedClock({
    wall: systemClock,
    monotonic: systemTimers.now,
    confirmMs,
    onDoubt: (offMs) =>
      offMs === undefined
        ? logger.info('the clock is trusted again')
        : logger.warn({ offMs, confirmMs }, 'the clock jumped: time goes on from before the jump'),
  });
}

type DecidedBy = Pick<BundleRoom, 'log' | 'policies' | 'clock' | 'readModel'>;

/** The stocks, and over them the bundles. */
function openActors(
  config: Config,
  { log, policies, clock, readModel }: DecidedBy,
  logger: Logger,
  telemetry: Telemetry | undefined,
  opened: AsyncDisposableStack,
): Promise<BundleRoom['stocks']> {
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
      observe: observeActors(telemetry),
    },
    { ...DEFAULT_LIMITS, residentMax: config.residentActorsMax, waitingPerActorMax: config.waitingPerStockMax },
  );
  gaugeActors(telemetry, actors);
  const hashes = systemHashes;
  const room = { log, policies, readModel, hashes, soleWriter, logger, telemetry };
  return openBundles({ ...systemTime, clock, ...room, stocks: actors });
}

function serve(
  config: Config,
  { logger }: Surroundings,
  parts: Parts,
  access: Access,
  stopping: AbortSignal,
): Promise<HttpServer> {
  const { log, actors, readModel, policies, running, telemetry } = parts;
  const app = createApp({
    actors,
    availability: readModel.availability,
    log,
    processes: running.processes,
    policy: policies.policy,
    authenticate: access.authenticate,
    clock: systemClock,
    limits: config.api,
    readiness: () => readinessOf(log, readModel),
    channelStatus: (channel) => channelStatus(channel, readModel.projection(PUBLISHED_PROJECTION), parts),
    sourceGaps: () => sourceGaps(readModel.sequences()),
    observe: {
      ...observeRequests(telemetry),
      error: (error, route) =>
        logger.error({ route, error: error instanceof Error ? error.stack : String(error) }, 'unexpected error'),
      rejected: running.processes.cases.rejected,
    },
    stopping,
  });
  return listen(app, config);
}

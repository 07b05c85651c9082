// Puts the product together: the one file that knows every implementation. Opens the log, the read model, the actors
// and the publishers, then listens; what was opened is closed in the opposite order, also when a later step fails.
import { mkdirSync } from 'node:fs';
import type { Identifiers } from '../adapters/channels/identifiers.ts';
import type { Vendor } from '../adapters/channels/vendor.ts';
import { VENDORS } from '../adapters/channels/vendors.ts';
import { memoryCheckpoints, openCheckpoints } from '../adapters/checkpoints.ts';
import type { ErpVendor } from '../adapters/erp/erp.ts';
import { ERP_VENDORS } from '../adapters/erp/erps.ts';
import { systemHashes } from '../adapters/platform.ts';
import { type Publishing, publishingPolicyOf, startPublishing } from '../adapters/publishing/publisher.ts';
import { secretsOf } from '../adapters/secrets.ts';
import { startTelemetry, type Telemetry } from '../adapters/telemetry/telemetry.ts';
import type { ChannelPolicy, Policy, PolicyDocument } from '../domain/channel/policy.ts';
import type { EventLog } from '../domain/event-log.ts';
import { IDENTIFIERS_PROJECTION } from '../projections/identifiers.ts';
import { currentPublished } from '../projections/published.ts';
import type { ReadModel } from '../projections/read-model.ts';
import { stakesOf } from '../projections/stakes.ts';
import type { StockActors } from './actors/answer.ts';
import type { StockReader } from './actors/look.ts';
import { createApp } from './app.ts';
import type { KeysDocument } from './auth/keys.ts';
import { type Access, resolveAccess } from './auth.ts';
import type { Config } from './config.ts';
import { OPEN_HOLDS_PROJECTION } from './expiry/open-expiry.ts';
import { identifiersOver } from './identifiers/identifiers-process.ts';
import { readKeysFile } from './keys-file.ts';
import { inboundOfRole, policyOfRole, sharingOf } from './node-role.ts';
import { gaugeProcess } from './observe/process.ts';
import { gaugePropagation } from './observe/propagation.ts';
import { observePublishing } from './observe/publishing.ts';
import { observeRequests } from './observe/requests.ts';
import type { Overview } from './overview/overview.ts';
import type { CommandCounter } from './overview/tally.ts';
import { openPolicyBook, type PolicyBook } from './policy/book.ts';
import { readPolicyFile } from './policy-file.ts';
import { openProcesses, type RunningProcesses } from './processes.ts';
import { PUBLISHED_PROJECTION } from './projections.ts';
import { channelStatus, readinessOf, sourceGaps } from './reports.ts';
import type { Sealing } from './seals/sealing.ts';
import { type HttpServer, listen } from './serve.ts';
import { createTrustedClock, type TrustedClock } from './trusted-clock.ts';
import { openActors } from './wiring/actors.ts';
import { type Channels, openChannels } from './wiring/channels.ts';
import { type ErpConnections, openErpConnections } from './wiring/erps.ts';
import { isSoleWriter, type LogSurroundings, openLog, openProductReadModel } from './wiring/log.ts';
import { openProductOverview } from './wiring/overview.ts';
import { type PreparedSeals, prepareSeals } from './wiring/seals.ts';
import { type ProcessTime, systemTime } from './wiring/time.ts';
import { webhooksBy } from './wiring/webhooks.ts';

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

export interface Surroundings extends LogSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Instead of the policy file. */
  readonly policy?: Policy;
  /** Instead of every adapter of the product. */
  readonly vendors?: readonly Vendor[];
  /** Instead of the product's ERP adapters. */
  readonly erpVendors?: readonly ErpVendor[];
  /** Instead of the keys file. */
  readonly keys?: KeysDocument;
  /** Instead of the time of this process, for process managers, publishing and intake; not for the log and the read model. */
  readonly time?: ProcessTime;
}

/** Of the time to stop: what is left is for what must be stored. */
const ANSWERING_SHARE = 0.8;

type Timed = Surroundings & Required<Pick<Surroundings, 'time'>>;

/** Everything between the log and the API. */
type Parts = Omit<Evenstock, 'url' | 'notice' | 'close'> & {
  readonly telemetry: Telemetry | undefined;
  readonly counter: CommandCounter;
  /** Undefined: this server does not seal its log. */
  readonly sealing: Sealing | undefined;
};

/** @throws ConfigError · errors of opening the log or the read model, whose messages are for people */
export async function startEvenstock(config: Config, given: Surroundings): Promise<Evenstock> {
  const surroundings: Timed = { time: systemTime, ...given };
  const file = surroundings.policy?.document ?? (await readPolicyFile(config.policyFile));
  const access = resolveAccess(
    config,
    surroundings.keys ?? (await readKeysFile(config.keysFile)),
    surroundings.time.clock,
  );
  const seals = prepareSeals(config, surroundings.env);
  await using opened = new AsyncDisposableStack();
  const parts = await openParts(config, surroundings, { file, seals }, opened);
  const overview = openProductOverview({ ...parts, time: surroundings.time });
  opened.defer(async () => overview.close());
  const stopping = new AbortController();
  const server = await serve(config, surroundings, { ...parts, overview }, access, stopping.signal);
  const closing = opened.move();
  return {
    ...parts,
    url: server.url,
    notice: access.notice,
    async close() {
      stopping.abort();
      const { running, actors } = parts;
      const told = running.close().then(() => actors.close());
      await Promise.all([server.close(config.shutdownMsMax * ANSWERING_SHARE), told]);
      await closing.disposeAsync();
    },
  };
}

async function openParts(
  config: Config,
  surroundings: Timed,
  { file, seals }: { readonly file: PolicyDocument | undefined; readonly seals: PreparedSeals | undefined },
  opened: AsyncDisposableStack,
): Promise<Parts> {
  const warn = (reason: string) => surroundings.logger.warn({ reason }, 'telemetry');
  const telemetry = await startTelemetry(surroundings.env, Math.random, warn, config.metrics !== 'off');
  opened.defer(async () => telemetry?.close(config.shutdownMsMax));
  mkdirSync(config.dataDir, { recursive: true });
  const log = await openLog(config.eventLog, surroundings);
  opened.defer(() => log.close());
  const clock = openClock(config, surroundings);
  const { channels, erps } = openAdapters(surroundings, (system) =>
    identifiersOver(() => readModel.projection(IDENTIFIERS_PROJECTION), system),
  );
  const policies = opened.adopt(await openPolicies(clock, surroundings, { log, channels, erps }, file), (book) =>
    book.close(),
  );
  const { policy } = policies;
  const observation = observePublishing(telemetry, { clock, policy });
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
  const decidedBy = { policies, log, clock, readModel };
  const { actors, counter } = await openActors(config, decidedBy, surroundings.logger, telemetry, opened);
  const publishing = startPublishing({
    availability: readModel.availability,
    published: currentPublished(() => readModel.projection(PUBLISHED_PROJECTION), readModel.onSwitch),
    stakes: stakesOf(readModel, policy),
    ...{ log, clock, timers: surroundings.time.timers, random: Math.random, hashes: systemHashes },
    policy: publishingPolicyOf(policy()),
    connect: (channel) => (config.nodeRole === 'all' ? channels.connect(channel) : undefined),
    observe: observation.publish,
    sharing: sharingOf(config, isSoleWriter(config)),
  });
  opened.defer(() => publishing.close());
  policies.onChange((now) => void publishing.setPolicy(publishingPolicyOf(now)));
  observation.watch?.(publishing);
  gaugePropagation(telemetry, readModel, publishing);
  gaugeProcess(telemetry);
  const checkpoints = config.eventLog.kind === 'memory' ? memoryCheckpoints() : openCheckpoints(config.dataDir);
  opened.defer(async () => checkpoints.close());
  const running = await openProcesses({
    ...{ ...surroundings.time, clock },
    ...{ log, readModel, actors, publishing, checkpoints, telemetry, logger: surroundings.logger },
    ...{ policy, policies, hashes: systemHashes },
    ...{ soleWriter: isSoleWriter(config), casePatienceMs: config.casePatienceMs },
    inboundOf: (channel) => inboundOfRole(config.nodeRole, channels.inbound(channel)),
    outwardPolicy: policyOfRole(config.nodeRole, policy),
    connectErp: erps.connect,
    connectWebhook: webhooksBy(secretsOf(surroundings.env), config.webhookHosts, surroundings.time),
    readStatementOf: (id) => channelBy(policy(), id, channels.connect)?.readStatement,
  });
  opened.defer(() => running.close());
  const sealing = seals?.open({ ...surroundings, ...surroundings.time, clock, log, checkpoints, telemetry });
  opened.defer(async () => sealing?.close());
  return { policies, telemetry, log, actors, readModel, publishing, running, counter, sealing };
}

function channelBy<T>(policy: Policy, id: string, connect: (channel: ChannelPolicy) => T): T | undefined {
  const channel = policy.channel(id);
  return channel && connect(channel);
}

/** What is outside, by the adapters that a policy names. */
function openAdapters(
  { env, vendors, erpVendors, time }: Timed,
  identifiersOf: (system: string) => Identifiers,
): {
  readonly channels: Channels;
  readonly erps: ErpConnections;
} {
  const common = { secrets: secretsOf(env), identifiersOf, clock: time.clock };
  return {
    channels: openChannels({ ...common, vendors: vendors ?? VENDORS }),
    erps: openErpConnections({ ...common, vendors: erpVendors ?? ERP_VENDORS }),
  };
}

function openPolicies(
  clock: TrustedClock,
  { logger, time }: Timed,
  { log, channels, erps }: { readonly log: EventLog; readonly channels: Channels; readonly erps: ErpConnections },
  file: PolicyDocument | undefined,
): Promise<PolicyBook> {
  const troubled = (error: unknown) => logger.error({ error: String(error) }, 'the policy could not be followed');
  const room = { ...time, log, clock, hashes: systemHashes, troubled };
  return openPolicyBook({ ...room, misfit: (document) => channels.misfit(document) ?? erps.misfit(document) }, file);
}

function openClock({ clockConfirmMs: confirmMs }: Config, { logger, time }: Timed): TrustedClock {
  return createTrustedClock({
    wall: time.clock,
    monotonic: time.timers.now,
    confirmMs,
    onDoubt: (offMs) =>
      offMs === undefined
        ? logger.info('the clock is trusted again')
        : logger.warn({ offMs, confirmMs }, 'the clock jumped: time goes on from before the jump'),
  });
}

function serve(
  config: Config,
  { logger, time }: Timed,
  parts: Parts & { readonly overview: Overview },
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
    clock: time.clock,
    limits: config.api,
    publicUrl: config.publicUrl,
    metrics: telemetry?.scrape && { scrape: telemetry.scrape, isOpenHere: config.metrics === 'loopback' },
    readiness: () => readinessOf(log, readModel),
    steerChannel: parts.publishing.steer,
    overview: parts.overview,
    told: {
      lastRevision: (channel) => readModel.projection(PUBLISHED_PROJECTION).channel(channel).revision,
      refused: parts.publishing.deadLetters,
    },
    channelStatus: (channel) => channelStatus(channel, readModel.projection(PUBLISHED_PROJECTION), parts),
    sourceGaps: () => sourceGaps(readModel.sequences()),
    openHolds: () => readModel.projection(OPEN_HOLDS_PROJECTION).holds(),
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

// The environment, read once and checked whole. Promise: a wrong configuration gives one message that lists
// every wrong variable, what it was and what is allowed, before anything is opened or written.
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { z } from 'zod';
import type { RateLimit } from './auth/rate-limit.ts';
import { CHANNEL_LEASE_MS, type Node } from './node-role.ts';
import { type SealSettings, sealSettings } from './seals/settings.ts';
import { CONFIRM_MS_DEFAULT } from './trusted-clock.ts';

export type EventLogTarget =
  | { readonly kind: 'memory' }
  | { readonly kind: 'embedded'; readonly directory: string }
  | { readonly kind: 'eventstoredb'; readonly url: string };

/** What the API refuses to exceed. */
export interface ApiLimits {
  readonly bodyBytesMax: number;
  readonly batchBytesMax: number;
  readonly batchLinesMax: number;
  /** Batches being judged at once, in all and for one client. */
  readonly batchesOpenMax: number;
  readonly batchesOpenPerClientMax: number;
  /** Event feeds (SSE) open at once, in all and for one client. */
  readonly feedsOpenMax: number;
  readonly feedsOpenPerClientMax: number;
  /** Silence after which a feed shows that it lives. */
  readonly feedHeartbeatMs: number;
  /** Idempotency-Key answers kept. */
  readonly idempotencyEntriesMax: number;
  readonly idempotencyBytesMax: number;
  readonly rate: RateLimit;
  /** Longest wait of a read for `?after=position`. */
  readonly readWaitMsMax: number;
}

export interface Config extends Node {
  readonly host: string;
  readonly port: number;
  readonly eventLog: EventLogTarget;
  readonly dataDir: string;
  readonly policyFile: string | undefined;
  readonly keysFile: string | undefined;
  readonly insecureNoAuth: boolean;
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  readonly api: ApiLimits;
  readonly connectionsMax: number;
  readonly shutdownMsMax: number;
  /** Commands one stock keeps waiting before it answers `overloaded`. */
  readonly waitingPerStockMax: number;
  /** Live actors; the least recently used leave beyond that. */
  readonly residentActorsMax: number;
  /** How long the wall clock must stay where it jumped until reservations expire by it, ms. */
  readonly clockConfirmMs: number;
  /** How long a gap of a source, or a channel that does not answer, may last before it is a case, ms. */
  readonly casePatienceMs: number;
  /** Under which senders of webhooks know this server; undefined: as they called it. */
  readonly publicUrl: string | undefined;
  /** Who may read `GET /metrics`: nobody · a key with its scope · that, and whoever asks from this machine. */
  readonly metrics: 'off' | 'key' | 'loopback';
  /** Which hosts webhooks may be at: names, wherever they are; `*`: any host at a public address. */
  readonly webhookHosts: readonly string[];
  /** Undefined: this server does not seal its log. */
  readonly seals: SealSettings | undefined;
}

export const DEFAULT_API_LIMITS: ApiLimits = {
  bodyBytesMax: 256 * 1024,
  batchBytesMax: 4 * 1024 * 1024,
  batchLinesMax: 10_000,
  batchesOpenMax: 64,
  batchesOpenPerClientMax: 16,
  feedsOpenMax: 1_000,
  feedsOpenPerClientMax: 20,
  feedHeartbeatMs: 15_000,
  idempotencyEntriesMax: 10_000,
  idempotencyBytesMax: 64 * 1024 * 1024,
  rate: { perSecond: 10_000, burst: 20_000 },
  readWaitMsMax: 5_000,
};

/** A wrong environment. The message is for a person and complete. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const whole = (min: number, max: number, fallback: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, `must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine((n) => n >= min && n <= max, `must be a whole number from ${min} to ${max}`)
    .default(fallback);

const path = z.string().min(1).max(4_096);
const D = DEFAULT_API_LIMITS;
/** Sources deliver out of order, and channels have short outages: 5 minutes. */
const CASE_PATIENCE_MS_DEFAULT = 300_000;

const Environment = z.object({
  HOST: z
    .string()
    .refine((host) => isIP(host) !== 0 || /^[A-Za-z0-9.-]{1,253}$/.test(host), 'must be an IP address or a host name')
    .default('127.0.0.1'),
  PORT: whole(0, 65_535, 8080),
  EVENT_LOG: z
    .string()
    .regex(
      /^(memory:|embedded:.+|(eventstoredb|esdb)(\+discover)?:\/\/.+)$/,
      'must be memory:, embedded:<directory> or eventstoredb://<host>:<port>?tls=true|false',
    )
    .optional(),
  DATA_DIR: path.default('./.evenstock'),
  POLICY_FILE: path.optional(),
  KEYS_FILE: path.optional(),
  EVENSTOCK_INSECURE_NO_AUTH: z.enum(['0', '1'], 'must be 1 or 0').default('0'),
  LOG_LEVEL: z
    .enum(
      ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
      'must be one of fatal, error, warn, info, debug, trace, silent',
    )
    .default('info'),
  BODY_BYTES_MAX: whole(1_024, 16 * 1024 * 1024, D.bodyBytesMax),
  BATCH_BYTES_MAX: whole(1_024, 64 * 1024 * 1024, D.batchBytesMax),
  BATCH_LINES_MAX: whole(1, 100_000, D.batchLinesMax),
  RATE_PER_SECOND: z
    .union([z.literal('off').transform(() => Number.POSITIVE_INFINITY), whole(1, 10_000_000, D.rate.perSecond)], {
      error: 'must be off or a whole number from 1 to 10000000',
    })
    .default(D.rate.perSecond),
  RATE_BURST: whole(1, 100_000_000, D.rate.burst),
  READ_WAIT_MS_MAX: whole(0, 60_000, D.readWaitMsMax),
  CONNECTIONS_MAX: whole(1, 100_000, 4_096),
  SHUTDOWN_MS_MAX: whole(100, 600_000, 10_000),
  WAITING_PER_STOCK_MAX: whole(1, 1_000_000, 1_000),
  RESIDENT_ACTORS_MAX: whole(1, 16_000_000, 200_000),
  CLOCK_CONFIRM_MS: whole(0, 86_400_000, CONFIRM_MS_DEFAULT),
  CASE_PATIENCE_MS: whole(100, 86_400_000, CASE_PATIENCE_MS_DEFAULT),
  PUBLIC_URL: z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }).optional(),
  NODE_NAME: z
    .string()
    .max(64)
    .regex(/^[\w.:-]+$/, 'must be letters, digits and . : _ -')
    .optional(),
  CHANNEL_LEASE_MS: whole(1_000, 3_600_000, CHANNEL_LEASE_MS),
  NODE_ROLE: z.enum(['all', 'api'], 'must be all or api').default('all'),
  WEBHOOK_HOSTS: z
    .string()
    .max(4_096)
    .transform((text) => text.split(',').map((host) => host.trim()))
    .refine((hosts) => hosts.every(isHost), 'must be host names apart by commas; * stands for any public host')
    .default(['*']),
  METRICS: z.enum(['off', 'key', 'loopback'], 'must be off, key or loopback').default('off'),
  SEAL_EVERY_MINUTES: whole(0, 10_080, 0),
  SEALS_DIR: path.optional(),
});

function isHost(text: string): boolean {
  return text === '*' || isIP(text) !== 0 || /^[A-Za-z0-9.-]{1,253}$/.test(text);
}

/** Names, for `--help` and docs. */
export const ENVIRONMENT_VARIABLES: readonly string[] = Object.keys(Environment.shape);

/**
 * Reads the configuration. An empty variable counts as not set.
 * @throws ConfigError naming every wrong variable
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(
    ENVIRONMENT_VARIABLES.filter((name) => env[name] !== undefined && env[name] !== '').map((name) => [
      name,
      env[name],
    ]),
  );
  const parsed = Environment.safeParse(given);
  if (!parsed.success) {
    const lines = parsed.error.issues.map(({ path: [name], message }) => {
      const variable = String(name);
      return `  ${variable}=${shown(variable, env[variable])}: ${message}`;
    });
    throw new ConfigError(`The configuration is not valid:\n${[...new Set(lines)].join('\n')}`);
  }
  const set = parsed.data;
  const eventLog = eventLogTarget(set.EVENT_LOG, set.DATA_DIR);
  return {
    host: set.HOST,
    port: set.PORT,
    eventLog,
    dataDir: set.DATA_DIR,
    policyFile: set.POLICY_FILE,
    keysFile: set.KEYS_FILE,
    insecureNoAuth: set.EVENSTOCK_INSECURE_NO_AUTH === '1',
    logLevel: set.LOG_LEVEL,
    api: {
      ...DEFAULT_API_LIMITS,
      bodyBytesMax: set.BODY_BYTES_MAX,
      batchBytesMax: set.BATCH_BYTES_MAX,
      batchLinesMax: set.BATCH_LINES_MAX,
      rate: { perSecond: set.RATE_PER_SECOND, burst: set.RATE_BURST },
      readWaitMsMax: set.READ_WAIT_MS_MAX,
    },
    connectionsMax: set.CONNECTIONS_MAX,
    shutdownMsMax: set.SHUTDOWN_MS_MAX,
    waitingPerStockMax: set.WAITING_PER_STOCK_MAX,
    residentActorsMax: set.RESIDENT_ACTORS_MAX,
    clockConfirmMs: set.CLOCK_CONFIRM_MS,
    casePatienceMs: set.CASE_PATIENCE_MS,
    publicUrl: set.PUBLIC_URL,
    nodeRole: set.NODE_ROLE,
    nodeName: set.NODE_NAME ?? `${hostname()}:${set.PORT}`,
    channelLeaseMs: set.CHANNEL_LEASE_MS,
    metrics: set.METRICS,
    webhookHosts: set.WEBHOOK_HOSTS,
    seals: sealsOf(set.SEAL_EVERY_MINUTES, set.SEALS_DIR, eventLog, set.DATA_DIR),
  };
}

function sealsOf(everyMinutes: number, directory: string | undefined, log: EventLogTarget, dataDir: string) {
  const kept = log.kind === 'embedded' ? [dataDir, log.directory] : [dataDir];
  const dataDirectories = log.kind === 'memory' ? undefined : kept;
  const found = sealSettings({ everyMinutes, directory, dataDirectories });
  if ('settings' in found) return found.settings;
  const [variable, what] = found.fault;
  throw new ConfigError(`The configuration is not valid:\n  ${variable}: ${what}`);
}

function eventLogTarget(text: string | undefined, dataDir: string): EventLogTarget {
  if (text === undefined) return { kind: 'embedded', directory: dataDir };
  if (text === 'memory:') return { kind: 'memory' };
  if (text.startsWith('embedded:')) return { kind: 'embedded', directory: text.slice('embedded:'.length) };
  return { kind: 'eventstoredb', url: text.replace(/^eventstoredb/, 'esdb') };
}

/** A connection string may hold a password: it is never repeated in a message. */
function shown(variable: string, value: string | undefined): string {
  return variable === 'EVENT_LOG' ? '(not shown: it may hold a password)' : JSON.stringify(value?.slice(0, 80) ?? '');
}

/** Is this an address that only this machine reaches? A name other than localhost is not taken for one. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase();
  return name === 'localhost' || name === '::1' || (isIP(name) === 4 && name.startsWith('127.'));
}

// What the HTTP API needs from the rest of the product, as interfaces (server/wiring.ts fills them in), and the
// first steps every route shares: who is asking, may they, and how much.
import type { HttpBindings } from '@hono/node-server';
import type { Context, Hono } from 'hono';
import type { Publishing } from '../../adapters/publishing/publisher.ts';
import { bigintAsText } from '../../domain/bigint-json.ts';
import type { Policy } from '../../domain/channel/policy.ts';
import type { EventLog, Position } from '../../domain/event-log.ts';
import type { StockCommand } from '../../domain/stock/commands.ts';
import type { Clock, Instant } from '../../domain/time.ts';
import type { Availability } from '../../projections/availability.ts';
import type { OpenHold } from '../../projections/open-holds.ts';
import type { StockActors } from '../actors/answer.ts';
import type { Client, Scope } from '../auth/keys.ts';
import type { RateLimiter } from '../auth/rate-limit.ts';
import { type Authenticate, requireScope } from '../auth.ts';
import type { ChannelStatus } from '../channel-status.ts';
import type { ApiLimits } from '../config.ts';
import type { Overview } from '../overview/overview.ts';
import { HttpProblem, type ProblemName } from '../problems.ts';
import type { Processes } from '../processes.ts';
import type { Turns } from '../tills/turns.ts';
import type { Gate } from './intake/gate.ts';
import type { IdempotencyStore } from './intake/idempotency.ts';
import type { Turnstile } from './intake/turnstile.ts';

export type ApiEnv = { readonly Bindings: Partial<HttpBindings> };
export type ApiContext = Context<ApiEnv>;
export type ApiApp = Hono<ApiEnv>;

/** What has not arrived of a source that numbers what it sends. */
export interface SourceGaps {
  readonly source: string;
  /** Highest sequence number seen. */
  readonly highest: number;
  /** Missing numbers, both ends included, oldest first. */
  readonly gaps: readonly { readonly from: number; readonly to: number }[];
  readonly lastSeenAt?: Instant | undefined;
}

export interface ScrapedMetrics {
  /** The metrics of this moment in Prometheus's text format. */
  scrape(): Promise<string>;
  /** Whoever asks from this machine needs no key. */
  readonly isOpenHere: boolean;
}

export interface Readiness {
  readonly ready: boolean;
  /** For people: what was looked at and what was found. */
  readonly checks: Readonly<Record<string, { readonly ok: boolean; readonly detail: string }>>;
}

/** Called by the routes; every member is optional and costs nothing when absent. */
export interface ApiObserver {
  /** A request arrives. The answer's `traceparent` travels with its commands; `end` is called once. */
  begin?(route: string, traceparent: string | undefined, path: string): RequestSpan | undefined;
  /** An authenticated command that names what the policy does not know: somebody must map it (fault row 21). */
  rejected?(reason: ProblemName, command: StockCommand, client: Client): void;
  /** An error that no route expected; the sender sees 500 without it. */
  error?(error: unknown, route: string): void;
}

export interface RequestSpan {
  readonly traceparent?: string | undefined;
  end(status: number): void;
}

export interface ApiDependencies {
  readonly actors: StockActors;
  readonly availability: Availability;
  readonly log: EventLog;
  readonly processes: Processes;
  readonly policy: () => Policy;
  readonly authenticate: Authenticate;
  readonly clock: Clock;
  readonly limits: ApiLimits;
  readonly readiness: () => Readiness | Promise<Readiness>;
  readonly steerChannel?: Publishing['steer'] | undefined;
  /** Under which senders of webhooks know this server; undefined: as they called it. */
  readonly publicUrl?: string | undefined;
  /** Undefined: metrics cannot be read here. */
  readonly metrics?: ScrapedMetrics | undefined;
  readonly channelStatus?: ((channel: string) => ChannelStatus | undefined) | undefined;
  /** What a channel was told. */
  readonly told?:
    | {
        /** Of its stream; −1: it was told nothing. */
        lastRevision(channel: string): number;
        refused: Publishing['deadLetters'];
      }
    | undefined;
  /** The figures that operations watch. */
  readonly overview?: Overview | undefined;
  readonly sourceGaps?: (() => readonly SourceGaps[]) | undefined;
  /** Reservations that can still expire. */
  readonly openHolds?: (() => Iterable<OpenHold>) | undefined;
  readonly observe?: ApiObserver | undefined;
  /** Aborts when the server stops: feeds end and waits are cut short. */
  readonly stopping: AbortSignal;
}

/** The dependencies and what the app itself made of them. */
export interface Api extends ApiDependencies {
  readonly rate: RateLimiter;
  readonly idempotency: IdempotencyStore;
  readonly batches: Gate;
  readonly feeds: Gate;
  readonly overviews: Gate;
  /** Of batches: how many of their pieces are judged at once, and how many are not in the figures yet. */
  readonly pieces: Turnstile;
  readonly piecesAhead: Turnstile;
  /** Of uploads, whoever sends them: they leave live traffic its time. */
  readonly uploads: Turns;
}

export type Handler = (api: Api, c: ApiContext, traceparent?: string) => Response | Promise<Response>;
export type Route = readonly [method: 'get' | 'post', path: string, handler: Handler];

/** A request header; on Node straight from the parsed request, without building a Headers object. */
export function headerOf(c: ApiContext, name: string): string | undefined {
  const incoming = c.env?.incoming;
  if (incoming === undefined) return c.req.raw.headers.get(name) ?? undefined;
  const value = incoming.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

/**
 * Authenticates, checks the scope and takes `units` from the client's rate.
 * @throws HttpProblem `unauthenticated`, `forbidden` or `rate-limited`
 */
export function admit(api: Api, c: ApiContext, scope: Scope, units = 1): Client {
  const client = api.authenticate(headerOf(c, 'authorization'));
  requireScope(client, scope);
  if (units > 0) {
    charge(api, client, units);
    sayWhatIsLeft(api, c, client);
  }
  return client;
}

/** Straight on Node's answer: a header that a route's own answer does not know of. */
function sayWhatIsLeft(api: Api, c: ApiContext, client: Client): void {
  const outgoing = c.env?.outgoing;
  const left = outgoing && api.rate.left(client);
  if (left !== undefined) outgoing!.setHeader('ratelimit', left);
}

/** @throws HttpProblem `rate-limited` */
export function charge(api: Api, client: Client, units: number): void {
  const denied = api.rate.take(client, units);
  if (denied === undefined) return;
  const { retryAfterMs, headers } = denied;
  throw new HttpProblem('rate-limited', `${client.id} sends faster than it may`, { retryAfterMs }, headers);
}

const JSON_HEADERS = { 'content-type': 'application/json', 'cache-control': 'no-store' } as const;

export function json(body: unknown, headers?: Readonly<Record<string, string>>): Response {
  const text = JSON.stringify(body, bigintAsText);
  return new Response(text, { status: 200, headers: headers ? { ...JSON_HEADERS, ...headers } : JSON_HEADERS });
}

const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The W3C trace context of a request, if it is well-formed. */
export function traceparentOf(c: ApiContext): string | undefined {
  const header = headerOf(c, 'traceparent');
  return header !== undefined && TRACEPARENT.test(header) ? header : undefined;
}

const POSITION = /^(?:0|[1-9]\d{0,19})$/;

/** @throws HttpProblem `invalid-parameter` */
export function parsePosition(text: string, name: string): Position {
  if (!POSITION.test(text)) {
    const message = 'must be a position as a decimal number, as an answer gave it';
    throw new HttpProblem('invalid-parameter', `${name} ${message}`, {
      errors: [{ path: name, rule: 'format', message }],
    });
  }
  return BigInt(text);
}

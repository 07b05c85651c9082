// One call to the Admin GraphQL API through Shopify's own client, and what its answer means: errors come as HTTP statuses,
// as `errors` inside HTTP 200 with a code, or not at all. The client retries nothing and logs nothing here (its log would
// hold the token); answers are read up to a limit, and redirects are not followed.
import { createAdminApiClient } from '@shopify/admin-api-client';
import { z } from 'zod';
import type { Clock } from '../../../domain/time.ts';
import { answerOf } from '../http-answer.ts';
import { type Unread, unreadReply } from '../http-reading.ts';
import { type Answer, type FailedReply, failureOfAnswer, replyOfError } from '../http-reply.ts';
import { type Cost, costOf, fitsAfterMs, limitOf } from './cost.ts';

/** Dated version of the API that the queries here were written for and are checked against. */
export const API_VERSION = '2026-10';

export interface AdminApi {
  /** Never rejects. `ask` names what went wrong as the publisher's replies do; `data` is checked against `schema`. */
  ask<T>(question: Question<T>, signal: AbortSignal): Promise<Told<T>>;
}

export interface Question<T> {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly schema: z.ZodType<T>;
  /** W3C trace context to send along. */
  readonly traceparent?: string | undefined;
}

export type Told<T> = { readonly kind: 'data'; readonly data: T; readonly cost: Cost | undefined } | FailedReply;

/** A question that was not answered: later, or never like this. */
export function notNow(told: FailedReply): Unread {
  return unreadReply(told, 'THROTTLED');
}

export interface AdminApiOptions {
  readonly url: string;
  readonly token: () => string;
  readonly clock: Clock;
}

export function createAdminApi({ url, token, clock }: AdminApiOptions): AdminApi {
  const base = new URL(url);
  return {
    async ask({ query, variables, schema, traceparent }, signal) {
      const secret = tokenOf(token);
      if (secret === undefined) return { kind: 'denied', reason: 'the access token cannot be read any more' };
      let answer: Answer | undefined;
      let failure: unknown;
      const client = createAdminApiClient({
        storeDomain: base.origin,
        apiVersion: API_VERSION,
        accessToken: secret,
        retries: 0,
        logger: () => {},
        customFetchApi: async (address, init) => {
          try {
            const response = await fetch(addressAt(base, address), { ...(init as RequestInit), redirect: 'manual' });
            answer = await answerOf(response);
          } catch (error) {
            failure = error;
            throw error;
          }
          const { text, status, headers } = answer;
          return new Response(BODILESS.has(status) ? null : text, { status, headers });
        },
      });
      const { data, errors, extensions } = await client.request(query, {
        variables: { ...variables },
        signal,
        ...(traceparent === undefined ? {} : { headers: { traceparent } }),
      });
      if (answer === undefined) return replyOfError(failure) as Told<never>;
      if (answer.status < 200 || answer.status >= 300) return refusedBy(answer, clock.now());
      const cost = costOf(extensions);
      if (errors?.graphQLErrors !== undefined) return inside(errors.graphQLErrors, cost);
      const parsed = schema.safeParse(data);
      if (parsed.success) return { kind: 'data', data: parsed.data, cost };
      const { path, message } = parsed.error.issues[0]!;
      return { kind: 'unknown', reason: `the answer is not what was agreed: ${path.join('.') || 'data'}: ${message}` };
    },
  };
}
/** Its file may have been taken away since the channel was connected. */
function tokenOf(token: () => string): string | undefined {
  try {
    return token();
  } catch {
    return undefined;
  }
}

/** A `Response` with one of these statuses cannot be made with a body. */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304]);

/** The client insists on https and on the root of a host; a simulator, or a gateway, is wherever the policy says. */
function addressAt(base: URL, address: string | URL | Request): string {
  const { pathname } = new URL(String(address));
  return `${base.origin}${base.pathname.replace(/\/$/, '')}${pathname}`;
}

/** Statuses below 500 that Shopify uses for the shop or the app as a whole (shopify.dev/docs/api/usage/response-codes). */
const SHOP_DENIED: ReadonlySet<number> = new Set([423, 430]);

function refusedBy(answer: Answer, nowMs: number): Told<never> {
  if (SHOP_DENIED.has(answer.status)) return { kind: 'denied', reason: `HTTP ${answer.status}: the shop is locked` };
  return failureOfAnswer(answer, nowMs);
}

const GraphQLErrors = z.array(
  z.object({ message: z.string(), extensions: z.object({ code: z.string().optional() }).optional() }),
);

/** `errors` at the top of an answer: nothing was done, unless the shop's own side failed. */
function inside(raw: unknown, cost: Cost | undefined): Told<never> {
  const parsed = GraphQLErrors.safeParse(raw);
  const [first] = parsed.success ? parsed.data : [];
  const code = first?.extensions?.code;
  const reason = `${code ?? 'error'}: ${clean(first?.message ?? 'without a message')}`;
  switch (code) {
    case 'THROTTLED':
      return { kind: 'throttled', ...(cost && { afterMs: fitsAfterMs(cost) }), ...limitOf(cost) };
    // Too much in one query: the batch is halved until it fits.
    case 'MAX_COST_EXCEEDED':
    case 'MAX_INPUT_SIZE_EXCEEDED':
    case 'INVALID_VARIABLE':
    case 'BAD_REQUEST':
      return { kind: 'batchRefused', reason };
    case 'SHOP_INACTIVE':
    case 'ACCESS_DENIED':
      return { kind: 'denied', reason };
    case 'INTERNAL_SERVER_ERROR':
    case 'TIMEOUT':
    case undefined:
      return { kind: 'unknown', reason };
    // The rest is about the query itself (undefinedField, argumentNotAccepted…): no SKU is at fault.
    default:
      return { kind: 'denied', reason };
  }
}

/** A vendor's text as it may stand in a reason: one line, without control characters, not long. */
export function clean(text: string): string {
  return text
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, 100);
}

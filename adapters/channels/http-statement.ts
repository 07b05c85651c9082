// The statement of the generic HTTP channel: a signed GET of the address that availability is posted to, page by page.
// docs/reconciliation.md describes the other side. One bad row makes the page malformed: a statement that is
// half understood would report drift where there is none.
import { z } from 'zod';
import { Sku } from '../../domain/stock/stream.ts';
import type { Clock, Instant } from '../../domain/time.ts';
import { answerOf } from './http-answer.ts';
import { unreadOf, unreadOfError } from './http-reading.ts';
import { SIGNATURE_HEADER, sign, TIMESTAMP_HEADER } from './signature.ts';
import type { ReadStatement, StatementReply } from './statement.ts';

export interface HttpStatementOptions {
  readonly channel: string;
  readonly connector: { readonly url: string; readonly timeoutMs: number };
  readonly secret: string;
  readonly clock: Clock;
}

/** Rows asked for in one page; the channel may give fewer. */
const PAGE_ROWS = 1_000;
const PAGE_ROWS_MAX = 10_000;

const Time = z.iso.datetime({ offset: true }).transform((text): Instant => Date.parse(text));
const Row = z.object({
  sku: Sku,
  units: z.int().min(0),
  version: z
    .string()
    .regex(/^-?\d{1,20}$/)
    .transform(BigInt)
    .optional(),
  changedAt: Time.optional(),
});
const Page = z.object({
  asOf: Time.optional(),
  listings: z.array(Row).max(PAGE_ROWS_MAX),
  next: z.string().min(1).max(500).optional(),
});

/** What is signed for a call without a body: the method and the target as it is sent. */
export function signedTarget(url: URL): string {
  return `GET ${url.pathname}${url.search}`;
}

export function readHttpStatement({ channel, connector, secret, clock }: HttpStatementOptions): ReadStatement {
  return async (cursor, signal) => {
    const url = new URL(connector.url);
    url.searchParams.set('channel', channel);
    url.searchParams.set('limit', String(PAGE_ROWS));
    if (cursor !== undefined) url.searchParams.set('after', cursor);
    const askedAt = clock.now();
    const timestamp = String(Math.floor(askedAt / 1_000));
    try {
      const response = await fetch(url, {
        redirect: 'manual',
        signal: AbortSignal.any([signal, AbortSignal.timeout(connector.timeoutMs)]),
        headers: {
          accept: 'application/json',
          'user-agent': 'evenstock',
          [TIMESTAMP_HEADER]: timestamp,
          [SIGNATURE_HEADER]: sign(secret, timestamp, signedTarget(url)),
        },
      });
      const answer = await answerOf(response);
      return unreadOf(answer, clock.now()) ?? pageOf(answer.text, askedAt);
    } catch (error) {
      return unreadOfError(error);
    }
  };
}

function pageOf(text: string, askedAt: Instant): StatementReply {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return { kind: 'malformed', reason: 'the statement is not JSON' };
  }
  const page = Page.safeParse(raw);
  if (!page.success) {
    const { path, message } = page.error.issues[0]!;
    return { kind: 'malformed', reason: `the statement's ${path.join('.') || 'page'}: ${message}` };
  }
  const { asOf, listings, next } = page.data;
  return { kind: 'page', asOf, next, rows: listings.map((row) => ({ ...row, asOf: asOf ?? askedAt })) };
}

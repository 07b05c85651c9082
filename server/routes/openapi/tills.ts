// The operations of /v1/tills: what tills kept while they were offline.
import { z } from 'zod';
import { LocationId, Sku } from '../../../domain/stock/stream.ts';
import { EscrowCommand } from '../../../domain/till/escrow.ts';
import { TillLine } from '../../tills/till-line.ts';
import { TillUploadQuery } from '../till-upload.ts';
import { BODY, JSON_TYPE, type Operation, READ } from './operation.ts';
import { LineAnswer } from './schemas.ts';

const count = z.int().min(0);

const Arrived = z
  .strictObject({
    highest: count.meta({ description: 'Counter' }),
    missing: count.meta({ description: 'Counters that have not arrived below it' }),
    gaps: z
      .array(z.strictObject({ from: count, to: count }))
      .max(100)
      .meta({ description: 'The first hundred' }),
    lastSeenAt: z.iso.datetime().optional(),
  })
  .meta({ id: 'TillArrived', description: 'Of all that the device ever sent' });

export const UploadSummary = z
  .strictObject({
    summary: z.strictObject({
      lines: count,
      accepted: count.meta({ description: 'New' }),
      parked: count.meta({ description: 'New, and put aside because they are too old or from the future' }),
      duplicates: count.meta({ description: 'There already' }),
      refused: count,
      invalid: count.meta({ description: 'Bad lines: correct and send them' }),
      failed: count.meta({ description: 'Send these lines again' }),
      arrived: Arrived.optional(),
    }),
  })
  .meta({ id: 'TillUploadSummary' });

const Till = z
  .strictObject({
    device: z.string(),
    arrived: Arrived.optional(),
    lent: z
      .array(z.strictObject({ sku: Sku, location: LocationId, quantity: count, expiresAt: z.iso.datetime() }))
      .meta({ description: 'Units that only it may sell' }),
  })
  .meta({ id: 'Till' });

const EscrowAnswer = z
  .strictObject({
    escrow: z.string().meta({ description: 'The reservation of the device' }),
    location: LocationId,
    lines: z.array(
      z.strictObject({
        sku: Sku,
        outcome: z.enum(['accepted', 'refused', 'invalid', 'failed']),
        duplicate: z.boolean().optional(),
        quantity: count.optional(),
        reason: z.string().optional(),
        detail: z.string().optional(),
        retryAfterMs: count.optional(),
      }),
    ),
  })
  .meta({ id: 'EscrowAnswer' });

export const TILL_OPERATIONS = [
  {
    method: 'post',
    path: '/v1/tills/{device}/upload',
    id: 'postTillUpload',
    tag: 'Commands',
    summary: 'Send what a till kept while it was offline',
    description:
      'CSV with a header, or NDJSON with a line each; up to 10,000 lines, in any order. The answer has a verdict for each ' +
      'line, streamed in the order of the counters, and a summary at its end: an answer without one was cut off. Device and counter are the identity of ' +
      'a line, so an upload may be sent again, whole or in part, and gives no new event.',
    scopes: ['commands:write'],
    query: TillUploadQuery,
    headers: ['traceparent'],
    body: { 'application/x-ndjson': TillLine, 'text/csv': z.string() },
    answers: { 200: ['A verdict a line, and a summary', 'application/x-ndjson', z.union([LineAnswer, UploadSummary])] },
    problems: [
      ...(['unauthenticated', 'forbidden', 'rate-limited', 'internal', 'invalid-parameter', 'invalid-json'] as const),
      ...(['invalid-command', 'too-large', 'too-many-lines', 'too-many-open', 'unsupported-media-type'] as const),
    ],
  },
  {
    method: 'post',
    path: '/v1/tills/{device}/escrow',
    id: 'postEscrow',
    tag: 'Commands',
    summary: 'Lend units to a till that only it may sell while it is offline; take them back; renew',
    description:
      'A verdict an SKU: what is not free is refused, the rest is lent. Available-to-sell of every channel excludes what is ' +
      'lent; what the till sold comes with its upload and is taken from it first; what is left goes back when it expires.',
    scopes: ['commands:write'],
    headers: ['Idempotency-Key', 'traceparent'],
    body: { [JSON_TYPE]: EscrowCommand },
    answers: { 200: ['A verdict an SKU', JSON_TYPE, EscrowAnswer] },
    problems: [...BODY, 'invalid-command', 'hold-too-long', 'read-behind', 'unavailable'],
  },
  {
    method: 'get',
    path: '/v1/tills/{device}',
    id: 'getTill',
    tag: 'Operations',
    summary: 'What has arrived of a till, what is missing, and what is lent to it',
    scopes: ['stock:read'],
    answers: { 200: ['Without `arrived`: nothing yet', JSON_TYPE, Till] },
    problems: READ,
  },
] as const satisfies readonly Operation[];

// The operations of /v1/tills: what tills kept while they were offline.
import { z } from 'zod';
import { TillLine } from '../../tills/till-line.ts';
import { TillUploadQuery } from '../till-upload.ts';
import { JSON_TYPE, type Operation, READ } from './operation.ts';
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

const Till = z.strictObject({ device: z.string(), arrived: Arrived.optional() }).meta({ id: 'Till' });

export const TILL_OPERATIONS: readonly Operation[] = [
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
    method: 'get',
    path: '/v1/tills/{device}',
    id: 'getTill',
    tag: 'Operations',
    summary: 'What has arrived of a till, and what is missing',
    scopes: ['stock:read'],
    answers: { 200: ['Without `arrived`: nothing yet', JSON_TYPE, Till] },
    problems: READ,
  },
];

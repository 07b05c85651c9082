// The operations of /v1/stocktakes and the shapes of their answers.
import { z } from 'zod';
import { OpenStocktake, StocktakeCommandBody, StocktakeId, VARIANCE_REASONS } from '../../../domain/count/commands.ts';
import { LINE_STATUSES, STOCKTAKE_STATUSES } from '../../../domain/count/machine.ts';
import { LocationId, Sku } from '../../../domain/stock/stream.ts';
import { StocktakeLinesQuery } from '../count-lines.ts';
import { StocktakeQuery, StocktakesQuery } from '../counts.ts';
import { AFTER, BODY, JSON_TYPE, type Operation } from './operation.ts';
import { Position } from './parameters.ts';

const count = z.int().min(0);
const instant = z.iso.datetime({ offset: true });
const status = z.enum(STOCKTAKE_STATUSES);
const lineStatus = z.enum(LINE_STATUSES).meta({
  description:
    'applying: the stock has not answered yet · waiting: for approval, rejection or a recount · recount: to be counted ' +
    'again · parked: the stock found it too old to be judged · dropped: the stocktake was cancelled before it was approved',
});
const revision = count.meta({ description: 'Number of its last event, from 0' });

const summary = {
  stocktakeId: StocktakeId,
  status,
  location: LocationId,
  scope: z.enum(['full', 'skus']),
  revision,
};

export const StocktakeAnswer = z
  .strictObject({
    commandId: z.string(),
    outcome: z.literal('accepted'),
    duplicate: z.boolean().meta({ description: 'true: it was taken before; the stocktake is as it is now' }),
    settled: z.boolean().meta({ description: 'false (status 202): its sheets are still being opened or closed' }),
    revision,
    position: Position.optional(),
    stocktake: z.strictObject({ ...summary, expected: count.meta({ description: 'SKUs known there at the opening' }) }),
  })
  .meta({ id: 'StocktakeAnswer' });

export const LinesAnswer = z
  .strictObject({
    commandId: z.string(),
    outcome: z.literal('accepted'),
    duplicate: z.boolean().meta({ description: 'true: all of it was taken before' }),
    settled: z.boolean().meta({ description: 'false (status 202): a stock could not be asked yet, and will be' }),
    position: Position.optional(),
    lines: z
      .array(
        z.strictObject({
          sku: Sku,
          outcome: z.enum(['accepted', 'refused', 'failed']),
          status: lineStatus.optional(),
          reason: z.string().optional().meta({ description: 'Why it was refused, or failed' }),
          detail: z.string().optional(),
          retryAfterMs: count.optional().meta({ description: 'Of a line that failed: send the same command again' }),
        }),
      )
      .meta({ description: 'In the order in which they were sent' }),
  })
  .meta({ id: 'StocktakeLinesAnswer' });

export const StocktakeDocument = z
  .strictObject({
    ...summary,
    openedAt: instant,
    openedBy: z.string(),
    endedAt: instant.optional(),
    progress: z.strictObject({
      expected: count.meta({ description: 'SKUs known there at the opening' }),
      counted: count.meta({ description: 'Of these' }),
      found: count.meta({ description: 'Counted SKUs that were not known there' }),
    }),
    lines: z.strictObject(Object.fromEntries(LINE_STATUSES.map((name) => [name, count]))).meta({
      description: 'Lines by status',
    }),
    units: z.strictObject({ over: count, short: count, net: z.int() }).meta({
      description: 'Found above and below what was expected when they were counted, of lines that were applied',
    }),
  })
  .meta({ id: 'Stocktake' });

export const StocktakeList = z
  .strictObject({
    stocktakes: z.array(StocktakeDocument),
    next: Position.optional().meta({ description: 'The `cursor` of the next page; absent on the last' }),
    asOf: Position,
  })
  .meta({ id: 'StocktakeList' });

export const StocktakeLines = z
  .strictObject({
    stocktakeId: StocktakeId,
    lines: z.array(
      z.strictObject({
        sku: Sku,
        status: lineStatus,
        known: z.boolean().meta({ description: 'Known there when the stocktake was opened' }),
        counted: count.optional(),
        countedAt: instant.optional(),
        expected: z.int().optional().meta({ description: 'As of countedAt, by all that is known today' }),
        variance: z.int().optional().meta({ description: 'counted − expected' }),
        expectedAtCount: z.int().optional().meta({ description: 'By what was known when the line came' }),
        varianceAtCount: z.int().optional(),
        lateFacts: count.optional().meta({ description: 'Facts from before the count that came after it' }),
        reason: z.enum([...VARIANCE_REASONS, 'late-fact']).optional(),
        counter: z.string().optional().meta({ description: 'The key that sent it' }),
        device: z.string().optional(),
        decidedBy: z.string().optional(),
      }),
    ),
    next: z.string().optional().meta({ description: 'The `cursor` of the next page; absent on the last' }),
  })
  .meta({ id: 'StocktakeLines' });

const UNDECIDED = ['conflict', 'unavailable', 'unknown-outcome', 'disk-full', 'invalid-command'] as const;

export const COUNTS_OPERATIONS = [
  {
    method: 'post',
    path: '/v1/stocktakes',
    id: 'postStocktake',
    tag: 'Counts',
    summary: 'Open a stocktake or a cycle count',
    description: 'Trade goes on: each line brings the time at which it was counted, and is true as of that time.',
    scopes: ['counts:write'],
    headers: ['Idempotency-Key', 'traceparent'],
    body: { [JSON_TYPE]: OpenStocktake },
    answers: {
      200: ['It is being counted', JSON_TYPE, StocktakeAnswer],
      202: ['Taken; its sheets are still being opened', JSON_TYPE, StocktakeAnswer],
    },
    problems: [
      ...BODY,
      ...UNDECIDED,
      'stocktake-exists',
      'unknown-location',
      'unknown-sku',
      'bundle-has-no-stock',
      'read-behind',
    ],
  },
  {
    method: 'get',
    path: '/v1/stocktakes',
    id: 'getStocktakes',
    tag: 'Counts',
    summary: 'Stocktakes, the newest first',
    scopes: ['counts:read'],
    query: StocktakesQuery,
    answers: { 200: ['A page; it may be short and have a next one', JSON_TYPE, StocktakeList] },
    problems: AFTER,
  },
  {
    method: 'get',
    path: '/v1/stocktakes/{stocktakeId}',
    id: 'getStocktake',
    tag: 'Counts',
    summary: 'One stocktake and how far it has come',
    scopes: ['counts:read'],
    query: StocktakeQuery,
    answers: { 200: ['As it is now', JSON_TYPE, StocktakeDocument] },
    problems: [...AFTER, 'unknown-stocktake'],
  },
  {
    method: 'get',
    path: '/v1/stocktakes/{stocktakeId}/lines',
    id: 'getStocktakeLines',
    tag: 'Counts',
    summary: 'Its lines and their variances',
    description: 'With `Accept: text/csv` the page as CSV, with a header and the next page in `Link`.',
    scopes: ['counts:read'],
    query: StocktakeLinesQuery,
    headers: ['Accept'],
    answers: { 200: ['A page', JSON_TYPE, StocktakeLines] },
    problems: [...AFTER, 'unknown-stocktake'],
  },
  {
    method: 'post',
    path: '/v1/stocktakes/{stocktakeId}/commands',
    id: 'postStocktakeCommand',
    tag: 'Counts',
    summary: 'Count, approve, reject, recount, explain, complete, cancel',
    description:
      'Up to 1,000 lines a command, each with its verdict; refused as a whole only when no line could be taken. `approve`, ' +
      '`reject` and `recount` need counts:approve and another key than the one that counted; the others counts:write.',
    scopes: ['counts:write'],
    headers: ['Idempotency-Key', 'traceparent'],
    body: { [JSON_TYPE]: StocktakeCommandBody },
    answers: {
      200: ['Taken, and every stock has answered', JSON_TYPE, z.union([LinesAnswer, StocktakeAnswer])],
      202: [
        'Taken; something is still to be done, or some lines failed',
        JSON_TYPE,
        z.union([LinesAnswer, StocktakeAnswer]),
      ],
    },
    problems: [
      ...BODY,
      ...UNDECIDED,
      ...(['unknown-stocktake', 'not-counting', 'lines-waiting', 'lines-uncounted', 'unknown-sku'] as const),
      ...(['already-counted', 'sku-not-in-stocktake', 'fence-in-future', 'fence-too-old', 'fence-not-later'] as const),
      ...(['not-waiting', 'not-counted', 'four-eyes', 'not-owner', 'bundle-has-no-stock'] as const),
    ],
  },
] as const satisfies readonly Operation[];

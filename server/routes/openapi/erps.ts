// The operations of /v1/erps and the shapes of their answers.
import { z } from 'zod';
import { MOVEMENT_KINDS } from '../../../domain/erp/movement.ts';
import { LocationId, Sku } from '../../../domain/stock/stream.ts';
import { ERP_STATES } from '../../erp/status.ts';
import { ErpDismissal, ErpRetry } from '../erps.ts';
import { BODY, JSON_TYPE, type Operation, READ } from './operation.ts';
import { Position } from './parameters.ts';

const count = z.int().min(0);
const instant = z.iso.datetime({ offset: true });
const status = {
  erp: z.string(),
  state: z.enum(ERP_STATES),
  waiting: count.meta({ description: 'Events that wait to be posted' }),
  oldestWaitingMs: count.meta({ description: 'How long the first of them has been in the log' }),
  postedLastMinute: count,
  posted: count.meta({ description: 'Movements since the beginning' }),
  lastPosted: z.strictObject({ reference: z.string(), theirId: z.string(), at: instant }).optional(),
  parked: count.meta({ description: 'Movements that wait apart: it refused them, or an earlier one of their SKU' }),
  nextTryAt: instant.optional(),
  outageSince: instant.optional(),
  upTo: Position.optional().meta({ description: 'All events up to it are posted or wait apart' }),
  lastError: z.string().optional(),
  lastReadAt: instant.optional().meta({ description: 'When its receipts and counts were last read' }),
};
const place = z.enum(['stock', 'customer', 'supplier', 'lost', 'transit']);

export const ErpDocument = z
  .strictObject({
    ...status,
    waitingApart: z
      .array(
        z.strictObject({
          reference: z.string().meta({ description: 'Ours, as the ERP has it' }),
          kind: z.enum(MOVEMENT_KINDS),
          sku: Sku,
          location: LocationId,
          from: place,
          to: place,
          quantity: count,
          channel: z.string().optional(),
          event: z.string().meta({ description: 'Stream and revision it comes from' }),
          occurredAt: instant,
          recordedAt: instant,
          parkedAt: instant,
          why: z.enum(['unmapped', 'refused', 'behind']),
          reason: z.string().optional(),
        }),
      )
      .meta({ description: 'The first 100, in log order' }),
    dismissed: z
      .array(z.strictObject({ sku: Sku, location: LocationId, movements: count, units: z.int() }))
      .meta({ description: 'What it never gets, by stock, and by how much it would change on-hand; the first 100' }),
  })
  .meta({ id: 'Erp' });

export const ErpList = z.strictObject({ erps: z.array(z.strictObject(status)) }).meta({ id: 'ErpList' });

export const ErpRetryAnswer = z
  .strictObject({ erp: z.string(), movements: count.meta({ description: 'That are posted again, in order' }) })
  .meta({ id: 'ErpRetryAnswer' });

export const ErpDismissalAnswer = z
  .strictObject({
    erp: z.string(),
    dismissed: count.meta({ description: 'Movements that are never posted' }),
    found: count.meta({ description: 'Movements that it had all the same: they count as posted' }),
  })
  .meta({ id: 'ErpDismissalAnswer' });

export const ERPS_OPERATIONS = [
  {
    method: 'get',
    path: '/v1/erps',
    id: 'listErps',
    tag: 'Operations',
    summary: 'All ERPs, and how posting to them goes',
    scopes: ['reconciliation:read'],
    answers: { 200: ['In the order of the policy', JSON_TYPE, ErpList] },
    problems: READ,
  },
  {
    method: 'get',
    path: '/v1/erps/{erp}',
    id: 'getErp',
    tag: 'Operations',
    summary: 'One ERP: its queue, what it was told last, and what waits apart',
    scopes: ['reconciliation:read'],
    answers: { 200: ['As it is now', JSON_TYPE, ErpDocument] },
    problems: [...READ, 'unknown-erp'],
  },
  {
    method: 'post',
    path: '/v1/erps/{erp}/retry',
    id: 'retryErp',
    tag: 'Operations',
    summary: 'Post again what waits apart, in order, and do not wait for the next try',
    scopes: ['reconciliation:write'],
    headers: ['Idempotency-Key'],
    body: { [JSON_TYPE]: ErpRetry },
    answers: { 200: ['Begun', JSON_TYPE, ErpRetryAnswer] },
    problems: [...BODY, 'invalid-command', 'unknown-erp', 'unavailable'],
  },
  {
    method: 'post',
    path: '/v1/erps/{erp}/dismiss',
    id: 'dismissErpMovements',
    tag: 'Operations',
    summary: 'Give up movements that wait apart; what waits behind them is posted',
    scopes: ['reconciliation:write'],
    headers: ['Idempotency-Key'],
    body: { [JSON_TYPE]: ErpDismissal },
    answers: { 200: ['Written; those that did not wait apart are left out', JSON_TYPE, ErpDismissalAnswer] },
    problems: [...BODY, 'invalid-command', 'unknown-erp', 'unavailable'],
  },
] as const satisfies readonly Operation[];

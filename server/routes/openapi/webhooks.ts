// The operations of /v1/webhooks and the shapes of their answers.
import { z } from 'zod';
import { WEBHOOK_STATES } from '../../webhooks/webhooks.ts';
import { WebhookReplay } from '../webhooks.ts';
import { BODY, JSON_TYPE, type Operation, READ } from './operation.ts';
import { Position } from './parameters.ts';

const count = z.int().min(0);
const instant = z.iso.datetime({ offset: true });

export const WebhookDocument = z
  .strictObject({
    webhook: z.string(),
    state: z.enum(WEBHOOK_STATES),
    waiting: count.meta({ description: 'Events that wait to be sent' }),
    oldestWaitingMs: count.meta({ description: 'How long the first of them has been in the log' }),
    delivered: count.meta({ description: 'Events that it took since the beginning' }),
    setAside: count.meta({ description: 'Events that it refused and that were passed over' }),
    lastSetAside: z
      .array(
        z.strictObject({ event: z.string(), type: z.string(), position: Position, reason: z.string(), at: instant }),
      )
      .meta({ description: 'The last 20 of them that it has not taken since' }),
    upTo: Position.optional().meta({ description: 'All events up to it are taken or set aside' }),
    nextTryAt: instant.optional(),
    outageSince: instant.optional(),
    lastError: z.string().optional(),
  })
  .meta({ id: 'Webhook' });

export const WebhookList = z.strictObject({ webhooks: z.array(WebhookDocument) }).meta({ id: 'WebhookList' });

export const WebhookReplayAnswer = z
  .strictObject({
    webhook: z.string(),
    after: Position.optional().meta({ description: 'Where it goes on; absent: from the beginning' }),
  })
  .meta({ id: 'WebhookReplayAnswer' });

export const WEBHOOKS_OPERATIONS = [
  {
    method: 'get',
    path: '/v1/webhooks',
    id: 'listWebhooks',
    tag: 'Operations',
    summary: 'All webhooks, and how telling them of events goes',
    scopes: ['webhooks:read'],
    answers: { 200: ['In the order of the policy', JSON_TYPE, WebhookList] },
    problems: READ,
  },
  {
    method: 'get',
    path: '/v1/webhooks/{webhook}',
    id: 'getWebhook',
    tag: 'Operations',
    summary: 'One webhook: what waits, how far it has come, what it refused',
    scopes: ['webhooks:read'],
    answers: { 200: ['As it is now', JSON_TYPE, WebhookDocument] },
    problems: [...READ, 'unknown-webhook'],
  },
  {
    method: 'post',
    path: '/v1/webhooks/{webhook}/replay',
    id: 'replayWebhook',
    tag: 'Operations',
    summary: 'Tell it of events once more, from a place or a time on; also one that had answered 410',
    scopes: ['webhooks:write'],
    headers: ['Idempotency-Key'],
    body: { [JSON_TYPE]: WebhookReplay },
    answers: { 200: ['Written; they are being sent', JSON_TYPE, WebhookReplayAnswer] },
    problems: [...BODY, 'invalid-command', 'unknown-webhook', 'position-ahead', 'unavailable'],
  },
] as const satisfies readonly Operation[];

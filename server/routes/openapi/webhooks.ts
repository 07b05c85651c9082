// The operations of /v1/webhooks and the shapes of their answers.
import { z } from 'zod';
import { WebhookReplay } from '../webhooks.ts';
import { BODY, JSON_TYPE, type Operation, READ } from './operation.ts';
import { Position } from './parameters.ts';
import { WebhookList, WebhookWithHistory } from './webhook-documents.ts';

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
    summary: 'One webhook: what waits, how far it has come, what it refused, and what happened to it last',
    scopes: ['webhooks:read'],
    answers: { 200: ['As it is now', JSON_TYPE, WebhookWithHistory] },
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

// How telling a webhook goes, as the API shows it. Imports only zod and such shapes: the dashboard takes its types from here.
import { z } from 'zod';
import { WEBHOOK_STATES } from '../../webhooks/webhook-state.ts';
import { Position } from './parameters.ts';

const count = z.int().min(0);
const instant = z.iso.datetime({ offset: true });

/** What is shown of its stream: not that somebody still holds it, or carries its progress on. */
export const HAPPENINGS = [
  ...(['WebhookStarted', 'WebhookDelivered', 'WebhookResent'] as const),
  ...(['WebhookReplayAsked', 'WebhookSwitchedOff', 'WebhookStopped'] as const),
] as const;

const status = {
  webhook: z.string(),
  state: z.enum(WEBHOOK_STATES),
  waiting: count.meta({ description: 'Events that wait to be sent' }),
  oldestWaitingMs: count.meta({ description: 'How long the first of them has been in the log' }),
  delivered: count.meta({ description: 'Events that it took since the beginning' }),
  setAside: count.meta({ description: 'Events that it refused and that were passed over' }),
  lastSetAside: z
    .array(z.strictObject({ event: z.string(), type: z.string(), position: Position, reason: z.string(), at: instant }))
    .meta({ description: 'The last 20 of them that it has not taken since' }),
  lastDeliveredAt: instant.optional().meta({ description: 'When it took one last' }),
  upTo: Position.optional().meta({ description: 'All events up to it are taken or set aside' }),
  nextTryAt: instant.optional(),
  outageSince: instant.optional(),
  lastError: z.string().optional(),
};

export const WebhookDocument = z.strictObject(status).meta({ id: 'Webhook' });

export const WebhookWithHistory = z
  .strictObject({
    ...status,
    history: z
      .array(
        z.strictObject({
          event: z.enum(HAPPENINGS).meta({ description: 'WebhookDelivered is what was taken since the one before' }),
          position: Position,
          at: instant,
          delivered: count.optional().meta({ description: 'Events taken' }),
          setAside: count.optional().meta({ description: 'Events refused and passed over' }),
          upTo: Position.optional().meta({ description: 'All events up to it are taken or set aside' }),
          after: Position.optional().meta({
            description: 'Of a replay: events after it are sent once more; absent: all',
          }),
          by: z.string().optional().meta({ description: 'Who asked for it' }),
          detail: z.string().optional().meta({ description: 'Why' }),
        }),
      )
      .meta({ description: 'Newest first, of the last 100 events of its stream' }),
  })
  .meta({ id: 'WebhookWithHistory' });

export const WebhookList = z.strictObject({ webhooks: z.array(WebhookDocument) }).meta({ id: 'WebhookList' });

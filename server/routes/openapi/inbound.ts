// The operation of /v1/hooks/{channel}, and how what comes in from a channel is shown in its state.
import { z } from 'zod';
import { WHY_WAITING } from '../../../domain/inbound/events.ts';
import { JSON_TYPE, type Operation } from './operation.ts';

const count = z.int().min(0);
const instant = z.iso.datetime({ offset: true });

export const InboundStateDocument = z
  .looseObject({
    failure: z.string().optional().meta({ description: 'Why nothing comes in at all' }),
    webhook: z
      .looseObject({
        received: count,
        unverified: count,
        lastReceivedAt: instant.optional(),
        failure: z.string().optional(),
      })
      .optional()
      .meta({ description: 'Deliveries since this server started' }),
    poll: z
      .looseObject({
        state: z.enum(['starting', 'ok', 'failing', 'denied']),
        lastSuccessAt: instant.optional(),
        failures: count.meta({ description: 'In a row' }),
        lastError: z.string().optional(),
        nextAt: instant.optional(),
        watermark: z.string().optional().meta({ description: 'Everything up to here is taken or waits' }),
        isSilent: z.boolean().meta({ description: 'It has not answered for longer than anybody should wait' }),
      })
      .optional(),
    waiting: count.meta({ description: 'Messages that are set aside' }),
    oldest: z.array(
      z.looseObject({
        id: z.string(),
        about: z.string(),
        why: z.enum(WHY_WAITING),
        reason: z.string(),
        since: instant.optional(),
      }),
    ),
  })
  .meta({ id: 'InboundState' });

const Received = z.strictObject({ received: z.literal(true) }).meta({ id: 'HookReceived' });

export const INBOUND_OPERATIONS = [
  {
    method: 'post',
    path: '/v1/hooks/{channel}',
    id: 'postHook',
    tag: 'Inbound',
    summary: 'What a channel tells by webhook',
    description:
      'For channels, in the form and with the signature of each (docs/inbound.md); no API key. 200 when every command it ' +
      'stands for is durable or it is set aside durably, also for a repeat, which has no effect.',
    scopes: [],
    body: { '*/*': z.unknown() },
    answers: { 200: ['It need not come again', JSON_TYPE, Received] },
    problems: ['unauthenticated', 'too-large', 'rate-limited', 'overloaded', 'unavailable', 'internal'],
  },
] as const satisfies readonly Operation[];

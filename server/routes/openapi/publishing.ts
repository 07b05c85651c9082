// The operations of channels that people steer, and the shapes of their answers.
import { z } from 'zod';
import { ChannelId } from '../../../domain/stock/stream.ts';
import { PublishingRequest } from '../publishing.ts';
import { PublishingHistoryQuery } from '../publishing-history.ts';
import { BODY, JSON_TYPE, type Operation, READ } from './operation.ts';
import { Position } from './parameters.ts';
import { PublishingHistory } from './publishing-history.ts';
import { PublishingState } from './publishing-state.ts';

const publishing = PublishingState.optional().meta({ description: 'Absent: nothing is published to it' });

export const ChannelList = z
  .strictObject({
    channels: z.array(z.strictObject({ channel: ChannelId, connector: z.string().optional(), publishing })),
    asOf: z.string(),
  })
  .meta({ id: 'ChannelList' });

export const PublishingAnswer = z
  .strictObject({
    channel: ChannelId,
    changed: z.boolean().meta({ description: 'false: it was so already' }),
    position: Position.optional(),
    publishing,
  })
  .meta({ id: 'PublishingAnswer' });

export const PUBLISHING_OPERATIONS = [
  {
    method: 'get',
    path: '/v1/channels',
    id: 'listChannels',
    tag: 'Operations',
    summary: 'All channels, and how publishing to them goes',
    scopes: ['availability:read'],
    answers: { 200: ['Those that the key may see', JSON_TYPE, ChannelList] },
    problems: READ,
  },
  {
    method: 'get',
    path: '/v1/channels/{channel}/publishing',
    id: 'getPublishing',
    tag: 'Operations',
    summary: 'What waits for a channel, what it refuses and why, and what it was told last',
    scopes: ['availability:read'],
    query: PublishingHistoryQuery,
    answers: { 200: ['As it is now', JSON_TYPE, PublishingHistory] },
    problems: [...READ, 'unknown-channel'],
  },
  {
    method: 'post',
    path: '/v1/channels/{channel}/publishing',
    id: 'steerPublishing',
    tag: 'Operations',
    summary: 'Pause or resume publishing to a channel, or have it told again',
    description:
      'Answered when it is durable; it holds in every process and after a restart. Calls under way end by themselves.',
    scopes: ['publishing:write'],
    headers: ['Idempotency-Key'],
    body: { [JSON_TYPE]: PublishingRequest },
    answers: { 200: ['Done', JSON_TYPE, PublishingAnswer] },
    problems: [
      ...BODY,
      'invalid-command',
      'unknown-channel',
      'unknown-sku',
      'conflict',
      'unavailable',
      'unknown-outcome',
      'disk-full',
    ],
  },
] as const satisfies readonly Operation[];

// POST /v1/channels/{channel}/publishing: people pause and resume publishing to a channel, or have it told again. Kept as
// an event of the channel with who and why; the same again changes nothing, so a repeat after a lost answer is harmless.
import { z } from 'zod';
import { REPUBLISHED_SKUS_MAX } from '../../domain/channel/events.ts';
import { Conflict, UnknownOutcome } from '../../domain/event-log.ts';
import { Sku } from '../../domain/stock/stream.ts';
import { HttpProblem } from '../problems.ts';
import { type Api, type ApiContext, json } from './api.ts';
import { channelOf } from './availability.ts';
import { publishingView } from './channels.ts';
import { answerJson } from './intake/json-request.ts';

const reason = z.string().trim().min(1).max(120);
const why = reason.optional().meta({ description: 'Why; kept with the event' });

export const PublishingRequest = z
  .discriminatedUnion('action', [
    z
      .strictObject({
        action: z.literal('pause'),
        reason: reason.meta({ description: 'Why; shown until it is resumed' }),
      })
      .meta({ title: 'pause', description: 'The channel is told nothing until somebody resumes' }),
    z.strictObject({ action: z.literal('resume'), reason: why }).meta({ title: 'resume' }),
    z
      .strictObject({
        action: z.literal('republish'),
        reason: why,
        skus: z
          .array(Sku)
          .min(1)
          .max(REPUBLISHED_SKUS_MAX)
          .optional()
          .meta({ description: 'Only these; default: all that it was ever told' }),
      })
      .meta({ title: 'republish', description: 'It is told the present figures again, refused values too' }),
  ])
  .meta({ id: 'PublishingRequest' });

export function postPublishing(api: Api, c: ApiContext): Promise<Response> {
  return answerJson(api, c, { scope: 'publishing:write', schema: PublishingRequest }, async (client, steering) => {
    const channel = channelOf(api, c, client);
    if (steering.action === 'republish') requireFigures(api, channel, steering.skus ?? []);
    const appended = await api.steerChannel?.(channel, { ...steering, by: client.id }).catch(failure);
    return json({
      channel,
      changed: appended !== undefined,
      ...(appended === undefined ? undefined : { position: appended.position }),
      publishing: publishingView(api, channel),
    });
  });
}

/** @throws HttpProblem `unknown-sku` */
function requireFigures({ availability }: Api, channel: string, skus: readonly string[]): void {
  const errors = skus.flatMap((sku, n) => {
    if (availability.units(channel, sku) !== undefined) return [];
    return [{ path: `/skus/${n}`, rule: 'unknown-sku', message: `${channel} has no figure of ${sku}` }];
  });
  if (errors.length === 0) return;
  throw new HttpProblem('unknown-sku', errors[0]!.message, { errors });
}

/** `Unavailable` is answered by the app. */
function failure(error: unknown): never {
  const retryAfterMs = 1_000;
  if (error instanceof UnknownOutcome) {
    throw new HttpProblem('unknown-outcome', 'Send the same again: it is harmless', { retryAfterMs });
  }
  if (error instanceof Conflict) throw new HttpProblem('conflict', 'Send the same again', { retryAfterMs });
  throw error;
}

// What was told to a channel last, as the API shows it. Imports only zod and such shapes: the dashboard takes its type
// from here.
import { z } from 'zod';
import { PublishingState } from './publishing-state.ts';

const count = z.int().min(0);

export const PublishingHistory = z
  .strictObject({
    channel: z.string(),
    publishing: PublishingState.optional().meta({ description: 'Absent: nothing is published to it' }),
    refused: z
      .array(z.strictObject({ sku: z.string(), units: count, reason: z.string() }))
      .meta({ description: 'Values it refuses now, 1,000 at most' }),
    events: z
      .array(
        z.strictObject({
          event: z.string().meta({ description: 'AvailabilityPublished is a batch' }),
          position: z.string(),
          at: z.iso.datetime({ offset: true }),
          batch: z.string().optional(),
          lane: z.enum(['urgent', 'bulk']).optional(),
          tookMs: z.number().min(0).optional(),
          lagMs: z.number().min(0).optional().meta({ description: 'Of the longest-waiting update that it confirmed' }),
          updates: count.optional().meta({ description: 'SKUs; absent with RepublishRequested: all' }),
          outcomes: z.record(z.string(), count).optional().meta({ description: 'Updates by what became of them' }),
          by: z.string().optional().meta({ description: 'The client who had it done' }),
          detail: z.string().optional().meta({ description: 'Why' }),
        }),
      )
      .meta({ description: 'Newest first' }),
  })
  .meta({ id: 'PublishingHistory' });

// How publishing to a channel goes, as the API shows it.
import { z } from 'zod';

const count = z.int().min(0);
const instant = z.iso.datetime({ offset: true });

export const PublishingState = z
  .looseObject({
    state: z.enum(['running', 'throttled', 'open', 'off', 'shadow', 'paused', 'failed']),
    backlog: count,
    oldestBacklogAgeMs: z.number(),
    lagMs: z.number(),
    inFlight: count,
    deadLetters: count,
    lastError: z.string().optional(),
    lastAcknowledgedAt: instant.optional(),
    failing: z.string().optional().meta({ description: 'Why it counts as failing by its policy' }),
    paused: z
      .strictObject({ at: instant, by: z.string(), reason: z.string().optional() })
      .optional()
      .meta({ description: 'Who had publishing to it paused; it is told nothing until somebody resumes' }),
  })
  .meta({ id: 'Publishing' });

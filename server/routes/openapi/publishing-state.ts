// How publishing to a channel goes, as the API shows it.
import { z } from 'zod';

const count = z.int().min(0);
const instant = z.iso.datetime({ offset: true });

const lane = {
  state: z.enum(['running', 'throttled', 'open', 'failed', 'stuck']),
  ratePerSecond: z.number().meta({ description: 'Calls a second that may be made now: learned' }),
  ratePerSecondMax: z.number().meta({ description: 'What policy and adapter allow' }),
};
const Lane = z.looseObject(lane);
const percentiles = z.strictObject({ p50Ms: count, p99Ms: count });

const Next = z.looseObject({
  sku: z.string(),
  urgency: z.enum(['to-zero', 'decrease', 'increase']),
  ageMs: count,
  risk: z
    .looseObject({
      risk: z.number().min(0).max(1).meta({ description: 'Orders updates of one urgency: 1 first' }),
      oversellProbability: z.number().min(0).max(1),
      soldPerDay: z.number().meta({ description: 'Units a day that this channel sells' }),
      there: count.meta({ description: 'Units that its locations have' }),
      shown: count.optional().meta({ description: 'Most that it may show; absent: not known' }),
      withinMs: count.meta({ description: 'The time for which the probability is' }),
      valuePart: z.number().meta({ description: 'Of an oversold unit, as a part of the most that one costs' }),
    })
    .optional()
    .meta({ description: 'Absent: an increase, which threatens nothing' }),
});

export const PublishingState = z
  .looseObject({
    state: z.enum(['running', 'throttled', 'open', 'off', 'shadow', 'elsewhere', 'paused', 'failed']),
    node: z
      .string()
      .optional()
      .meta({ description: 'Of several nodes the one that tells it; absent: none now, or there is one' }),
    backlog: count,
    byUrgency: z
      .strictObject({ 'to-zero': count, decrease: count, increase: count })
      .optional()
      .meta({ description: 'Of the backlog: it may sell what is not there · it shows too many · it shows too few' }),
    oldestBacklogAgeMs: z.number(),
    oldestDueAgeMs: z.number().optional().meta({ description: 'Of those that no daily budget holds back' }),
    lagMs: z.number(),
    lag: percentiles.optional().meta({ description: 'Of the last 1,000 updates: from change to known at the channel' }),
    inFlight: count,
    next: Next.optional().meta({ description: 'What leaves next, with what puts it first' }),
    deadLetters: count,
    lastError: z.string().optional(),
    lastAcknowledgedAt: instant.optional(),
    failing: z.string().optional().meta({ description: 'Why it counts as failing by its policy' }),
    lanes: z.strictObject({ urgent: Lane, bulk: Lane.optional() }).optional().meta({ description: 'The ways into it' }),
    budget: z
      .strictObject({
        perSkuDailyMax: count,
        leastLeft: count.meta({ description: 'Calls left for the SKU that has the fewest' }),
        thin: count.meta({ description: 'SKUs that can only be told of stock-outs, or of nothing' }),
      })
      .optional()
      .meta({ description: 'Of a channel that may be told of one SKU only so often in 24 hours' }),
    readBack: z
      .looseObject({
        ...lane,
        waiting: count.meta({ description: 'Values it accepted that were not seen yet' }),
        lost: count.meta({ description: 'Since the start: not shown in time' }),
        fewer: count.meta({ description: 'Since the start: shown fewer, as after sales of its own' }),
        unseenMs: count
          .optional()
          .meta({ description: 'For how long it has shown nothing of what it took in; absent: it shows values' }),
        seenMs: count.optional().meta({ description: 'Since it was last seen to show a value' }),
        applied: percentiles.optional().meta({ description: 'From acceptance to sight' }),
        lastError: z.string().optional(),
      })
      .optional()
      .meta({ description: 'Of a channel that only accepts' }),
    paused: z
      .strictObject({ at: instant, by: z.string(), reason: z.string().optional() })
      .optional()
      .meta({ description: 'Who had publishing to it paused; it is told nothing until somebody resumes' }),
  })
  .meta({ id: 'Publishing' });

// What is decided on a channel that fails (R9): keep retrying, lower its availability until it answers again, or hand
// it to people. It counts as failing once it has taken nothing for `afterMinutes` although there was something to say.
import { z } from 'zod';
import { Role } from './escalation.ts';

const afterMinutes = z
  .int()
  .min(1)
  .max(10_080)
  .default(15)
  .meta({ description: 'How long it must have failed before the decision holds' });

const Lower = z
  .strictObject({
    decision: z.literal('lower'),
    afterMinutes,
    units: z
      .int()
      .min(1)
      .max(1_000_000_000)
      .optional()
      .meta({ description: 'Held back of each SKU, on top of buffer' }),
    percentage: z
      .int()
      .min(0)
      .max(99)
      .optional()
      .meta({ description: 'Share of the pool it shows meanwhile; the lower of this and its usual one holds' }),
  })
  .refine(({ units, percentage }) => units !== undefined || percentage !== undefined, {
    message: 'must say units, percentage or both: how much to lower',
  })
  .meta({ title: 'lower' });

export const WhenFailing = z
  .discriminatedUnion('decision', [
    z.strictObject({ decision: z.literal('retry'), afterMinutes }).meta({ title: 'retry' }),
    Lower,
    z
      .strictObject({ decision: z.literal('route'), afterMinutes, to: Role.default('operations') })
      .meta({ title: 'route' }),
  ])
  .default({ decision: 'retry', afterMinutes: 15 })
  .meta({ description: 'retry: nothing more · lower: show less until it answers · route: a case for people' });
export type WhenFailing = z.output<typeof WhenFailing>;

interface Terms {
  readonly percentage: number;
  readonly buffer: number;
  readonly whenFailing: WhenFailing;
}

/** The terms of a channel while it fails: never more than its usual ones. */
export function loweredTerms<T extends Terms>(channel: T): T {
  const { whenFailing } = channel;
  if (whenFailing.decision !== 'lower') return channel;
  return {
    ...channel,
    buffer: Math.min(1_000_000_000, channel.buffer + (whenFailing.units ?? 0)),
    percentage: Math.min(channel.percentage, whenFailing.percentage ?? 100),
  };
}

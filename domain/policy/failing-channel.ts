// What is decided on a channel that fails (R9): keep retrying, lower its availability until it answers again, or hand
// it to people. It counts as failing once it has taken nothing for `afterMinutes` although there was something to say, or has
// shown nothing of what it took in; or, if policy says so, once an update has waited for `lagMinutes` although it takes others.
import { z } from 'zod';
import { MINUTE } from '../time.ts';
import { Role } from './escalation.ts';

const Minutes = z.number().min(0.01).max(10_080);

const when = {
  afterMinutes: Minutes.default(15).meta({
    description:
      'It fails once it has taken nothing for so long although there was something to say; may be a fraction',
  }),
  lagMinutes: Minutes.optional().meta({
    description: 'It also fails while an update waits for longer than this; default: only when it takes nothing',
  }),
};

const Lower = z
  .strictObject({
    decision: z.literal('lower'),
    ...when,
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
    z.strictObject({ decision: z.literal('retry'), ...when }).meta({ title: 'retry' }),
    Lower,
    z
      .strictObject({
        decision: z.literal('route'),
        ...when,
        to: Role.default('operations').meta({ description: 'Who gets the case' }),
      })
      .meta({ title: 'route' }),
  ])
  .default({ decision: 'retry', afterMinutes: 15 })
  .meta({ description: 'retry: nothing more · lower: show less until it answers · route: a case for whom it names' });
export type WhenFailing = z.output<typeof WhenFailing>;

/** A channel as it is seen at one look; durations in ms. */
export interface ChannelSight {
  /** How long the longest-waiting update has waited that may be told; undefined: nothing waits, or is kept back by a daily budget. */
  readonly waitingMs: number | undefined;
  /** Since it last took a value, or was seen to show one; undefined: it never did. */
  readonly takenMs: number | undefined;
  /** For how long it has shown nothing of what it took in; undefined: it shows values, or need not yet. */
  readonly unseenMs?: number | undefined;
  /** How long its breaker has been open, or no call of ours could pass; undefined: calls pass. */
  readonly brokenMs?: number | undefined;
  /** How long it has said that no call of ours can pass; undefined: it does not. */
  readonly deniedMs: number | undefined;
  /** How long there has been nothing to say to it; undefined: there is. */
  readonly quietMs: number | undefined;
}

/** Why it counts as failing, for people; undefined: it does not. */
export function whyFailing({ afterMinutes, lagMinutes }: WhenFailing, sight: ChannelSight): string | undefined {
  const { waitingMs = 0, takenMs = Number.POSITIVE_INFINITY, deniedMs = 0, unseenMs = 0 } = sight;
  const silentMs = Math.max(deniedMs, Math.min(waitingMs, takenMs));
  if (silentMs >= afterMinutes * MINUTE) return `it has taken nothing for ${minutes(silentMs)}`;
  if (unseenMs >= afterMinutes * MINUTE) return `it has shown nothing of what it took in for ${minutes(unseenMs)}`;
  if (lagMinutes === undefined || waitingMs < lagMinutes * MINUTE) return undefined;
  return `an update has waited for ${minutes(waitingMs)}`;
}

/**
 * It failed `sinceMs` ago: is it well again? It has taken something since. Or nothing is left to say, for so long that it
 * is worth a try: while nothing is sent to it, it cannot show that it is well.
 */
export function hasRecovered(terms: WhenFailing, sight: ChannelSight, sinceMs: number): boolean {
  if (whyFailing(terms, sight) !== undefined) return false;
  const { takenMs = Number.POSITIVE_INFINITY, quietMs = 0, deniedMs } = sight;
  return deniedMs === undefined && (takenMs < sinceMs || quietMs >= terms.afterMinutes * MINUTE);
}

function minutes(ms: number): string {
  return ms < 2 * MINUTE ? `${Math.floor(ms / 1_000)} s` : `${Math.floor(ms / MINUTE)} min`;
}

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

// One difference between what a system says it shows and what it is expected to show, with its class: why it is there,
// and therefore who has to do something. Zod, because differences are kept in the events of a run.
import { z } from 'zod';

/**
 * in-flight: an update is under way · explained: it was right at the time of the statement, and an event since has changed
 * it · stale-publish: the system acknowledged something newer than it shows · missing-fact: it shows fewer by what it has
 * probably sold and not told us yet · unknown-sku: only one of the two knows the SKU · drift: none of these.
 */
export const DIFFERENCE_CLASSES = [
  'in-flight',
  'explained',
  'stale-publish',
  'missing-fact',
  'unknown-sku',
  'drift',
] as const;

export const Difference = z.strictObject({
  sku: z.string(),
  class: z.enum(DIFFERENCE_CLASSES),
  /** Units the system says it shows; absent: the SKU is not in its (complete) statement. */
  reported: z.int().min(0).optional(),
  /** Units it should have shown at the time of the statement; absent: we do not know the SKU. On-hand may be below 0. */
  expected: z.int().optional(),
  /** What it acknowledged last; absent: nothing. */
  acknowledged: z.int().min(0).optional(),
  /** Our figure at the cut. */
  figure: z.int().optional(),
  /** reported − expected, with 0 for what is absent: above 0 it may oversell, below 0 it sells too little. */
  units: z.int(),
  /** units × the price the statement names, in its smallest unit of money; absent: no price is known. */
  value: z.int().optional(),
  /** The last moment at which it is known to have been right, ms since 1970; absent: no such moment is known. */
  since: z.int().optional(),
  /** Milliseconds from `since` to the statement. */
  ageMs: z.int().min(0).optional(),
  /** Stream and revision of the event that explains it. */
  event: z.string().optional(),
  /** One sentence for people. */
  why: z.string().max(200),
});
export type Difference = z.output<typeof Difference>;

/** Nothing has to be done about these: they go away by themselves. */
export function isExplained({ class: of }: Pick<Difference, 'class'>): boolean {
  return of === 'in-flight' || of === 'explained';
}

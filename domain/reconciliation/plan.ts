// What is done about a difference, by system-of-record policy. Only what nothing explains is corrected, a limited number of
// times; then somebody must look. A run corrects each difference once at most and starts no other run, so it never loops.
import type { Correction } from '../policy/system-of-record.ts';
import type { Difference } from './difference.ts';

export const PLANS = ['none', 'republish', 'count', 'case'] as const;
export type Plan = (typeof PLANS)[number];

export interface Planning {
  /** none: the run only reports (shadow mode, or asked for). */
  readonly correction: Correction | 'none';
  /** Corrections of one difference before it is left to a case. */
  readonly correctionsMax: number;
}

/** @param attempts corrections of this SKU that did not help, since it last agreed */
export function planOf(difference: Difference, attempts: number, { correction, correctionsMax }: Planning): Plan {
  if (correction === 'none') return 'none';
  switch (difference.class) {
    // They go away by themselves, or when the fact arrives: our figure told now could sell units twice.
    case 'in-flight':
    case 'explained':
    case 'missing-fact':
      return 'none';
    case 'unknown-sku':
      // A listing that is gone can be told again. What only the other system knows must be mapped by somebody; and an
      // SKU that its books do not name is no count of 0.
      if (difference.expected === undefined || correction !== 'republish') return 'case';
      break;
    case 'stale-publish':
    case 'drift':
      break;
  }
  return correction === 'case' || attempts >= correctionsMax ? 'case' : correction;
}

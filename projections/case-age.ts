// How old an exception case is, and whether it is late. Pure.
import type { Case } from '../domain/exception/case.ts';
import { isOpen } from '../domain/exception/machine.ts';
import { DAY, HOUR } from '../domain/time.ts';

export const AGE_BUCKETS = ['under-1h', '1h-to-1d', '1d-to-7d', 'over-7d'] as const;
export type AgeBucket = (typeof AGE_BUCKETS)[number];

/** From the start of this occurrence to its end, or to now. */
export function ageMs({ openedAt, closedAt }: Pick<Case, 'openedAt' | 'closedAt'>, now: number): number {
  return Math.max(0, (closedAt ?? now) - openedAt);
}

export function ageBucket(ms: number): AgeBucket {
  if (ms < HOUR) return 'under-1h';
  if (ms < DAY) return '1h-to-1d';
  return ms < 7 * DAY ? '1d-to-7d' : 'over-7d';
}

export function isOverdue({ status, dueAt, level }: Pick<Case, 'status' | 'dueAt' | 'level'>, now: number): boolean {
  // Escalated as far as it goes: late for good.
  return isOpen(status) && (dueAt === undefined ? level > 0 : now >= dueAt);
}

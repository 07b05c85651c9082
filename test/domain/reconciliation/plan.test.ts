// What is done about a difference: a table over classes, corrections and attempts.
import { describe, expect, it } from 'vitest';
import type { Difference } from '../../../domain/reconciliation/difference.ts';
import { type Plan, planOf } from '../../../domain/reconciliation/plan.ts';

const difference = (fields: Partial<Difference>): Difference => ({
  ...{ sku: 'A', class: 'drift', units: 2, reported: 7, expected: 5, why: 'because' },
  ...fields,
});
const gone = { class: 'unknown-sku', reported: undefined } as const;
const strange = { class: 'unknown-sku', expected: undefined } as const;

type Row = readonly [Partial<Difference>, correction: 'republish' | 'count' | 'case' | 'none', attempts: number, Plan];
const TABLE: readonly Row[] = [
  [{ class: 'in-flight' }, 'republish', 0, 'none'],
  [{ class: 'explained' }, 'republish', 0, 'none'],
  [{ class: 'missing-fact' }, 'republish', 0, 'none'],
  [{ class: 'missing-fact' }, 'count', 0, 'none'],
  [{ class: 'missing-fact' }, 'case', 0, 'none'],
  [{ class: 'drift' }, 'republish', 0, 'republish'],
  [{ class: 'stale-publish' }, 'republish', 2, 'republish'],
  [{ class: 'drift' }, 'republish', 3, 'case'],
  [{ class: 'drift' }, 'republish', 9, 'case'],
  [{ class: 'drift' }, 'count', 0, 'count'],
  [{ class: 'drift' }, 'count', 3, 'case'],
  [{ class: 'drift' }, 'case', 0, 'case'],
  [{ class: 'drift' }, 'none', 0, 'none'],
  [gone, 'republish', 0, 'republish'],
  [gone, 'count', 0, 'case'],
  [strange, 'republish', 0, 'case'],
  [strange, 'count', 0, 'case'],
  [strange, 'none', 0, 'none'],
];

describe('a difference', () => {
  it.each(TABLE)('%j under %s after %i attempts is %s', (fields, correction, attempts, expected) => {
    expect(planOf(difference(fields), attempts, { correction, correctionsMax: 3 })).toBe(expected);
  });

  it('is a case at once where nothing is to be corrected', () => {
    expect(planOf(difference({}), 0, { correction: 'republish', correctionsMax: 0 })).toBe('case');
  });
});

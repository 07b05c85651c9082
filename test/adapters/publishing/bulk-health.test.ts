// When feeds count as stuck, and when as working again.
import { describe, expect, it } from 'vitest';
import { createBulkHealth } from '../../../adapters/publishing/bulk-health.ts';

const SETTLES = 300_000;

describe('the health of the bulk lane', () => {
  // Seen failing with any lost value taken for a stuck lane.
  it('is good while values that were accepted as late as a lost one, or later, are shown', () => {
    const health = createBulkHealth(SETTLES);
    health.applied(2_000);
    expect(health.lost(1_000, 400_000)).toBe(false);
    expect(health.lost(2_000, 400_000)).toBe(false);
    expect(health.mayTake(400_000)).toBe('all');
    expect(health.lost(2_001, 400_000)).toBe(true);
    expect(health.mayTake(400_000)).toBe('nothing');
  });

  // Seen failing with any value that is shown taken for a lane that works again.
  it('is good again when something is shown that it took in after it was stuck, not before', () => {
    const health = createBulkHealth(SETTLES);
    health.lost(1_000, 400_000);
    health.applied(1_500);
    expect(health.mayTake(400_001)).toBe('nothing');
    health.applied(700_001);
    expect([health.mayTake(700_002), health.probeAt]).toEqual(['all', undefined]);
  });

  // Seen failing with a probe that does not put off the next one.
  it('is tried once in the time that feeds take to settle', () => {
    const health = createBulkHealth(SETTLES);
    health.refused(0);
    expect(health.mayTake(SETTLES - 1)).toBe('nothing');
    expect(health.mayTake(SETTLES)).toBe('probe');
    health.started(SETTLES);
    expect(health.mayTake(SETTLES + 1)).toBe('nothing');
    expect(health.mayTake(2 * SETTLES)).toBe('probe');
    // Lost too: the next probe comes no sooner.
    expect(health.lost(SETTLES, 2 * SETTLES)).toBe(true);
    expect(health.mayTake(2 * SETTLES)).toBe('nothing');
    // Where feeds settle at once it is not tried all the time either.
    const quick = createBulkHealth(0);
    quick.refused(0);
    expect([quick.mayTake(59_999), quick.mayTake(60_000)]).toEqual(['nothing', 'probe']);
  });
});

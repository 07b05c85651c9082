import { describe, expect, it } from 'vitest';
import type { ChannelEventOf, PublishOutcome } from '../../../domain/channel/events.ts';
import { afterBatch, afterStep, lagOf, UNMEASURED } from '../../../domain/signals/publish-lag.ts';

const batch = (lagMs: number, outcome: PublishOutcome = 'confirmed'): ChannelEventOf<'AvailabilityPublished'> => ({
  ...{ type: 'AvailabilityPublished', v: 1, batchId: 'b', startedAt: 0, finishedAt: 0, version: '0', floor: '0' },
  ...{ lagMs, acknowledgement: 'applied', updates: [['A', 1, outcome]], reasons: [] },
});

function steps(...lags: readonly (readonly number[])[]): readonly (number | undefined)[] {
  let lag = UNMEASURED;
  return lags.map((ofStep) => {
    for (const lagMs of ofStep) lag = afterBatch(lag, batch(lagMs));
    lag = afterStep(lag);
    return lag.usedMs;
  });
}

describe('the publish lag that prices are made with', () => {
  it('is the mean of the step, from the next step on, rounded up to four bits', () =>
    expect(steps([], [100, 200], [])).toEqual([undefined, 160, 160]));

  it('rises at once, stays while the lag is a little shorter, and falls by halves', () =>
    expect(steps([1_000], [4_000], [3_500], [1_000], [1_000], [1_000], [1_000], [1_000], [1_000])).toEqual([
      1_024, 4_096, 4_096, 2_560, 1_792, 1_408, 1_280, 1_280, 1_280,
    ]));

  it('does not move for a batch that confirmed nothing', () => {
    expect(afterBatch(UNMEASURED, batch(500, 'unknown'))).toBe(UNMEASURED);
    expect(afterStep({ sumMs: 0, batches: 0, usedMs: 300 }).usedMs).toBe(300);
  });

  // Seen failing with `lagOf` taking every confirmed batch: what is only accepted would price buffers as if it were shown.
  it('is that of what was seen, where values are only accepted', () => {
    expect(lagOf({ ...batch(500), readBack: true })).toBeUndefined();
    const seen = { type: 'AvailabilityReadBack', v: 1, at: 9, lagMs: 90_000 } as const;
    expect(lagOf({ ...seen, values: [['A', 1, 1, 'applied']], reasons: [] })).toBe(90_000);
    expect(lagOf({ ...seen, values: [['A', 1, 4, 'lost']], reasons: [] })).toBeUndefined();
  });
});

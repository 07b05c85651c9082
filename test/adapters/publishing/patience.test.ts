// How long one SKU waits after an update that the channel did not take.
import { expect, it } from 'vitest';
import type { Outcome } from '../../../adapters/channels/channel.ts';
import { patienceMs } from '../../../adapters/publishing/patience.ts';

const MINUTE = 60_000;
const waits = (outcome: Outcome, ordering: 'version' | 'arrival') =>
  patienceMs(outcome, 1, ordering, { timeoutMs: 10_000 }, () => 1);

// Seen failing with the channel's own time read for `retryLater` only.
it('is the time that the channel asked for, whether nothing of it was applied or a part', () => {
  expect(waits({ kind: 'retryLater', afterMs: MINUTE }, 'arrival')).toBe(MINUTE);
  expect(waits({ kind: 'unknown', reason: 'a part of it', afterMs: MINUTE }, 'version')).toBe(MINUTE);
});

it('is never shorter than a lost call may still arrive, where the last one wins', () => {
  expect(waits({ kind: 'unknown', reason: 'reset', afterMs: 1_000 }, 'arrival')).toBe(10_000);
  expect(waits({ kind: 'unknown', reason: 'reset' }, 'arrival')).toBe(10_000);
  expect(waits({ kind: 'unknown', reason: 'reset' }, 'version')).toBeLessThan(10_000);
});

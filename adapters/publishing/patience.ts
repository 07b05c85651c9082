// How long one SKU waits after an update that the channel did not take, on top of the channel's own pauses.
import type { Declaration, Outcome } from '../channels/channel.ts';
import { askedMs, BACKOFF_BASE_MS, backoffMs, THROTTLED_BASE_MS } from './backoff.ts';
import type { Lane } from './line.ts';

/** Whole calls that fail pause the channel; this is the patience one SKU needs on top. `attempt` counts from 1. */
export function patienceMs(
  outcome: Outcome,
  attempt: number,
  ordering: Declaration['ordering'],
  { timeoutMs }: Pick<Lane, 'timeoutMs'>,
  random: () => number,
): number {
  const asked = 'afterMs' in outcome ? askedMs(outcome.afterMs) : undefined;
  if (outcome.kind === 'retryLater') {
    return asked ?? (outcome.reason === undefined ? 0 : backoffMs(attempt, THROTTLED_BASE_MS, random));
  }
  // Where the last to arrive wins, the lost call must have ended, one way or the other, before the next one leaves.
  return Math.max(asked ?? 0, ordering === 'arrival' ? timeoutMs : backoffMs(attempt, BACKOFF_BASE_MS, random));
}

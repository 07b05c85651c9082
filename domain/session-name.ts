// Names for what one process does in its time: no other process, and none before it, takes the same.
import type { Instant } from './time.ts';

const RANDOM = 2 ** 40;

/** @param random 0 ≤ random < 1 */
export function sessionName(now: Instant, random: () => number): string {
  return `${now.toString(36)}-${Math.floor(random() * RANDOM).toString(36)}`;
}

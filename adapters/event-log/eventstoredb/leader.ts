// After a change of leader. The old leader turns a call away and names the new one; the client then reconnects to it, in its
// own time and without repeating the call. Repeating is safe: a call turned away by a node that does not lead wrote nothing.
import { setTimeout as delay } from 'node:timers/promises';

const ATTEMPTS_MAX = 4;
const WAIT_MS = 25;

/** Waits for the client to follow; false when attempt number `attempt` (from 1) was the last one worth making. */
export async function leaderChange(attempt: number): Promise<boolean> {
  if (attempt >= ATTEMPTS_MAX) return false;
  await delay(WAIT_MS * 2 ** attempt);
  return true;
}

// Whether a workflow may take a fact of such a time: one from outside the window would be parked by its stock, and the
// workflow say what no stock shows.
import type { Policy } from '../channel/policy.ts';
import type { Instant } from '../time.ts';

/** Why not, as the detail of a refusal that names the field; undefined: it may. */
export function outsideWindow(occurredAt: Instant, now: Instant, policy: Policy): string | undefined {
  const { duplicateWindowDays, clockSkewMinutes } = policy.document;
  const { windowMs, clockSkewMsMax } = policy.stockPolicy('', '');
  if (occurredAt < now - windowMs) return `/occurredAt is more than ${duplicateWindowDays} days ago`;
  if (occurredAt > now + clockSkewMsMax) return `/occurredAt is more than ${clockSkewMinutes} minutes ahead`;
  return undefined;
}

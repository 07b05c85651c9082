// After a crash: which SKUs may the channel have been told about without it being in the log? A batch is recorded
// after it was answered, so the calls under way at the crash are not there. Each had a version of at least the
// stream's floor. If it told a value that has gone back to the recorded one since, a stock event after that version did it.
import type { Availability } from '../../projections/availability.ts';
import type { ChannelRecord } from '../../projections/published-pages.ts';

/** True: what the channel shows of this SKU is not known, say it again. Errs on that side. */
export function mayHaveBeenTold(
  sku: string,
  before: Pick<ChannelRecord, 'stopped' | 'policy' | 'floor'>,
  policy: string,
  differs: boolean,
  availability: Pick<Availability, 'stockOf'>,
): boolean {
  if (before.stopped) return false;
  // It may have been told this very difference, which may go away before it is said again.
  if (differs) return true;
  // A figure can also have moved with the policy, and that leaves no stock event.
  if (before.policy !== policy) return true;
  return availability.stockOf(sku).some(({ position }) => position > before.floor);
}

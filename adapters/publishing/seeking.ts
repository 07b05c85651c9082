// Which values have to be seen at a channel that only accepts: those of a batch that was just recorded, and those that the
// log says were accepted before this process began.
import type { Instant } from '../../domain/time.ts';
import type { Shown } from '../../projections/shown.ts';
import type { Outcome } from '../channels/channel.ts';
import { type Flight, isReadBack } from './flight.ts';
import type { Line } from './line.ts';
import type { Reading } from './reading.ts';
import type { Moment } from './timers.ts';

/** A batch is recorded and folded. */
export function seekTold(
  reading: Reading,
  flight: Flight,
  outcomes: ReadonlyMap<string, Outcome>,
  acceptedAt: Moment,
): void {
  const { lane, updates, entries, watch } = flight;
  if (lane.name === 'bulk') {
    for (const { sku, units } of updates) {
      const kind = outcomes.get(sku)?.kind;
      if (kind === 'confirmed' || kind === 'unknown') reading.handedOver(sku, units);
    }
  }
  for (const { sku, since } of entries) {
    if (outcomes.get(sku)?.kind !== 'confirmed') continue;
    if (isReadBack(flight)) reading.seek({ sku, lane: lane.name, acceptedAt, since, told: watch.traceparent });
    else reading.shownNow(sku);
  }
}

/** What the log says was accepted and not seen. How long ago that was is known by the wall clock. */
export function seekKnown(
  reading: Reading,
  sku: string,
  shown: Shown | undefined,
  ordering: Line['ordering'],
  now: { readonly instant: Instant; readonly moment: Moment },
): void {
  if (shown === undefined || reading.seeks(sku)) return;
  const { accepted, feed } = shown;
  const momentOf = (at: Instant) => now.moment - Math.max(0, now.instant - at);
  if (accepted !== undefined) {
    const acceptedAt = momentOf(accepted.at);
    reading.seek({ sku, lane: accepted.lane, acceptedAt, since: { at: acceptedAt } });
  }
  if (feed !== undefined && ordering === 'arrival') reading.leftBehind(sku, feed.units, momentOf(feed.at));
}

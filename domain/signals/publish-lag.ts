// How long a channel is behind: the mean of the lags its own stream records, taken once a step of five minutes. A
// longer lag counts at once; a shorter one when it is shorter by a quarter, and then by half of the difference a step, so
// that prices do not flap with it. Whole milliseconds, rounded up to four significant bits.
import type { ChannelEvent, ReadValue } from '../channel/events.ts';

export interface PublishLag {
  /** Of the batches of the running step that confirmed something: sum and number. */
  readonly sumMs: number;
  readonly batches: number;
  /** What prices are made with; undefined until a step with a confirmed batch has ended. */
  readonly usedMs: number | undefined;
}

export const UNMEASURED: PublishLag = { sumMs: 0, batches: 0, usedMs: undefined };

/**
 * How far behind the event shows the channel to have been, ms; undefined: it says nothing of that. A batch that confirmed
 * nothing does not, nor does one whose values are read back: what it accepted is not shown yet.
 */
export function lagOf(event: ChannelEvent): number | undefined {
  if (event.type === 'AvailabilityReadBack') return event.values.some(isApplied) ? event.lagMs : undefined;
  if (event.type !== 'AvailabilityPublished' || event.readBack) return undefined;
  return event.updates.some(([, , outcome]) => outcome === 'confirmed') ? event.lagMs : undefined;
}
const isApplied = ([, , , verdict]: ReadValue) => verdict === 'applied';

/** The lag of an event is its longest wait, so the mean errs on the safe side. */
export function afterBatch(lag: PublishLag, event: ChannelEvent): PublishLag {
  const lagMs = lagOf(event);
  return lagMs === undefined ? lag : { ...lag, sumMs: lag.sumMs + lagMs, batches: lag.batches + 1 };
}

/** What holds in the step that begins. Without a batch that confirmed something nothing changes. */
export function afterStep({ sumMs, batches, usedMs }: PublishLag): PublishLag {
  if (batches === 0) return { sumMs, batches, usedMs };
  return { ...UNMEASURED, usedMs: nextUsed(usedMs, Math.ceil(sumMs / batches)) };
}

function nextUsed(used: number | undefined, mean: number): number {
  if (used === undefined || mean > used) return roundedUp(mean);
  return mean > used * 0.75 ? used : roundedUp(used - Math.floor((used - mean) / 2));
}

/** The next number of four significant bits (… 14, 15, 16, 18, 20 …): at most an eighth more. */
function roundedUp(ms: number): number {
  let unit = 1;
  while (ms > unit * 16) unit *= 2;
  return Math.ceil(ms / unit) * unit;
}

// Where a poll by time stands, and its text: the watermark. Between rounds it is the time the last round started at; within
// one it is that and where the round goes on (`<on>/<started>`).
import type { Instant } from '../../../domain/time.ts';

export interface Round {
  /** Orders changed then or later … */
  readonly from: Instant;
  /** … and not after that; undefined: up to now. */
  readonly until?: Instant | undefined;
  /** By eBay's clock; undefined: it has not answered yet. */
  readonly startedAt?: Instant | undefined;
}

/** Orders in one page. eBay's own default; each that has shipments costs a call more. */
export const PAGE_ORDERS = 50;

/** How far a round goes back behind the start of the one before, ms: as late as eBay may show an order's change. */
export const OVERLAP_MS = 300_000;

export function roundOf(watermark: string | undefined, first: Instant): Round {
  const [on, startedAt] = (watermark ?? '').split('/').map((text) => Date.parse(text));
  if (on === undefined || Number.isNaN(on)) return { from: first };
  if (startedAt === undefined || Number.isNaN(startedAt)) return { from: on - OVERLAP_MS };
  return { from: on, startedAt };
}

/** Half of the span at most, less where there is much in it; at the least the first millisecond alone. */
export function narrowed(round: Round, total: number, now: Instant): Round {
  const span = Math.max(0, (round.until ?? now) - round.from);
  const share = Math.min(1 / 2, (PAGE_ORDERS / total) * (3 / 4));
  return { ...round, until: round.from + Math.floor(span * share) };
}

export function roundAfter({ until, from, startedAt }: Round): Round {
  if (until === undefined) return { from: startedAt ?? from };
  // Both ends of a span belong to it, so the next begins with the last one's end; of a span of 1 ms nothing is left.
  return { from: until === from ? until + 1 : until, startedAt };
}

export function textOf({ from, startedAt }: Round): string {
  const on = new Date(from).toISOString();
  return startedAt === undefined ? on : `${on}/${new Date(startedAt).toISOString()}`;
}

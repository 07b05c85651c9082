// What we know of one SKU at the cut: our figure, what the system was told and answered, what it sold, and whether an
// update is on its way. All of it comes from the log, so a run can be judged again later with the same outcome.
import type { PublishOutcome } from '../channel/events.ts';
import type { Position } from '../event-log.ts';
import type { Instant } from '../time.ts';

/** One call that told the system this SKU. */
export interface Telling {
  readonly units: number;
  readonly version: Position;
  readonly outcome: PublishOutcome;
  readonly startedAt: Instant;
  /** When its answer was there: a confirmed value was shown at some time between the two, and by this one at the latest. */
  readonly finishedAt: Instant;
  /** Stream and revision of its record. */
  readonly event: string;
}

/** The system took units off what it shows by itself, and told us. */
export interface OwnSale {
  readonly units: number;
  readonly occurredAt: Instant;
  readonly recordedAt: Instant;
  readonly event: string;
}

/** Movements of this stock that the system's books are not told yet: in the queue, or waiting apart. */
export interface Unposted {
  readonly movements: number;
  /** By which they change on-hand: below 0, the books still count units that are gone. */
  readonly units: number;
  /** Of the movements: refused, or behind one that was. */
  readonly parked: number;
  /** What people gave up, and the books will never be told; the same two figures of it. */
  readonly dismissed?: { readonly movements: number; readonly units: number } | undefined;
}

/** Our figure became `units`. For a system that is told nothing, this is what it is expected to show. */
export interface FigureChange {
  readonly units: number;
  readonly at: Instant;
  /** When what changed it had happened: the system may have known it from then on. Default: `at`. */
  readonly happenedAt?: Instant | undefined;
  readonly event: string;
}

export interface Known {
  /** Now; undefined: the SKU has never been held where this system sells. */
  readonly figure: number | undefined;
  /** Something is under way to the system for this SKU, or waits for its turn. */
  readonly isInFlight: boolean;
  /** The system will not take this value. */
  readonly refused?: { readonly units: number; readonly reason: string } | undefined;
  /** What it was told, oldest first, as far back as was looked. Empty: it never was, or not for as long. */
  readonly tellings: readonly Telling[];
  /** Since before the oldest of them, oldest first by the time they happened. */
  readonly sales: readonly OwnSale[];
  /** Instead of tellings, for a system that we do not publish to. The first is the figure at the beginning. */
  readonly figures: readonly FigureChange[];
  /** For books that we tell of movements. */
  readonly unposted?: Unposted | undefined;
  /** What was there at the time of the statement, in event time, by all that is known now. For books, which keep event time. */
  readonly trueThen?: { readonly units: number; readonly event: string | undefined } | undefined;
}

/** The last value the system acknowledged. */
export function acknowledged({ tellings }: Known): Telling | undefined {
  return tellings.findLast(({ outcome }) => outcome === 'confirmed');
}

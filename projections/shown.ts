// What one channel shows of one SKU, as far as we can know: what it acknowledged, what may have been applied, what it
// refused, and whether it has sold since. A sale makes it uncertain as of the sale's position: the channel has lowered
// its figure itself, so a value that was read before the sale does not settle it, one read after it does. Pure.
import type { RecordedUpdate } from '../domain/channel/events.ts';
import { type Position, START } from '../domain/event-log.ts';

/** What is known of one SKU at one channel. */
export interface Shown {
  /** Units the channel acknowledged last; undefined: it never has. */
  readonly units: number | undefined;
  /** Version of that acknowledgement; `START`: none. */
  readonly unitsVersion: Position;
  /** Version of the last attempt, whatever came of it; `START`: it was never told. */
  readonly version: Position;
  /** An attempt since then may or may not have been applied: the channel may show up to this many. */
  readonly uncertainUpTo: number | undefined;
  /**
   * Position of the channel's last sale, or of a request to tell it again, if later than what it acknowledged: it shows
   * fewer by a number we do not know, or is to be told whatever it shows.
   */
  readonly doubtedAt: Position | undefined;
  /** The channel refused this value; it is parked until the value or the policy changes. */
  readonly refused: { readonly units: number; readonly reason: string } | undefined;
}

const NEVER: Shown = {
  units: undefined,
  unitsVersion: START,
  version: START,
  uncertainUpTo: undefined,
  doubtedAt: undefined,
  refused: undefined,
};

/** What is known after one more attempt. */
export function afterUpdate(
  before: Shown | undefined,
  version: Position,
  [, units, outcome, reason]: RecordedUpdate,
  reasons: readonly string[],
): Shown {
  const was = before ?? NEVER;
  switch (outcome) {
    case 'confirmed': {
      const doubtedAt = was.doubtedAt !== undefined && was.doubtedAt > version ? was.doubtedAt : undefined;
      return { units, unitsVersion: version, version, uncertainUpTo: undefined, doubtedAt, refused: undefined };
    }
    case 'retryLater':
      return { ...was, version };
    case 'unknown':
      return { ...was, version, uncertainUpTo: Math.max(units, was.uncertainUpTo ?? 0), refused: undefined };
    case 'refused':
      return { ...was, version, refused: { units, reason: (reason === undefined ? '' : reasons[reason]) ?? '' } };
  }
}

/** What is known after the channel reported a sale at `position`; `before` itself if that was counted already. */
export function afterSale(before: Shown | undefined, position: Position): Shown {
  const was = before ?? NEVER;
  return position <= was.unitsVersion || position <= (was.doubtedAt ?? START) ? was : { ...was, doubtedAt: position };
}

/** What is known after somebody asked at `position` that it be told again: a value that it refused too. */
export function afterRequest(before: Shown, position: Position): Shown {
  const doubted = afterSale(before, position);
  return doubted.refused === undefined ? doubted : { ...doubted, refused: undefined };
}

/** Such a row holds a sale only: the first call may be under way, and its record must not settle it. */
export function wasTold({ version }: Shown): boolean {
  return version !== START;
}

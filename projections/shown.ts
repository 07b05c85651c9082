// What one channel shows of one SKU, as far as we can know: what it acknowledged, what may have been applied, what it
// refused, and whether it has sold since. A sale makes it uncertain as of the sale's position: the channel has lowered
// its figure itself, so a value that was read before the sale does not settle it, one read after it does. Pure.
import type { ReadValue, RecordedUpdate } from '../domain/channel/events.ts';
import { type Position, START } from '../domain/event-log.ts';
import type { Instant } from '../domain/time.ts';

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
  /** It only accepted `units`, and was not seen to show them yet. */
  readonly accepted: Accepted | undefined;
  /** What it may show instead of `units`: what it was seen to show last, and what it accepted since. The last few. */
  readonly older: readonly number[];
  /** Accepted values in a row that it did not show in time. */
  readonly lost: number;
  /** The last value that went by bulk, until it is seen: it may be applied late, over what was told since. */
  readonly feed: Feed | undefined;
}

export interface Feed {
  readonly at: Instant;
  readonly units: number;
}

export interface Accepted {
  readonly at: Instant;
  readonly lane: 'urgent' | 'bulk';
}

const OLDER_MAX = 4;
const NONE: readonly number[] = [];

/** Nothing was ever told. */
export const NEVER: Shown = {
  units: undefined,
  unitsVersion: START,
  version: START,
  uncertainUpTo: undefined,
  doubtedAt: undefined,
  refused: undefined,
  accepted: undefined,
  older: NONE,
  lost: 0,
  feed: undefined,
};

/** What is known after one more attempt. */
export function afterUpdate(
  before: Shown | undefined,
  attempt: Attempt,
  [, units, outcome, reason]: RecordedUpdate,
): Shown {
  const { version, finishedAt, readBack, lane, reasons } = attempt;
  const was = before ?? NEVER;
  if (version < was.version) return afterLate(was, units, outcome);
  const mayCome = lane === 'bulk' && (outcome === 'confirmed' || outcome === 'unknown');
  const feed = mayCome ? { at: finishedAt, units } : was.feed;
  switch (outcome) {
    case 'confirmed':
      return {
        units,
        unitsVersion: version,
        version,
        uncertainUpTo: undefined,
        doubtedAt: was.doubtedAt !== undefined && was.doubtedAt > version ? was.doubtedAt : undefined,
        refused: undefined,
        accepted: readBack ? { at: finishedAt, lane } : undefined,
        older: readBack ? mayShow(was) : NONE,
        lost: readBack ? was.lost : 0,
        feed,
      };
    case 'retryLater':
      return { ...was, version };
    case 'unknown':
      return { ...was, version, uncertainUpTo: Math.max(units, was.uncertainUpTo ?? 0), refused: undefined, feed };
    case 'refused':
      return { ...was, version, refused: { units, reason: (reason === undefined ? '' : reasons[reason]) ?? '' } };
  }
}

/**
 * An attempt older than one that is known: a process that lost the channel while a call was under way wrote it down late. Which
 * of the two came last is not known, so the channel may show either.
 */
function afterLate(was: Shown, units: number, outcome: RecordedUpdate[2]): Shown {
  if (outcome === 'retryLater' || outcome === 'refused') return was;
  return { ...was, uncertainUpTo: Math.max(units, was.uncertainUpTo ?? 0) };
}

/** What an attempt says of all its updates. */
export interface Attempt {
  readonly version: Position;
  readonly finishedAt: Instant;
  readonly readBack: boolean;
  readonly lane: Accepted['lane'];
  readonly reasons: readonly string[];
}

/** A listing of which it never acknowledged any has none to sell. */
function mayShow({ units = 0, uncertainUpTo, older }: Shown): readonly number[] {
  const since = [units, uncertainUpTo].filter((one) => one !== undefined);
  return [...new Set([...older, ...since])].slice(-OLDER_MAX);
}

/** What is known after an accepted value was looked for; of another value than the last acknowledged one it says nothing. */
export function afterReadBack(was: Shown, [, told, shows, verdict, why]: ReadValue, reasons: readonly string[]): Shown {
  if (was.units !== told) return was;
  if (verdict === 'applied' || verdict === 'fewer') {
    const hasCome = verdict === 'applied' && was.accepted?.lane === 'bulk';
    return { ...was, accepted: undefined, older: NONE, lost: 0, feed: hasCome ? undefined : was.feed };
  }
  // A value that was seen may have been overwritten by a feed that came late: it is told again all the same.
  const most = Math.max(told, shows ?? 0, was.uncertainUpTo ?? 0, ...was.older);
  const lost = { ...was, accepted: undefined, lost: was.lost + 1, uncertainUpTo: most };
  if (verdict === 'lost') return lost;
  const reason = why === undefined ? undefined : reasons[why];
  const seen = `accepted ${lost.lost} times, shows ${shows ?? 'no such SKU'}`;
  return { ...lost, refused: { units: told, reason: reason ?? seen } };
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

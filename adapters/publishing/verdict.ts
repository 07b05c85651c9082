// What a channel's answer to "what do you show?" says of a value that it had accepted. Pure.
import type { ReadVerdict } from '../../domain/channel/events.ts';
import type { Shown } from '../../projections/shown.ts';

/** A value is told so often before somebody must look. */
export const LOST_MAX = 3;

/**
 * `shows` undefined: it does not show the SKU. Undefined: not yet, look again.
 * Fewer than it was told, and nothing that it showed before, is what a channel shows that applied the value and then sold:
 * its order is on the way to us, and telling it again would put back what it sold. What it has longer than that is for
 * reconciliation, which knows the sales.
 */
export function verdictOf(
  { units: told = 0, older, lost }: Pick<Shown, 'units' | 'older' | 'lost'>,
  shows: number | undefined,
  /** Units of a feed that may arrive late. */
  feed: number | undefined,
  /** The channel says that it will not show what it accepted. */
  isRefused: boolean,
  isOverdue: boolean,
): ReadVerdict | undefined {
  if ((shows ?? 0) === told) return 'applied';
  if (!isOverdue) return undefined;
  const isOlder = shows === undefined || shows > told || shows === feed || older.includes(shows);
  if (!isOlder) return 'fewer';
  return isRefused || lost + 1 >= LOST_MAX ? 'abandoned' : 'lost';
}

// How far stock in a what-if has come apart from what the log recorded: units not sold are still on hand, units not
// reserved are free. Everything else is taken from the log as it happened, so a stock that nothing was refused of is equal.
import type { RecordedEvent } from '../../domain/event-log.ts';
import { type Levels, oversold } from '../../domain/stock/levels.ts';

export interface Divergence {
  /** The event as it would have been, with the levels after it. */
  happened(recorded: RecordedEvent, before: Levels): { readonly event: RecordedEvent; readonly levels: Levels };
  /** The event does not happen: the levels stay as they were `before`. */
  dropped(recorded: RecordedEvent, before: Levels): void;
}

interface Apart {
  readonly onHand: number;
  readonly reserved: number;
}

const REPAIRS: ReadonlySet<string> = new Set(['StockCounted', 'StockAdjusted']);

export function createDivergence(): Divergence {
  /** By stream; only those that have come apart. */
  const apart = new Map<string, Apart>();
  const set = (stream: string, { onHand, reserved }: Apart) => {
    if (onHand === 0 && reserved === 0) apart.delete(stream);
    else apart.set(stream, { onHand, reserved });
  };
  return {
    happened(recorded, before) {
      const { stream, type, data } = recorded;
      const levels = data['levels'] as unknown as Levels;
      const was = apart.get(stream);
      if (was === undefined) return { event: recorded, levels };
      const onHand = was.onHand - (REPAIRS.has(type) ? phantomUnits(levels, before, was) : 0);
      if (onHand !== was.onHand) set(stream, { ...was, onHand });
      const moved = { ...levels, onHand: levels.onHand + onHand, reserved: levels.reserved + was.reserved };
      return { event: { ...recorded, data: { ...data, levels: moved } }, levels: moved };
    },
    dropped({ stream, data }, before) {
      const levels = data['levels'] as unknown as Levels;
      set(stream, { onHand: before.onHand - levels.onHand, reserved: before.reserved - levels.reserved });
    },
  };
}

/**
 * A count or an adjustment that made up for units that were oversold makes up for those here that are oversold too, and
 * for no others: a unit that was sold without being there is not there because it is not sold.
 */
function phantomUnits(after: Levels, before: Levels, { onHand, reserved }: Apart): number {
  const recordedBefore = { ...before, onHand: before.onHand - onHand, reserved: before.reserved - reserved };
  const repaired = Math.min(Math.max(0, after.onHand - recordedBefore.onHand), oversold(recordedBefore));
  return repaired - Math.min(repaired, oversold(before));
}

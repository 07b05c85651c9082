// One channel in a course of a what-if: what it shows, how much of it over the window, and what it would have sold
// of SKUs that it showed none of.
import { halfLifeIndex, unitsPerDay } from '../../domain/signals/decay.ts';
import { DAY, type Instant } from '../../domain/time.ts';
import type { Velocity } from '../velocity.ts';
import { createCurve } from './curve.ts';
import type { ShownOutcome } from './outcome.ts';
import { createShopWindow, type ShopWindow } from './shop-window.ts';

export interface Span {
  readonly from: Instant;
  /** Wanted of each curve; there may be twice as many. */
  readonly samples: number;
}

export interface ChannelCourse extends Pick<ShopWindow, 'figure' | 'advance' | 'shown' | 'sold'> {
  /** A batch was so far behind. */
  lagged(lagMs: number): void;
  open(figures: readonly (readonly [sku: string, units: number])[], at: Instant): void;
  end(at: Instant): ShownOutcome;
}

/** Of the channel's own sales, for what it did not sell: a week, so that one good hour does not count for ever. */
const HALF_LIFE = halfLifeIndex(168);

/** `lagMs`: the last the log measured before, or what is assumed. */
export function createChannelCourse(
  channel: string,
  velocity: Velocity,
  span: Span,
  lagMs: number,
  isMeasured: boolean,
): ChannelCourse {
  const curve = createCurve(span.from, span.samples);
  const empty = new Map<string, { readonly since: Instant; readonly perDay: number }>();
  const lags = { sum: 0, batches: 0 };
  let unseenUnits = 0;

  /** Those that became empty at this event: its own sale, if it was one, belongs to their velocity. */
  let justEmpty: { readonly sku: string; readonly since: Instant }[] = [];
  const settle = () => {
    for (const { sku, since } of justEmpty) {
      const perDay = window.shown(sku) === 0 ? ownPerDay(velocity, channel, sku) : 0;
      if (perDay > 0) empty.set(sku, { since, perDay });
    }
    justEmpty = [];
  };
  const filled = (sku: string, at: Instant) => {
    const was = empty.get(sku);
    if (was === undefined) return;
    unseenUnits += was.perDay * ((Math.max(at, was.since) - was.since) / DAY);
    empty.delete(sku);
  };
  const window = createShopWindow(lagMs, (sku, before, after, at) => {
    curve.change(after - before, at);
    if (after === 0) justEmpty.push({ sku, since: at });
    else if (before === 0) filled(sku, at);
  });
  return {
    ...window,
    advance(to) {
      settle();
      window.advance(to);
    },
    lagged(ms) {
      window.setLag(ms);
      lags.sum += ms;
      lags.batches += 1;
    },
    open(figures, at) {
      window.show(figures, at);
      for (const [sku, units] of figures) if (units === 0) justEmpty.push({ sku, since: at });
    },
    end(at) {
      window.advance(at);
      settle();
      for (const sku of [...empty.keys()]) filled(sku, at);
      return {
        shown: curve.end(at),
        unseenUnits,
        lagMs: lags.batches > 0 ? lags.sum / lags.batches : lagMs,
        isLagMeasured: isMeasured || lags.batches > 0,
      };
    },
  };
}

function ownPerDay({ table, step }: Velocity, channel: string, sku: string): number {
  const [own, id] = [table.sellers.find(channel), table.skus.find(sku)];
  let units = 0;
  if (own >= 0 && id >= 0) {
    for (const row of table.rowsOfSku(id)) {
      if (table.columns.seller[row] === own) units += table.units(row, HALF_LIFE, step);
    }
  }
  return unitsPerDay(units, HALF_LIFE);
}

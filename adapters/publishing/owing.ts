// What a channel is still to be told, or to be seen showing, by another process: kept by who waits to take the channel over, from
// the same read models. Only SKUs that changed are looked at again, and each leaves when it is told: O(1) for each change.
import type { Urgency } from './difference.ts';
import { createKnown, type Known } from './known.ts';
import type { Surroundings } from './surroundings.ts';
import type { Moment } from './timers.ts';

export interface Owing {
  /** A figure of this SKU, or what is known of it, may have changed. */
  changed(sku: string): void;
  /** Something is to be told or to be seen. */
  hasWork(): boolean;
  /** It is to be told this SKU. */
  concerns(sku: string): boolean;
  readonly parked: Known['parked'];
  backlog(): {
    readonly backlog: number;
    readonly byUrgency: Readonly<Record<Urgency, number>>;
    readonly oldestAgeMs: number;
  };
}

export function createOwing(
  channel: string,
  { availability, published, timers }: Pick<Surroundings, 'availability' | 'published' | 'timers'>,
): Owing {
  const known = createKnown(channel, availability, published);
  /** Since when it may differ. */
  const changed = new Map<string, Moment>();
  const isOwed = (sku: string) =>
    known.difference(sku) !== undefined || published.shown(channel, sku)?.accepted !== undefined;

  return {
    changed(sku) {
      if (!changed.has(sku)) changed.set(sku, timers.now());
    },
    hasWork() {
      for (const sku of changed.keys()) {
        if (isOwed(sku)) return true;
        changed.delete(sku);
      }
      return false;
    },
    concerns: (sku) => known.difference(sku) !== undefined,
    parked: known.parked,
    backlog() {
      const byUrgency = { 'to-zero': 0, decrease: 0, increase: 0 };
      let oldest = timers.now();
      for (const [sku, since] of changed) {
        const urgency = known.difference(sku);
        if (urgency === undefined) continue;
        byUrgency[urgency] += 1;
        oldest = Math.min(oldest, since);
      }
      const backlog = byUrgency['to-zero'] + byUrgency.decrease + byUrgency.increase;
      return { backlog, byUrgency, oldestAgeMs: Math.round(timers.now() - oldest) };
    },
  };
}

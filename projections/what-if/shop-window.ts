// What a channel shows, as the what-if model has it: at a lag of L it has heard of everything up to L ago (and what it has
// heard it does not forget when the lag grows). What it sells itself it takes off at once. So between a sale elsewhere and
// its arrival the channel oversells.
import type { Instant } from '../../domain/time.ts';

/** Told when what is shown of a SKU changed. */
export type OnShown = (sku: string, before: number, after: number, at: Instant) => void;

export interface ShopWindow {
  /** How far behind it is from now on. */
  setLag(lagMs: number): void;
  /** A figure came to be. */
  figure(sku: string, units: number, at: Instant): void;
  /** Lets arrive what is due by then. Time never goes back. */
  advance(to: Instant): void;
  shown(sku: string): number;
  sold(sku: string, units: number, at: Instant): void;
  /** Every figure is replaced now, as when another policy takes over. */
  show(figures: Iterable<readonly [sku: string, units: number]>, at: Instant): void;
}

interface Underway {
  readonly sku: string;
  readonly units: number;
  readonly madeAt: Instant;
  /** Units the channel had sold of it by then. */
  readonly sold: number;
}

export function createShopWindow(lagMsAtFirst: number, onShown: OnShown): ShopWindow {
  const shown = new Map<string, number>();
  const sold = new Map<string, number>();
  let underway: Underway[] = [];
  let next = 0;
  let lagMs = lagMsAtFirst;
  let now = Number.NEGATIVE_INFINITY;

  const put = (sku: string, units: number, at: Instant) => {
    const before = shown.get(sku) ?? 0;
    shown.set(sku, units);
    if (before !== units) onShown(sku, before, units, at);
  };
  return {
    setLag(ms) {
      lagMs = ms;
    },
    figure(sku, units, at) {
      underway.push({ sku, units, madeAt: at, sold: sold.get(sku) ?? 0 });
    },
    advance(to) {
      for (; next < underway.length && underway[next]!.madeAt + lagMs <= to; next++) {
        const { sku, units, madeAt, sold: by } = underway[next]!;
        // When the lag has become shorter, what it has passed arrives at that moment.
        put(sku, Math.max(0, units - ((sold.get(sku) ?? 0) - by)), Math.max(now, madeAt + lagMs));
      }
      now = to;
      if (next < FORGET_AFTER) return;
      underway = underway.slice(next);
      next = 0;
    },
    shown: (sku) => shown.get(sku) ?? 0,
    sold(sku, units, at) {
      sold.set(sku, (sold.get(sku) ?? 0) + units);
      put(sku, Math.max(0, (shown.get(sku) ?? 0) - units), at);
    },
    show(figures, at) {
      underway = [];
      next = 0;
      const left = new Set(shown.keys());
      for (const [sku, units] of figures) {
        left.delete(sku);
        put(sku, units, at);
      }
      for (const sku of left) put(sku, 0, at);
    },
  };
}

/** Entries that have arrived are kept until there are this many. */
const FORGET_AFTER = 10_000;

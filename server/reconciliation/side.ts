// Our side of a comparison: figures as they were at one position of the log, and what the log knows of an SKU that differs.
// One implementation for channels (what they were told), one for locations (on-hand).
import type { Position } from '../../domain/event-log.ts';
import type { Known } from '../../domain/reconciliation/known.ts';
import type { Instant } from '../../domain/time.ts';

export interface Figure {
  /** At the cut; undefined: the SKU was never held there. */
  readonly units: number | undefined;
  /** It has changed since the cut, and what it was is told by `known` alone. */
  readonly hasMoved: boolean;
}

export interface Side {
  /** Every figure is of this position. */
  readonly cut: Position;
  figure(sku: string): Figure;
  /** Every SKU with a figure. */
  skus(): Iterable<string>;
  /** All that explains what a system showed of the SKU at `asOf`. Reads the log: only for SKUs that differ. */
  known(sku: string, asOf: Instant): Promise<Known>;
  close(): void;
}

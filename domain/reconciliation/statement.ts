// A statement: what another system says it shows, SKU by SKU, and as of when. Read through its adapter or uploaded as a
// file. It is a claim of that system, never a fact about stock: reconciliation compares it, and moves nothing by itself.
import type { Position } from '../event-log.ts';
import type { Sku } from '../stock/stream.ts';
import type { Instant } from '../time.ts';

export interface StatementRow {
  readonly sku: Sku;
  /** Units it shows, an integer ≥ 0. */
  readonly units: number;
  /** Version of the publication it holds, if it keeps one: then it is known which of ours it took last. */
  readonly version?: Position | undefined;
  /** When it last changed this row itself, if it says so. */
  readonly changedAt?: Instant | undefined;
  /** When this row was true. */
  readonly asOf: Instant;
}

export interface Statement {
  readonly rows: readonly StatementRow[];
  /** The earliest `asOf` of its rows; of an empty statement, when it was read. */
  readonly asOf: Instant;
  /** It names everything the system shows: an SKU that is not in it is not shown. A partial one says nothing of others. */
  readonly isComplete: boolean;
}

/** More than that is refused: a statement is held in memory while it is compared. */
export const STATEMENT_ROWS_MAX = 1_000_000;

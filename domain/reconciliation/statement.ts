// A statement: what another system says it shows, SKU by SKU, and as of when. Read through its adapter or uploaded as a
// file. It is a claim of that system, never a fact about stock: reconciliation compares it, and moves nothing by itself.
import { z } from 'zod';
import type { Position } from '../event-log.ts';
import { InstantText, QUANTITY_MAX } from '../stock/commands.ts';
import { Sku } from '../stock/stream.ts';
import type { Instant } from '../time.ts';

export interface StatementRow {
  readonly sku: Sku;
  /** Units it shows, an integer ≥ 0. */
  readonly units: number;
  /** Version of the publication it holds, if it keeps one: then it is known which of ours it took last. */
  readonly version?: Position | undefined;
  /** When it last changed this row itself, if it says so. */
  readonly changedAt?: Instant | undefined;
  /** Of one unit, in the smallest unit of money (cents), if it says so: gives differences a value. */
  readonly unitPrice?: number | undefined;
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

/** One line of an uploaded statement: a line of NDJSON, or the cells of a CSV row by the names of their columns. */
export const StatementLine = z
  .strictObject({
    sku: Sku,
    units: z
      .int('must be a whole number of units')
      .min(0, 'must be at least 0')
      .max(QUANTITY_MAX, `must be at most ${QUANTITY_MAX}`)
      .meta({ description: 'At a channel: units it shows; at a location: on-hand', example: 3 }),
    version: z
      .string()
      .regex(/^(?:0|[1-9]\d{0,19})$/, 'must be a version as a decimal number, as we published it')
      .transform(BigInt)
      .optional()
      .meta({ description: 'Of the publication the channel holds' }),
    changedAt: InstantText.optional().meta({ description: 'When it changed this row last' }),
    unitPrice: z
      .int('must be a whole number of cents')
      .min(0)
      .max(QUANTITY_MAX)
      .optional()
      .meta({ description: 'Of one unit, in cents: gives differences a value' }),
    asOf: InstantText.optional().meta({ description: 'When this row was true; default: as the whole statement' }),
  })
  .meta({ id: 'StatementLine' });
export type StatementLine = z.output<typeof StatementLine>;
export const STATEMENT_COLUMNS: readonly string[] = Object.keys(StatementLine.shape);

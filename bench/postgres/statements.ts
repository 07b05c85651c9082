// The same work on PostgreSQL in the three ways a careful engineer would write it: lock and check in a transaction,
// everything in one statement, and a whole batch as a set. All statements are prepared (named) and idempotent.
import type { Pool, PoolClient } from 'pg';
import type { StockCommand } from '../../domain/stock/commands.ts';

export interface StockRow {
  readonly on_hand: string;
  readonly reserved: string;
  readonly version: string;
}
export type Outcome =
  | { readonly outcome: 'accepted'; readonly duplicate: boolean; readonly row: StockRow; readonly position: string }
  | { readonly outcome: 'refused' };

export type TakesOne = Extract<StockCommand, { type: 'sale' | 'reservation.make' }>;
export type Execute = (pool: Pool, command: TakesOne, payload: string) => Promise<Outcome>;

const UNIQUE_VIOLATION = '23505';

const LOCK = `SELECT on_hand, reserved, version FROM stock WHERE sku = $1 AND location = $2 FOR UPDATE`;
const UPDATE = `UPDATE stock SET on_hand = on_hand - $3, reserved = reserved + $4, version = version + 1
  WHERE sku = $1 AND location = $2 RETURNING on_hand, reserved, version`;
const OUTBOX = `INSERT INTO outbox (command_id, sku, location, version, payload) VALUES ($1, $2, $3, $4, $5)
  RETURNING position`;

/** BEGIN; SELECT … FOR UPDATE; check; UPDATE; INSERT into the outbox; COMMIT. */
export const transaction: Execute = async (pool, command, payload) => {
  const { sku, location } = command;
  const { sold, reserved } = amounts(command);
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const locked = await client.query<StockRow>({ name: 'lock', text: LOCK, values: [sku, location] });
    const before = locked.rows[0];
    if (before === undefined || Number(before.on_hand) - Number(before.reserved) < command.quantity) {
      await client.query('ROLLBACK');
      return { outcome: 'refused' };
    }
    const updated = await client.query<StockRow>({
      name: 'update',
      text: UPDATE,
      values: [sku, location, sold, reserved],
    });
    const row = updated.rows[0]!;
    const inserted = await client.query<{ position: string }>({
      name: 'outbox',
      text: OUTBOX,
      values: [command.id, sku, location, row.version, payload],
    });
    await client.query('COMMIT');
    return { outcome: 'accepted', duplicate: false, row, position: inserted.rows[0]!.position };
  } catch (error) {
    await client.query('ROLLBACK');
    if (codeOf(error) === UNIQUE_VIOLATION) return recalled(client, command);
    throw error;
  } finally {
    client.release();
  }
};

const STATEMENT = `WITH changed AS (
    UPDATE stock SET on_hand = on_hand - $3, reserved = reserved + $4, version = version + 1
    WHERE sku = $1 AND location = $2 AND on_hand - reserved >= $5
    RETURNING on_hand, reserved, version
  ), written AS (
    INSERT INTO outbox (command_id, sku, location, version, payload)
    SELECT $6, $1, $2, version, $7 FROM changed RETURNING position
  ) SELECT on_hand, reserved, version, position FROM changed, written`;

/** Check, update and outbox in one statement: one round trip, the row locked only while it runs and commits. */
export const singleStatement: Execute = async (pool, command, payload) => {
  const { sku, location, quantity } = command;
  const { sold, reserved } = amounts(command);
  try {
    const { rows } = await pool.query<StockRow & { position: string }>({
      name: 'take',
      text: STATEMENT,
      values: [sku, location, sold, reserved, quantity, command.id, payload],
    });
    const row = rows[0];
    return row === undefined
      ? { outcome: 'refused' }
      : { outcome: 'accepted', duplicate: false, row, position: row.position };
  } catch (error) {
    if (codeOf(error) === UNIQUE_VIOLATION) return recalled(pool, command);
    throw error;
  }
};

const SET = `WITH line AS (
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::text[])
      AS t (command_id, sku, location, sold, reserved, payload)
  ), wanted AS (
    SELECT sku, location, sum(sold) AS sold, sum(reserved) AS reserved, count(*) AS lines FROM line GROUP BY sku, location
  ), locked AS MATERIALIZED (
    SELECT s.sku, s.location, w.sold, w.reserved, w.lines FROM stock s JOIN wanted w USING (sku, location)
    ORDER BY s.sku, s.location FOR UPDATE OF s
  ), changed AS (
    UPDATE stock s SET on_hand = s.on_hand - l.sold, reserved = s.reserved + l.reserved, version = s.version + l.lines
    FROM locked l WHERE s.sku = l.sku AND s.location = l.location AND s.on_hand - s.reserved >= l.sold + l.reserved
    RETURNING s.sku
  ), written AS (
    INSERT INTO outbox (command_id, sku, location, payload) SELECT command_id, sku, location, payload FROM line
    RETURNING 1
  ) SELECT 1 / ((SELECT count(*) FROM changed) = (SELECT count(*) FROM wanted))::int AS complete, count(*) FROM written`;

/**
 * A batch as a set, in one statement: all or nothing, no verdict per command, no version per event. Rows are locked in
 * order, so two batches do not deadlock. Answers the number of commands taken.
 * @throws Error when one stock cannot give what is asked (its division by zero ends the statement), or when a command
 * was sent before: then nothing is taken
 */
export async function setStatement(
  pool: Pool,
  commands: readonly TakesOne[],
  payloads: readonly string[],
): Promise<number> {
  const parts = commands.map(amounts);
  const values = [
    commands.map((command) => command.id),
    commands.map((command) => command.sku),
    commands.map((command) => command.location),
    parts.map((part) => part.sold),
    parts.map((part) => part.reserved),
    payloads,
  ];
  const { rows } = await pool.query<{ count: string }>({ name: 'set', text: SET, values });
  return Number(rows[0]!.count);
}

function amounts(command: TakesOne): { readonly sold: number; readonly reserved: number } {
  return command.type === 'sale' ? { sold: command.quantity, reserved: 0 } : { sold: 0, reserved: command.quantity };
}

const RECALL = `SELECT s.on_hand, s.reserved, o.version, o.position FROM outbox o JOIN stock s USING (sku, location)
  WHERE o.command_id = $1`;

async function recalled(client: Pool | PoolClient, command: TakesOne): Promise<Outcome> {
  const { rows } = await client.query<StockRow & { position: string }>({
    name: 'recall',
    text: RECALL,
    values: [command.id],
  });
  const row = rows[0]!;
  return { outcome: 'accepted', duplicate: true, row, position: row.position };
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

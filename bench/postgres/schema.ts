// The tables a careful PostgreSQL inventory would have: a row a stock, and an outbox whose unique command id is the
// idempotency (one index fewer than a table of its own, so in PostgreSQL's favour).
import type { Pool } from 'pg';
import { LOCATION } from '../load/request.ts';

export const SCHEMA = `
  CREATE TABLE stock (
    sku text NOT NULL,
    location text NOT NULL,
    on_hand bigint NOT NULL,
    reserved bigint NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (sku, location)
  ) WITH (fillfactor = 50);
  CREATE TABLE outbox (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    command_id text NOT NULL UNIQUE,
    sku text NOT NULL,
    location text NOT NULL,
    version bigint,
    payload text NOT NULL
  );`;

/** Units every stock starts with: no run sells out. */
export const OPENING_UNITS = 1_000_000_000;

/** @param skus named as the load generator names them, all at its one location */
export async function createSchema(pool: Pool, skus: number): Promise<void> {
  await pool.query(SCHEMA);
  await pool.query(
    `INSERT INTO stock SELECT 'SKU-' || lpad(n::text, 7, '0'), $2, $3, 0, 0 FROM generate_series(0, $1 - 1) n`,
    [skus, LOCATION, OPENING_UNITS],
  );
  await pool.query('VACUUM ANALYZE stock');
}

/** Commands that took effect, by the stock rows and by the outbox: equal, or something was lost. */
export async function effects(pool: Pool): Promise<{ readonly stock: number; readonly outbox: number }> {
  const { rows } = await pool.query<{ stock: string; outbox: string }>(
    'SELECT (SELECT sum($1 - on_hand + reserved) FROM stock) AS stock, (SELECT count(*) FROM outbox) AS outbox',
    [OPENING_UNITS],
  );
  return { stock: Number(rows[0]!.stock), outbox: Number(rows[0]!.outbox) };
}

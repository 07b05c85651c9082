import pg from 'pg';

/** Connections of the pool, everywhere: the figure the comparison was set with. */
export const POOL_CONNECTIONS = 16;

/**
 * `end()` resolves before the sockets are closed, so a server that is stopped right after it may still tell a
 * connection on its way out that it goes: nothing is lost by that.
 */
export function createPool(config: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool(config);
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

// PostgreSQL doing the same work behind the same HTTP server: a transaction, a single statement, a set of 500.

import { findPostgres, HOW_TO_INSTALL, startCluster } from '../postgres/cluster.ts';
import { createPool } from '../postgres/pool.ts';
import { createSchema, effects } from '../postgres/schema.ts';
import { startChild } from '../servers/child.ts';
import type { OpenFamily, Side } from './family.ts';

const WAYS = [
  { variant: 'transaction', batches: false, id: 'transaction', title: 'HTTP one by one, PostgreSQL transaction' },
  { variant: 'statement', batches: false, id: 'statement', title: 'HTTP one by one, PostgreSQL single statement' },
  { variant: 'statement', batches: true, id: 'set', title: 'HTTP batches, PostgreSQL set-based (no verdicts)' },
] as const;

export const openPostgres: OpenFamily = async ({ sizes, directory, progress }) => {
  const binaries = findPostgres();
  if (binaries === undefined) return { skipped: HOW_TO_INSTALL };
  await using opened = new AsyncDisposableStack();
  const cluster = await startCluster(binaries, directory);
  opened.defer(cluster.stop);
  progress(`PostgreSQL ${cluster.version}`);
  const pool = createPool({ ...cluster.connection, max: 1 });
  opened.defer(() => pool.end());
  await createSchema(pool, sizes.wideStocks);
  const sides: Side[] = [];
  for (const { variant, batches, id, title } of WAYS) {
    const server = startChild('postgres/server.ts', [cluster.connection.host, variant]);
    opened.defer(server.stop);
    const { port } = await server.message<{ port: number }>();
    for (const [spread, skus] of [
      ['hot', 1],
      ['wide', sizes.wideStocks],
    ] as const) {
      const shared = { port, headers: {}, watch: [server.pid, cluster.pid], batches, kind: 'sale', skus } as const;
      sides.push({ id: `http.postgres.${id}.${spread}`, title: `${title}, ${spread}`, ...shared });
    }
  }
  const closing = opened.move();
  return {
    sides,
    async verify(answered) {
      const taken = sides.reduce((sum, { id }) => sum + (answered.get(id) ?? 0), 0);
      const found = await effects(pool);
      if (found.stock === taken && found.outbox === taken) return;
      throw new Error(`PostgreSQL answered ${taken} commands and holds ${JSON.stringify(found)}`);
    },
    close: () => closing.disposeAsync(),
  };
};

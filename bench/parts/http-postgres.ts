// PostgreSQL doing the same work behind the same HTTP server: a transaction, a single statement, a set of 500.
// Afterwards rows and outbox are compared with what was answered: a rate that lost something would mean nothing.
import pg from 'pg';
import type { Figure } from '../figure.ts';
import { type Generator, loadFigures, startGenerator } from '../load/generator.ts';
import type { Part, Room } from '../part.ts';
import { type Cluster, findPostgres, HOW_TO_INSTALL, startCluster } from '../postgres/cluster.ts';
import { createSchema, effects } from '../postgres/schema.ts';
import { startChild } from '../servers/child.ts';

const WAYS = [
  { variant: 'transaction', batches: false, id: 'transaction', title: 'HTTP one by one, PostgreSQL transaction' },
  { variant: 'statement', batches: false, id: 'statement', title: 'HTTP one by one, PostgreSQL single statement' },
  { variant: 'statement', batches: true, id: 'set', title: 'HTTP batches, PostgreSQL set-based (no verdicts)' },
] as const;

export const httpPostgres: Part = {
  name: 'http-postgres',
  title: 'PostgreSQL behind the same HTTP server',
  async run(room) {
    const binaries = findPostgres();
    if (binaries === undefined) return { skipped: HOW_TO_INSTALL };
    const cluster = await startCluster(binaries, room.directory);
    const generator = startGenerator(room.sizes);
    const pool = new pg.Pool({ ...cluster.connection, max: 1 });
    try {
      await createSchema(pool, room.sizes.wideStocks);
      const { figures, taken } = await allWays(room, cluster, generator);
      const found = await effects(pool);
      if (found.stock !== taken || found.outbox !== taken) {
        throw new Error(`PostgreSQL answered ${taken} commands and holds ${JSON.stringify(found)}`);
      }
      return figures;
    } finally {
      await Promise.all([generator.stop(), pool.end()]);
      await cluster.stop();
    }
  },
};

async function allWays({ sizes, progress }: Room, cluster: Cluster, generator: Generator) {
  const figures: Figure[] = [];
  let taken = 0;
  for (const { variant, batches, id, title } of WAYS) {
    const server = startChild('postgres/server.ts', [cluster.connection.host, variant]);
    try {
      const { port } = await server.message<{ port: number }>();
      for (const [spread, skus] of [
        ['hot', 1],
        ['wide', sizes.wideStocks],
      ] as const) {
        progress(`${title}, ${spread}`);
        const result = await generator.run({ port, kind: 'sale', skus, batches, watch: [server.pid, cluster.pid] });
        taken += result.answered * (batches ? sizes.batchCommands : 1);
        figures.push(...loadFigures(`http.postgres.${id}.${spread}`, `${title}, ${spread}`, result));
      }
    } finally {
      await server.stop();
    }
  }
  return { figures, taken };
}

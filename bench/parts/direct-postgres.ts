// The same statements without HTTP: what PostgreSQL and its client do by themselves.

import { type Figure, figure } from '../figure.ts';
import type { Part } from '../part.ts';
import { findPostgres, HOW_TO_INSTALL, startCluster } from '../postgres/cluster.ts';
import type { DirectOrder } from '../postgres/direct.ts';
import { createPool } from '../postgres/pool.ts';
import { createSchema } from '../postgres/schema.ts';
import { startChild } from '../servers/child.ts';

export const directPostgres: Part = {
  name: 'direct-postgres',
  title: 'PostgreSQL without HTTP',
  async run({ sizes, directory, progress }) {
    const binaries = findPostgres();
    if (binaries === undefined) return { skipped: HOW_TO_INSTALL };
    const cluster = await startCluster(binaries, directory);
    const pool = createPool({ ...cluster.connection, max: 1 });
    const callers = startChild('postgres/direct.ts', [cluster.connection.host]);
    const figures: Figure[] = [];
    try {
      await createSchema(pool, sizes.wideStocks);
      for (const variant of ['transaction', 'statement'] as const) {
        for (const [spread, stocks] of [
          ['hot', 1],
          ['wide', sizes.wideStocks],
        ] as const) {
          const title = `without HTTP, PostgreSQL ${variant === 'statement' ? 'single statement' : variant}, ${spread}`;
          progress(title);
          const order: DirectOrder = { variant, stocks, sizes };
          callers.process.send(order);
          const { rates } = await callers.message<{ rates: readonly number[] }>();
          figures.push(figure(`direct.postgres.${variant}.${spread}`, title, '/s', rates));
        }
      }
      return figures;
    } finally {
      await Promise.all([callers.stop(), pool.end()]);
      await cluster.stop();
    }
  },
};

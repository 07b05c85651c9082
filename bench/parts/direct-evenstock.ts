// The product without HTTP: actors, embedded log and projections, driven in the server's own process.
import { join } from 'node:path';
import { type Figure, figure } from '../figure.ts';
import type { Part } from '../part.ts';
import type { DirectOrder } from '../servers/evenstock.ts';
import { openStocks, startEvenstockProcess } from '../servers/evenstock-process.ts';

export const directEvenstock: Part = {
  name: 'direct-evenstock',
  title: 'Evenstock without HTTP',
  async run({ sizes, directory, progress }) {
    const figures: Figure[] = [];
    for (const [spread, stocks] of [
      ['hot', 1],
      ['wide', sizes.wideStocks],
    ] as const) {
      const title = `without HTTP, Evenstock, durable, ${spread}`;
      progress(title);
      const server = await startEvenstockProcess(join(directory, spread));
      try {
        await openStocks(server, stocks);
        const order: DirectOrder = { stocks, sizes };
        server.child.process.send(order);
        const { rates } = await server.child.message<{ rates: readonly number[] }>();
        figures.push(figure(`direct.evenstock.${spread}`, title, '/s', rates));
      } finally {
        await server.stop();
      }
    }
    return figures;
  },
};

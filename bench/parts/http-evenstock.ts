// Evenstock itself over HTTP: one by one and in batches, one hot SKU and many, sales and reservations.
// Durability, idempotency by command id, hash chain, projections of 3 channels, keys and schemas are all on.
import { join } from 'node:path';
import type { Figure } from '../figure.ts';
import { loadFigures, startGenerator } from '../load/generator.ts';
import { skuName } from '../load/request.ts';
import type { Part, Room } from '../part.ts';
import { type EvenstockProcess, openStocks, startEvenstockProcess, unitsTaken } from '../servers/evenstock-process.ts';

const WAYS = [
  { id: 'sale', kind: 'sale', batches: false, title: 'HTTP one by one, Evenstock, sales' },
  { id: 'reservation', kind: 'reservation.make', batches: false, title: 'HTTP one by one, Evenstock, reservations' },
  { id: 'batch', kind: 'sale', batches: true, title: 'HTTP batches, Evenstock, a verdict per sale' },
] as const;

export const httpEvenstock: Part = {
  name: 'http-evenstock',
  title: 'Evenstock over HTTP',
  async run(room) {
    const figures: Figure[] = [];
    for (const way of WAYS) {
      for (const spread of ['hot', 'wide'] as const) figures.push(...(await measure(room, way, spread)));
    }
    return figures;
  },
};

/** Each on a fresh server: no run inherits the stocks and open reservations of another. */
async function measure(
  { sizes, directory, progress }: Room,
  { id, kind, batches, title }: (typeof WAYS)[number],
  spread: 'hot' | 'wide',
): Promise<readonly Figure[]> {
  const skus = spread === 'hot' ? 1 : sizes.wideStocks;
  progress(`${title}, ${spread}`);
  const server = await startEvenstockProcess(join(directory, `${id}-${spread}`));
  const generator = startGenerator(sizes);
  try {
    await openStocks(server, skus);
    const { port, headers, pid } = server;
    const result = await generator.run({ port, headers, kind, skus, batches, watch: [pid] });
    if (spread === 'hot') await nothingLost(server, result.answered * (batches ? sizes.batchCommands : 1));
    return loadFigures(`http.evenstock.${id}.${spread}`, `${title}, ${spread}`, result);
  } finally {
    await Promise.all([generator.stop(), server.stop()]);
  }
}

async function nothingLost(server: EvenstockProcess, answered: number): Promise<void> {
  const taken = await unitsTaken(server, skuName(0));
  if (taken !== answered) throw new Error(`${answered} commands were answered, and the stock says ${taken}`);
}

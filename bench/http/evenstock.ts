// Evenstock itself: one by one and in batches, one hot SKU and many, sales and reservations.
// Durability, idempotency by command id, hash chain, projections of 3 channels, keys and schemas are all on.
import { join } from 'node:path';
import { type EvenstockProcess, expectTaken, openStocks, startEvenstockProcess } from '../servers/evenstock-process.ts';
import type { OpenFamily, Side } from './family.ts';

const WAYS = [
  { id: 'sale', kind: 'sale', batches: false, title: 'HTTP one by one, Evenstock, sales' },
  { id: 'reservation', kind: 'reservation.make', batches: false, title: 'HTTP one by one, Evenstock, reservations' },
  { id: 'batch', kind: 'sale', batches: true, title: 'HTTP batches, Evenstock, a verdict per sale' },
] as const;

/** Each side has a server of its own: none inherits the stocks and open reservations of another. */
export const openEvenstock: OpenFamily = async ({ sizes, directory, progress }) => {
  await using opened = new AsyncDisposableStack();
  const ways = WAYS.flatMap((way) => [
    { ...way, id: `http.evenstock.${way.id}.hot`, title: `${way.title}, hot`, skus: 1 },
    { ...way, id: `http.evenstock.${way.id}.wide`, title: `${way.title}, wide`, skus: sizes.wideStocks },
  ]);
  const count = sizes.isServerShared ? 1 : ways.length;
  progress(`starting ${count} Evenstock servers`);
  const starting = Array.from({ length: count }, (_, n) => startEvenstockProcess(join(directory, `server-${n}`)));
  const started = await Promise.allSettled(starting);
  for (const each of started) if (each.status === 'fulfilled') opened.defer(each.value.stop);
  const servers = await Promise.all(starting);
  const serverOf = (n: number) => servers[n % count]!;
  for (const [n, server] of servers.entries()) {
    const stocks = sizes.isServerShared ? sizes.wideStocks : ways[n]!.skus;
    progress(`opening ${stocks.toLocaleString('en')} stocks`);
    await openStocks(server, stocks);
  }
  const sides: Side[] = ways.map((way, n) => {
    const { port, headers, pid } = serverOf(n);
    return { ...way, port, headers, watch: [pid] };
  });
  const closing = opened.move();
  return {
    sides,
    async verify(answered) {
      const expected = new Map<EvenstockProcess, number>();
      for (const [n, { id }] of sides.entries()) {
        expected.set(serverOf(n), (expected.get(serverOf(n)) ?? 0) + (answered.get(id) ?? 0));
      }
      for (const [server, units] of expected) await expectTaken(server, units);
    },
    close: () => closing.disposeAsync(),
  };
};

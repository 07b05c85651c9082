// What an order of 5 lines over a pool of 10 locations costs beside a single reservation, and what both cost when very many
// orders and holds are open (servers/orders-process.ts). Each number of open orders has a process of its own: in one
// process the collector of the large heap was paid for by whatever ran while it ran, mostly by the small one's commands.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Figure, figure } from '../figure.ts';
import type { Part } from '../part.ts';
import { type Child, startChild } from '../servers/child.ts';
import type { Round } from '../servers/orders-process.ts';

/** Enough for a dozen large collections a side: whether one fell into eight rounds or not was most of the difference. */
const ROUNDS = 16;
/** Until then the first figures are those of code that is not compiled and of a heap that grows. */
const WARM_UPS = 3;
/** Of `sizes.calls`: an order is many commands. */
const CALLS_SHARE = 0.04;

export const ordersPart: Part = {
  name: 'orders',
  title: 'Orders',
  async run({ sizes, directory, progress }) {
    const calls = Math.max(20, Math.round(sizes.calls * CALLS_SHARE));
    const sides: Side[] = [];
    try {
      for (const stay of ['cancelled', 'open'] as const) {
        const open = stay === 'open' ? sizes.openOrders : 0;
        const shown = `${open.toLocaleString('en')} orders and holds open`;
        progress(shown);
        const folder = join(directory, `orders-${open}`);
        const args = [folder, String(sizes.openOrders), stay, String(sizes.connections)];
        const child = startChild('servers/orders-process.ts', args, ['--max-old-space-size=6144']);
        sides.push({ open, shown, folder, child, rounds: [] });
        await child.message<'ready'>();
      }
      // In turns, so that what slows the machine down for a while slows all; each is first as often as last.
      for (let n = 0; n < WARM_UPS + ROUNDS; n++) {
        progress(`round ${n + 1} of ${WARM_UPS + ROUNDS}`);
        for (const { child, rounds } of n % 2 === 0 ? sides : sides.toReversed()) {
          const answered = child.message<Round>();
          child.process.send(calls);
          const round = await answered;
          if (n >= WARM_UPS) rounds.push(round);
        }
      }
    } finally {
      for (const { child, folder } of sides) {
        await child.stop();
        rmSync(folder, { recursive: true, force: true });
      }
    }
    return sides.flatMap(({ open, shown, rounds }) => [
      overAll(`orders.place.${open}`, `CPU an order of 5 lines over 10 locations, ${shown}`, rounds, 'order'),
      overAll(`orders.reservation.${open}`, `CPU a reservation, ${shown}`, rounds, 'reservation'),
    ]);
  },
};

interface Side {
  readonly open: number;
  readonly shown: string;
  readonly folder: string;
  readonly child: Child;
  readonly rounds: Round[];
}

/**
 * Over all rounds, not of the middle one: whether a large collection or the storing of projections falls into a round is
 * chance, and they are part of what a command costs.
 */
function overAll(id: string, title: string, rounds: readonly Round[], of: keyof Round): Figure {
  const figures = rounds.map((round) => round[of]);
  const mean = figures.reduce((sum, one) => sum + one, 0) / figures.length;
  const [lowest, highest] = [Math.min(...figures), Math.max(...figures)].map((one) => one.toPrecision(3));
  return figure(id, title, 'µs', mean, `mean; rounds: ${lowest} to ${highest}`);
}

// The actor path over the memory log: mailbox, statechart, hash chain and answers, without disk and HTTP.
import { createMemoryLog } from '../../adapters/event-log/memory.ts';
import { type Figure, figure } from '../figure.ts';
import { closedLoop } from '../load/closed-loop.ts';
import { seeded } from '../load/load.ts';
import type { Part } from '../part.ts';
import { inTurns, localActors, submitOne } from '../servers/local-actors.ts';

/** Stocks of the wide run: they all stay resident, so what is measured is the path and not the hydration. */
const RESIDENT_STOCKS = 1_000;

export const actorsPart: Part = {
  name: 'actors',
  title: 'Actor path in memory',
  async run({ sizes, progress }) {
    const figures: Figure[] = [];
    for (const [spread, stocks] of [
      ['hot', 1],
      ['wide', RESIDENT_STOCKS],
    ] as const) {
      const title = `actor path over the memory log, ${spread}`;
      progress(title);
      const log = createMemoryLog();
      const actors = localActors(log);
      const random = seeded(7);
      await inTurns(stocks, 500, (n) => submitOne(actors, 'receipt', n));
      // The memory log keeps every event on the heap: short windows, so that it is the path that is measured.
      const windowMs = Math.min(1_000, sizes.windowMs);
      const rates = await closedLoop({ ...sizes, warmUpMs: windowMs, windowMs }, () =>
        submitOne(actors, 'sale', Math.floor(random() * stocks)),
      );
      figures.push(figure(`actors.${spread}`, title, '/s', rates, `${sizes.connections} in flight`));
      await actors.close();
      await log.close();
    }
    return figures;
  },
};

// Two processes on one log count the same stocktake at once: a line is taken once, whoever asks, and both tell the same.
import { expect, it } from 'vitest';
import { START } from '../../../domain/event-log.ts';
import type { LinesJudged } from '../../../server/counts/lines-on-sheets.ts';
import { countWorld, ID, LOCATION } from '../../properties/counts/world.ts';

it('takes each line once, and decides it once', async () => {
  const world = await countWorld();
  const processes = [world.process.counts, world.another().counts];
  const skus = Array.from({ length: 60 }, (_, n) => `other-${n}`);
  for (const sku of skus.slice(0, 3)) await world.move(sku, 50, world.at(0) - skus.indexOf(sku));
  world.tick();
  // Each counts all of them, in commands of seven, with another figure: anna 1, ben 2.
  const counted = await Promise.all(
    processes.flatMap((counts, n) =>
      Array.from({ length: 9 }, async (_, part) => {
        const own = skus.slice(part * 7, part * 7 + 7);
        const lines = own.map((sku) => ({ sku, quantity: n + 1, countedAt: world.at(1) }));
        const sender = { source: n === 0 ? 'anna' : 'ben' };
        return (await counts.lines(ID, { type: 'count', id: `${n}-${part}`, lines }, sender)) as LinesJudged;
      }),
    ),
  );
  const verdicts = counted.flatMap(({ lines }) => lines);
  const accepted = verdicts.filter(({ outcome }) => outcome === 'accepted').map(({ sku }) => sku);
  expect(accepted.sort()).toEqual(skus.toSorted());
  expect(verdicts.filter(({ outcome }) => outcome === 'failed')).toEqual([]);

  const waiting = skus.slice(0, 3);
  const decided = await Promise.all(
    processes.map((counts, n) => counts.lines(ID, { type: 'approve', id: `a-${n}`, skus: waiting }, { source: 'mia' })),
  );
  const taken = (decided as LinesJudged[]).flatMap(({ lines }) => lines.filter((one) => one.outcome === 'accepted'));
  expect(taken.map(({ sku }) => sku).sort()).toEqual(waiting);

  await Promise.all(
    processes.map((counts, n) =>
      counts.end(ID, { type: 'complete', id: `e-${n}`, uncounted: 'leave' }, { source: 'mia' }),
    ),
  );
  expect((await world.rows()).stocktake(ID)).toMatchObject({ status: 'completed' });
  const events = await world.log.readAll(START, 10_000);
  const ended = events.filter(({ type }) => type === 'StocktakeCompleted' || type === 'SheetClosed');
  expect(ended).toHaveLength(4);
  for (const sku of skus) {
    const counts = events.filter(
      ({ stream, type }) => stream === `stock-${sku}~${LOCATION}` && type === 'StockCounted',
    );
    expect(counts).toHaveLength(1);
  }
});

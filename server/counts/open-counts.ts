// Puts stocktakes together with the log, the actors and the read model, and goes on after a start with what the last
// process left: sheets half opened or half closed, counts that a stock has not answered.
import { sheetId } from '../../domain/count/sheet-of.ts';
import { sheetWorkflow } from '../../domain/count/sheet-workflow.ts';
import { stocktakeWorkflow } from '../../domain/count/stocktake.ts';
import { SECOND } from '../../domain/time.ts';
import type { ProjectionDefinition } from '../../projections/projection.ts';
import { createStocktakes, STOCKTAKES, type Stocktakes } from '../../projections/stocktakes.ts';
import type { ProcessRoom } from '../processes.ts';
import { runWorkflow } from '../workflows/workflows.ts';
import { type Counts, createCounts } from './counts.ts';
import { knownSkus, STOCK_LEVELS_PROJECTION } from './known-skus.ts';

export const STOCKTAKES_PROJECTION: ProjectionDefinition<Stocktakes> = { name: STOCKTAKES, create: createStocktakes };

/** Of each kind; a sheet in memory weighs about 100 KB. */
const LIMITS = { waitingMax: 10_000, residentMax: 1_000 };
const AGAIN_MS_BASE = 500;
const AGAIN_MS_MAX = 30 * SECOND;
const CAUGHT_UP_MS = SECOND;

type CountsNeed = Pick<
  ProcessRoom,
  'log' | 'readModel' | 'actors' | 'policy' | 'hashes' | 'soleWriter' | 'clock' | 'random' | 'sleep' | 'logger'
>;

export async function openCounts(room: CountsNeed): Promise<Counts> {
  const { log, readModel, actors, policy, clock, random, sleep, logger } = room;
  const troubled = (stream: string, error: unknown) =>
    logger.warn({ stream, error: String(error) }, 'tried again later');
  // Counts take nothing: what is free for a channel does not matter to them.
  const view = () => ({ policy: policy(), free: () => 0 });
  const running = { ...room, stocks: actors, view, troubled };
  const sheets = runWorkflow(sheetWorkflow, running, LIMITS);
  const stocktakes = runWorkflow(stocktakeWorkflow, running, LIMITS);
  const counts = createCounts({
    ...{ log, stocks: actors, policy, clock, sheets, stocktakes, troubled },
    knownSkus: (location) => knownSkus(readModel.projection(STOCK_LEVELS_PROJECTION), location),
    later: (attempt) => sleep(Math.min(AGAIN_MS_MAX, random() * AGAIN_MS_BASE * 2 ** Math.min(attempt, 10))),
  });
  const head = await log.head();
  let closing = false;
  const resumed = (async () => {
    while (!closing && !(await readModel.waitFor(head, CAUGHT_UP_MS)));
    for (const { id, status, sheets: rows } of readModel.projection(STOCKTAKES_PROJECTION).newestFirst()) {
      if (closing) return;
      if (status === 'opening' || status === 'completing' || status === 'cancelling') await counts.goOn(id);
      for (const [number, row] of rows.entries()) {
        if (!closing && row !== undefined && row.tally.statuses.applying > 0) await sheets.resume(sheetId(id, number));
      }
    }
  })().catch((error: unknown) => troubled('stocktakes', error));
  return {
    ...counts,
    async close() {
      closing = true;
      await counts.close();
      await Promise.all([sheets.close(), stocktakes.close()]);
      await resumed;
    },
  };
}

// Puts stocktakes together with the log, the actors and the read model, and goes on after a start with what the last
// process left: sheets half opened or half closed, counts that a stock has not answered.

import type { Policy } from '../../domain/channel/policy.ts';
import type { LineRefusal } from '../../domain/count/commands.ts';
import type { Sheet } from '../../domain/count/sheet.ts';
import type { SheetCommand } from '../../domain/count/sheet-decide.ts';
import { sheetId } from '../../domain/count/sheet-of.ts';
import { sheetWorkflow } from '../../domain/count/sheet-workflow.ts';
import { stocktakeWorkflow } from '../../domain/count/stocktake.ts';
import type { Position } from '../../domain/event-log.ts';
import { MINUTE, SECOND } from '../../domain/time.ts';
import type { ProjectionDefinition } from '../../projections/projection.ts';
import { createStocktakes, isInBetween, STOCKTAKES, type Stocktakes } from '../../projections/stocktakes.ts';
import type { StockActors } from '../actors/answer.ts';
import type { StockReader } from '../actors/look.ts';
import { gaugesOf } from '../observe/gauge.ts';
import { spansOf } from '../observe/spans.ts';
import type { ProcessBase } from '../process-room.ts';
import { runWorkflow, type Workflows } from '../workflows/workflows.ts';
import { type Counts, createCounts } from './counts.ts';
import { knownSkus, STOCK_LEVELS_PROJECTION } from './known-skus.ts';

export const STOCKTAKES_PROJECTION: ProjectionDefinition<Stocktakes> = { name: STOCKTAKES, create: createStocktakes };

/** Of each kind; a sheet in memory weighs about 100 KB. */
const LIMITS = { waitingMax: 10_000, residentMax: 1_000 };
const AGAIN_MS_BASE = 500;
const AGAIN_MS_MAX = 30 * SECOND;

export interface OpenCountsRoom extends ProcessBase {
  readonly actors: StockActors & StockReader;
  readonly policy: () => Policy;
}

/** Stocktakes, and what the read model says of them. */
export interface CountProcess extends Counts {
  readonly rows: () => Stocktakes;
}

export async function openCounts(room: OpenCountsRoom): Promise<CountProcess> {
  const { log, readModel, actors, policy, clock, random, sleep, hashes, soleWriter, logger } = room;
  const troubled = (stream: string, error: unknown) =>
    logger.warn({ stream, error: String(error) }, 'tried again later');
  // Counts take nothing: what is free for a channel does not matter to them.
  const view = () => ({ policy: policy(), free: () => 0 });
  const running = {
    log,
    clock,
    random,
    sleep,
    hashes,
    soleWriter,
    stocks: actors,
    view,
    troubled,
    spans: spansOf(room.telemetry),
  };
  const sheets = runWorkflow(sheetWorkflow, running, LIMITS);
  const stocktakes = runWorkflow(stocktakeWorkflow, running, LIMITS);
  const counts = createCounts({
    ...{ log, stocks: actors, policy, clock, sheets, stocktakes, troubled },
    knownSkus: (location) => {
      const { bundles } = policy();
      const known = knownSkus(readModel.projection(STOCK_LEVELS_PROJECTION), location);
      // What was made a bundle holds no stock of its own any more.
      return known.filter((sku) => bundles.of(sku) === undefined);
    },
    later: (attempt) => sleep(Math.min(AGAIN_MS_MAX, random() * AGAIN_MS_BASE * 2 ** Math.min(attempt, 10))),
  });
  const rows = () => readModel.projection(STOCKTAKES_PROJECTION);
  gaugeCounts(room, rows);
  const closing = new AbortController();
  const resuming = resume(
    { counts, sheets, rows, sleep, folded: readModel.waitFor, troubled },
    await log.head(),
    closing.signal,
  );
  return {
    ...counts,
    rows,
    async close() {
      closing.abort();
      await resuming;
      await counts.close();
      await Promise.all([sheets.close(), stocktakes.close()]);
    },
  };
}

interface Resuming {
  readonly counts: Counts;
  readonly sheets: Workflows<Sheet, SheetCommand, LineRefusal>;
  readonly rows: () => Stocktakes;
  readonly sleep: OpenCountsRoom['sleep'];
  readonly folded: (position: Position, timeoutMs: number) => Promise<boolean>;
  readonly troubled: (stream: string, error: unknown) => void;
}

/** Once the read model is as the log was at the start, and then every minute: whoever worked on one may have ended. */
async function resume(room: Resuming, head: Position, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && !(await room.folded(head, SECOND))) {}
  while (!signal.aborted) {
    for (const row of Array.from(room.rows().unsettled())) {
      if (signal.aborted) return;
      if (isInBetween(row)) await room.counts.goOn(row.id);
      for (const [number, sheet] of row.sheets.entries()) {
        if (sheet === undefined || sheet.tally.statuses.applying === 0) continue;
        await room.sheets.resume(sheetId(row.id, number));
      }
    }
    await room.sleep(MINUTE, signal);
  }
}

function gaugeCounts({ telemetry }: OpenCountsRoom, rows: () => Stocktakes): void {
  const gauge = gaugesOf(telemetry);
  gauge('evenstock.counts.open', '{stocktake}', 'Stocktakes that are being counted', () => rows().sums().open);
  gauge('evenstock.counts.waiting', '{line}', 'Counted lines that wait to be decided', () => rows().sums().waiting);
}

// Puts bundles together: the workflow over the stocks, the read model that says which component is scarcest, and what goes
// on after a restart. What it opens takes the place of the stocks for all who send commands to them.
import type { Telemetry } from '../../adapters/telemetry/telemetry.ts';
import type { BundleCommand } from '../../domain/bundle/command.ts';
import { bundleWorkflow } from '../../domain/bundle/workflow.ts';
import type { Hashes } from '../../domain/event-id.ts';
import type { EventLog } from '../../domain/event-log.ts';
import { alreadyTaken } from '../../domain/stock/evolve.ts';
import type { Clock } from '../../domain/time.ts';
import { OPEN_BUNDLES_PROJECTION } from '../../projections/open-bundles.ts';
import type { ReadModel } from '../../projections/read-model.ts';
import type { StockActors } from '../actors/answer.ts';
import type { StockReader } from '../actors/look.ts';
import type { Logger } from '../logging.ts';
import type { PolicyBook } from '../policy/book.ts';
import { startResuming } from '../workflows/resuming.ts';
import { runWorkflow } from '../workflows/workflows.ts';
import { bundledStocks } from './bundled-stocks.ts';
import { knownBundles } from './known-bundles.ts';

export interface BundleRoom {
  readonly log: EventLog;
  readonly stocks: StockActors & StockReader;
  /** With `OPEN_BUNDLES_PROJECTION` among its projections. */
  readonly readModel: ReadModel;
  readonly policies: Pick<PolicyBook, 'policy' | 'history'>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly hashes: Hashes;
  readonly soleWriter: boolean;
  readonly logger: Logger;
  readonly telemetry: Telemetry | undefined;
}

export async function openBundles(room: BundleRoom): Promise<StockActors & StockReader> {
  const { log, stocks, readModel, policies, clock, random, sleep, hashes, soleWriter, logger } = room;
  const workflows = runWorkflow(bundleWorkflow, {
    ...{ log, clock, random, sleep, hashes, soleWriter, stocks },
    view: () => ({ policy: policies.policy(), free: readModel.availability.free }),
    troubled: (stream, error) => logger.warn({ stream, error: String(error) }, 'a bundle is tried again later'),
  });
  const resuming = startResuming({
    ...{ clock, sleep, head: await log.head() },
    folded: readModel.waitFor,
    owing: () => readModel.projection(OPEN_BUNDLES_PROJECTION).owing(),
    resume: workflows.resume,
  });
  room.telemetry?.meter
    .createObservableGauge('evenstock.bundles.owing', {
      unit: '{bundle}',
      description: 'Commands for bundles, or their reservations, whose components have not all answered',
    })
    .addCallback((result) => result.observe(readModel.projection(OPEN_BUNDLES_PROJECTION).size));
  const [isBundle, isOfStock] = [knownBundles(policies), ofStock(stocks, readModel)];
  const bundled = bundledStocks({ stocks, workflows, log, isBundle, isOfStock });
  return {
    ...bundled,
    async close() {
      await resuming.close();
      await bundled.close();
    },
  };
}

/** Only a SKU that had stock before it was a bundle costs more than one look-up. */
function ofStock(
  stocks: StockReader,
  { availability }: ReadModel,
): (command: BundleCommand) => boolean | Promise<boolean> {
  return (command) => {
    const { sku, location, id } = command;
    if (availability.stock(sku, location) === undefined) return false;
    const reservationId = 'reservationId' in command ? command.reservationId : undefined;
    return stocks
      .look(sku, location)
      .then(
        (stock) =>
          alreadyTaken(stock, id) !== undefined ||
          (reservationId !== undefined && stock.reservations.has(reservationId)),
      );
  };
}

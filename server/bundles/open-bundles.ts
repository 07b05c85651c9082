// Puts bundles together: the workflow over the stocks, the read model that says which component is scarcest, and what goes
// on after a restart. What it opens takes the place of the stocks for all who send commands to them.
import type { BundleCommand } from '../../domain/bundle/command.ts';
import { bundleWorkflow } from '../../domain/bundle/workflow.ts';
import { alreadyTaken } from '../../domain/stock/evolve.ts';
import { OPEN_BUNDLES_PROJECTION } from '../../projections/open-bundles.ts';
import type { ReadModel } from '../../projections/read-model.ts';
import type { StockActors } from '../actors/answer.ts';
import type { StockReader } from '../actors/look.ts';
import { gaugesOf } from '../observe/gauge.ts';
import { spansOf } from '../observe/spans.ts';
import type { PolicyBook } from '../policy/book.ts';
import type { ProcessBase } from '../process-room.ts';
import { startResuming } from '../workflows/resuming.ts';
import { runWorkflow } from '../workflows/workflows.ts';
import { bundledStocks } from './bundled-stocks.ts';
import { knownBundles } from './known-bundles.ts';

export interface BundleRoom extends ProcessBase {
  readonly stocks: StockActors & StockReader;
  readonly policies: Pick<PolicyBook, 'policy' | 'history'>;
}

export async function openBundles(room: BundleRoom): Promise<StockActors & StockReader> {
  const { log, stocks, readModel, policies, clock, random, sleep, hashes, soleWriter, logger } = room;
  const workflows = runWorkflow(bundleWorkflow, {
    ...{ log, clock, random, sleep, hashes, soleWriter, stocks },
    spans: spansOf(room.telemetry),
    view: () => ({ policy: policies.policy(), free: readModel.availability.free }),
    troubled: (stream, error) => logger.warn({ stream, error: String(error) }, 'a bundle is tried again later'),
  });
  const resuming = startResuming({
    ...{ clock, sleep, head: await log.head() },
    folded: readModel.waitFor,
    owing: () => readModel.projection(OPEN_BUNDLES_PROJECTION).owing(),
    resume: workflows.resume,
  });
  gaugesOf(room.telemetry)(
    'evenstock.bundles.owing',
    '{bundle}',
    'Commands for bundles, or their reservations, whose components have not all answered',
    () => readModel.projection(OPEN_BUNDLES_PROJECTION).size,
  );
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

// The read side with many SKU-locations, ATS of 3 channels: fold, rebuild, restart, memory. bench/projections.ts measures.
import { figure } from '../figure.ts';
import type { Part } from '../part.ts';
import { measureFold, measureRebuild, measureRestart } from '../projections.ts';

/** Events of the log a stock: half of the stocks have two. */
const EVENTS_PER_STOCK = 1.5;

export const projections: Part = {
  name: 'projections',
  title: 'Projections: fold, rebuild, restart, memory',
  async run({ sizes, directory, progress }) {
    const stocks = sizes.manyStocks;
    const shown = `${stocks.toLocaleString('en')} SKU-locations, ATS of 3 channels`;
    progress('fold');
    const fold = measureFold(stocks);
    progress('rebuild');
    const rebuild = await measureRebuild(directory, stocks, stocks * EVENTS_PER_STOCK);
    progress('restart');
    const restart = await measureRestart(directory, stocks);
    return [
      figure('projections.fold', 'fold of one event into stock levels and ATS', 'ns', fold.withAtsNs),
      figure(
        'projections.rebuild',
        `rebuild from the log, ${shown}`,
        '/s',
        rebuild.catchUpPerSecond,
        'events; from an empty read model to the head, stored',
      ),
      figure(
        'projections.rebuild-beside',
        `rebuild beside a serving read model, ${shown}`,
        '/s',
        rebuild.rebuildPerSecond,
        'events',
      ),
      figure('projections.turn', 'longest turn of the event loop while state is stored', 'ms', rebuild.turnMsMax),
      figure('projections.restart', `restart of log and read model, ${shown}`, 's', restart.restartMs / 1_000),
      figure(
        'projections.resident',
        `process with log and read model, ${shown}: resident`,
        'MB',
        restart.residentMB,
        `highest ${Math.round(restart.residentPeakMB)} MB`,
      ),
    ];
  },
};

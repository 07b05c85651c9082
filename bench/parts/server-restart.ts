// The real server with many SKU-locations: its memory, and how long it takes from its start until it is ready.
import { join } from 'node:path';
import { figure } from '../figure.ts';
import type { Part } from '../part.ts';
import { processUse } from '../process-use.ts';
import { openStocks, startEvenstockProcess } from '../servers/evenstock-process.ts';

const STARTS = 3;

export const serverRestart: Part = {
  name: 'server-restart',
  title: 'Restart of the server with many SKU-locations',
  async run({ sizes, directory, progress }) {
    const stocks = sizes.manyStocks;
    const shown = `${stocks.toLocaleString('en')} SKU-locations`;
    const folder = join(directory, 'restart');
    progress(`opening ${shown} over HTTP`);
    const first = await startEvenstockProcess(folder);
    const from = performance.now();
    await openStocks(first, stocks);
    const rate = (stocks * 1_000) / (performance.now() - from);
    await first.stop();
    const seconds: number[] = [];
    const residentMB: number[] = [];
    for (let n = 0; n < STARTS; n++) {
      progress(`start ${n + 1} of ${STARTS}`);
      const server = await startEvenstockProcess(folder);
      seconds.push(server.readyMs / 1_000);
      const use = processUse(server.pid);
      if (use !== undefined) residentMB.push(use.residentBytes / 1e6);
      await server.stop();
    }
    return [
      figure('restart.fill', 'opening receipts over HTTP in batches of 10,000, all of cold stocks', '/s', rate),
      figure('restart.ready', `restart to ready, ${shown}`, 's', seconds, 'from the start of the process'),
      figure('restart.resident', `whole server after restart, ${shown}: resident`, 'MB', residentMB),
    ];
  },
};

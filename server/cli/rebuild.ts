// `evenstock rebuild`: folds all projections from the first event. While a server runs, its projections rebuild
// themselves when their stored state does not fit; this is for doing it by hand, with the server stopped.
import { systemClock } from '../../adapters/platform.ts';
import { policyOfLog } from '../policy/of-log.ts';
import { openProductReadModel } from '../wiring/log.ts';
import { withLog } from './stores.ts';

export async function rebuild(options: { readonly index?: boolean; readonly json?: boolean }): Promise<void> {
  await withLog(async (log, config) => {
    const startedAt = performance.now();
    if (options.index && 'rebuildIndex' in log && typeof log.rebuildIndex === 'function') await log.rebuildIndex();
    const policy = await policyOfLog(log, config.policyFile, systemClock);
    const readModel = await openProductReadModel({ log, directory: config.dataDir, policy });
    await readModel.rebuild();
    const { position, projections } = readModel.status();
    await readModel.close();
    const seconds = (performance.now() - startedAt) / 1_000;
    if (options.json) {
      process.stdout.write(
        `${JSON.stringify({ position: position.toString(), seconds, projections: projections.map(({ name }) => name) })}\n`,
      );
    } else {
      process.stdout.write(
        `rebuilt ${projections.map(({ name }) => name).join(', ')} up to position ${position} in ${seconds.toFixed(1)} s\n`,
      );
    }
  });
}

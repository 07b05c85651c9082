// The load generator as the parts use it: a child process that takes orders, and its results as figures.
import { type Figure, figure } from '../figure.ts';
import type { Sizes } from '../part.ts';
import { startChild } from '../servers/child.ts';
import type { LoadOrder, LoadResult } from './load.ts';

export type Order = Pick<LoadOrder, 'port' | 'kind' | 'skus'> &
  Partial<Pick<LoadOrder, 'headers' | 'watch'>> & { readonly batches?: boolean };

export interface Generator {
  /** @throws Error when any answer was not 200: a rate with failures in it means nothing */
  run(order: Order): Promise<LoadResult>;
  stop(): Promise<void>;
}

export function startGenerator(sizes: Sizes): Generator {
  const child = startChild('load/client.ts');
  let runs = 0;
  return {
    async run({ batches = false, headers = {}, watch = [], ...rest }) {
      runs += 1;
      const order: LoadOrder = {
        ...rest,
        headers,
        watch,
        path: batches ? '/v1/commands/batch' : '/v1/commands',
        commands: batches ? sizes.batchCommands : 1,
        connections: batches ? sizes.batchConnections : sizes.connections,
        idPrefix: `bench-${process.pid}-${runs}-`,
        occurredAt: new Date().toISOString(),
        warmUpMs: sizes.warmUpMs,
        windowMs: sizes.windowMs,
        windows: sizes.windows,
      };
      child.process.send(order);
      const message = await child.message<{ result: LoadResult } | { error: string }>();
      if ('error' in message) throw new Error(`load generator: ${message.error}`);
      const { failures, failureExample } = message.result;
      if (failureExample === undefined) return message.result;
      throw new Error(`answers other than 200: ${JSON.stringify(failures)}, such as\n${failureExample}`);
    },
    stop: child.stop,
  };
}

/** Beyond this the generator, not the side measured, may be what limits the rate. */
const OWN_CORES_MAX = 0.9;
const OTHER_CORES_MAX = 0.3;

/** Rate, median and 99th percentile of a run. */
export function loadFigures(id: string, title: string, result: LoadResult): readonly Figure[] {
  const { windows, ownCores, watchedCores, otherCores } = result;
  const notes = [
    `cores: generator ${ownCores.toFixed(2)}${watchedCores === undefined ? '' : `, server ${watchedCores.toFixed(2)}`}`,
    ...(ownCores > OWN_CORES_MAX ? ['GENERATOR SATURATED'] : []),
    ...((otherCores ?? 0) > OTHER_CORES_MAX ? [`NOISY: others used ${otherCores!.toFixed(2)}`] : []),
  ];
  const samples = (of: 'commandsPerSecond' | 'p50Ms' | 'p99Ms') => windows.map((window) => window[of]);
  return [
    figure(id, title, '/s', samples('commandsPerSecond'), notes.join('; ')),
    figure(`${id}.p50`, `${title}: p50`, 'ms', samples('p50Ms')),
    figure(`${id}.p99`, `${title}: p99`, 'ms', samples('p99Ms')),
  ];
}

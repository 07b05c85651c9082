// The load generator as the parts use it: a child process that takes orders, and its results as figures.
import { type Figure, figure } from '../figure.ts';
import { startChild } from '../servers/child.ts';
import { median } from '../statistics.ts';
import type { LoadOrder, LoadResult } from './load.ts';

export type Order = Pick<
  LoadOrder,
  'port' | 'kind' | 'skus' | 'headers' | 'watch' | 'commands' | 'connections' | 'warmUpMs' | 'windowMs'
>;

export interface Generator {
  /** @throws Error when any command was not accepted: a rate with failures in it means nothing */
  run(order: Order): Promise<LoadResult>;
  stop(): Promise<void>;
}

export function startGenerator(): Generator {
  const child = startChild('load/client.ts');
  let runs = 0;
  return {
    async run({ port, kind, skus, headers, watch, commands, connections, warmUpMs, windowMs }) {
      runs += 1;
      const order: LoadOrder = {
        ...{ port, kind, skus, headers, watch, commands, connections, warmUpMs, windowMs },
        windows: 1,
        path: commands > 1 ? '/v1/commands/batch' : '/v1/commands',
        idPrefix: `bench-${process.pid}-${runs}-`,
        seed: runs,
        occurredAt: new Date().toISOString(),
      };
      child.process.send(order);
      const message = await child.message<{ result: LoadResult } | { error: string }>();
      if ('error' in message) throw new Error(`load generator: ${message.error}`);
      const { failures, failureExample } = message.result;
      if (failureExample === undefined) return message.result;
      throw new Error(`not everything was accepted: ${JSON.stringify(failures)}, such as\n${failureExample}`);
    },
    stop: child.stop,
  };
}

/** Beyond this the generator, not the side measured, may be what limits the rate. */
const OWN_CORES_MAX = 0.9;
const OTHER_CORES_MAX = 0.3;

/** Rate, median and 99th percentile of the runs of one side. */
export function loadFigures(id: string, title: string, results: readonly LoadResult[]): readonly Figure[] {
  const windows = results.flatMap((result) => result.windows);
  const middle = (of: 'ownCores' | 'watchedCores' | 'otherCores') =>
    median(results.map((result) => result[of] ?? 0)).toFixed(2);
  const notes = [
    `cores: generator ${middle('ownCores')}, server ${middle('watchedCores')}`,
    ...(Number(middle('ownCores')) > OWN_CORES_MAX ? ['GENERATOR SATURATED'] : []),
    ...(Number(middle('otherCores')) > OTHER_CORES_MAX ? [`NOISY: others used ${middle('otherCores')}`] : []),
  ];
  const samples = (of: 'commandsPerSecond' | 'p50Ms' | 'p99Ms') => windows.map((window) => window[of]);
  // Of all processes behind the address: on a machine that others use too, steadier than the rate.
  const cpu = results.flatMap(({ watchedCores, windows: [window] }) =>
    watchedCores === undefined || window === undefined ? [] : (watchedCores * 1e6) / window.commandsPerSecond,
  );
  return [
    figure(id, title, '/s', samples('commandsPerSecond'), notes.join('; ')),
    figure(`${id}.p50`, `${title}: p50`, 'ms', samples('p50Ms')),
    figure(`${id}.p99`, `${title}: p99`, 'ms', samples('p99Ms')),
    figure(`${id}.cpu`, `${title}: CPU a command`, 'µs', cpu),
  ];
}

// A connector whose calls are counted, and take as long as is said in time that otherwise stands still for them.
import type { Batch, Connector } from '../../adapters/channels/channel.ts';
import type { StillTime } from './still-time.ts';

export interface CountedCall {
  readonly lane: 'urgent' | 'bulk' | 'read';
  /** When it left. */
  readonly at: number;
  readonly skus: number;
}

/** @param onCall before the call is made */
export function counted(
  connector: Connector,
  time: StillTime,
  latencyMs: Readonly<Record<CountedCall['lane'], number>>,
  onCall: (call: CountedCall, batch: Batch | undefined) => void,
): Connector {
  const { publish, publishBulk, readBack } = connector;
  async function make<R>(lane: CountedCall['lane'], skus: number, batch: Batch | undefined, call: () => Promise<R>) {
    onCall({ lane, at: time.timers.now(), skus }, batch);
    const answer = await time.underWay(call());
    await time.sleep(latencyMs[lane]);
    return answer;
  }
  return {
    declares: connector.declares,
    publish: (batch, signal) =>
      make('urgent', batch.updates.length, batch, () => publish.call(connector, batch, signal)),
    ...(publishBulk && {
      publishBulk: (batch: Batch, signal: AbortSignal) =>
        make('bulk', batch.updates.length, batch, () => publishBulk.call(connector, batch, signal)),
    }),
    ...(readBack && {
      readBack: (skus: readonly string[], signal: AbortSignal) =>
        make('read', skus.length, undefined, () => readBack.call(connector, skus, signal)),
    }),
  };
}

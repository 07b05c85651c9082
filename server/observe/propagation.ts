// Gauges of how far behind the read model and each channel are, read when the meter exports.
import type { Observable } from '@opentelemetry/api';
import type { Publishing } from '../../adapters/publishing/publisher.ts';
import type { PublishStatus } from '../../adapters/publishing/status.ts';
import type { Telemetry } from '../../adapters/telemetry/telemetry.ts';
import type { ReadModel } from '../../projections/read-model.ts';
import { gaugesOf } from './gauge.ts';

export function gaugePropagation(telemetry: Telemetry | undefined, readModel: ReadModel, publishing: Publishing): void {
  if (telemetry === undefined) return;
  const { meter } = telemetry;
  const gauge = gaugesOf(telemetry);
  const lag = 'How old the figures are while there are events not folded; 0 when there are none';
  gauge('evenstock.projection.lag', 's', lag, () => readModel.status().lagMs / 1_000);
  gauge('evenstock.projection.dead_letters', '{event}', 'Events set aside', () => readModel.deadLetters().length);
  gauge(
    'evenstock.stock.oversold',
    '{stock}',
    'SKU-locations promised beyond what is there',
    () => readModel.levels().oversold().stocks,
  );
  const oversold = () => readModel.levels().oversold();
  gauge('evenstock.stock.oversold_units', '{unit}', 'Units by which they are', () => oversold().units);
  const read = new Map<Observable, (status: PublishStatus) => number>();
  const perChannel = (name: string, unit: string, description: string, of: (status: PublishStatus) => number) =>
    read.set(meter.createObservableGauge(`evenstock.publish.${name}`, { unit, description }), of);
  perChannel(
    'backlog',
    '{update}',
    'SKUs the channel shows a wrong figure of, with those under way',
    ({ backlog, inFlight }) => backlog + inFlight,
  );
  perChannel(
    'backlog_age',
    's',
    'How long the longest-waiting of them has been wrong',
    ({ oldestBacklogAgeMs }) => oldestBacklogAgeMs / 1_000,
  );
  perChannel('dead_letters', '{update}', 'Values the channel refused', (s) => s.deadLetters);
  perChannel(
    'rate',
    '{call}/s',
    'Calls a second that may be made now: learned from refusals and from what the channel states',
    ({ lanes }) => lanes?.urgent.ratePerSecond ?? 0,
  );
  perChannel(
    'unseen',
    '{update}',
    'Values the channel only accepted that were not seen at it yet',
    ({ readBack }) => readBack?.waiting ?? 0,
  );
  perChannel(
    'thin_budgets',
    '{sku}',
    'SKUs whose daily budget is kept for stock-outs, or used up',
    ({ budget }) => budget?.thin ?? 0,
  );
  const states = meter.createObservableGauge('evenstock.publish.state', {
    unit: '{channel}',
    description: '1 for the state that publishing to the channel is in',
  });
  meter.addBatchObservableCallback(
    (result) => {
      for (const channel of publishing.channels) {
        const status = publishing.status(channel);
        if (status === undefined) continue;
        // What waits is the other node's to show.
        const shown = status.state === 'elsewhere' ? [] : read;
        for (const [gauge, of] of shown) result.observe(gauge, of(status), { channel });
        result.observe(states, 1, { channel, state: status.state });
      }
    },
    [...read.keys(), states],
  );
}

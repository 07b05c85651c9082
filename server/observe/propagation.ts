// Gauges of how far behind the read model and each channel are, read when the meter exports.
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
  const perChannel = (name: string, unit: string, description: string, read: (status: PublishStatus) => number) =>
    meter.createObservableGauge(name, { unit, description }).addCallback((result) => {
      for (const channel of publishing.channels) {
        const status = publishing.status(channel);
        if (status !== undefined) result.observe(read(status), { channel });
      }
    });
  perChannel(
    'evenstock.publish.backlog',
    '{update}',
    'SKUs the channel shows a wrong figure of, with those under way',
    ({ backlog, inFlight }) => backlog + inFlight,
  );
  perChannel(
    'evenstock.publish.backlog_age',
    's',
    'How long the longest-waiting of them has been wrong',
    ({ oldestBacklogAgeMs }) => oldestBacklogAgeMs / 1_000,
  );
  perChannel('evenstock.publish.dead_letters', '{update}', 'Values the channel refused', (s) => s.deadLetters);
  perChannel(
    'evenstock.publish.rate',
    '{call}/s',
    'Calls a second that may be made now: learned from refusals and from what the channel states',
    ({ lanes }) => lanes?.urgent.ratePerSecond ?? 0,
  );
  perChannel(
    'evenstock.publish.unseen',
    '{update}',
    'Values the channel only accepted that were not seen at it yet',
    ({ readBack }) => readBack?.waiting ?? 0,
  );
  perChannel(
    'evenstock.publish.thin_budgets',
    '{sku}',
    'SKUs whose daily budget is kept for stock-outs, or used up',
    ({ budget }) => budget?.thin ?? 0,
  );
}

// Gauges of the webhooks, read when the meter exports.
import type { Telemetry } from '../../adapters/telemetry/telemetry.ts';
import type { WebhookStatus, Webhooks } from './webhooks.ts';

export function gaugeWebhooks(telemetry: Telemetry | undefined, webhooks: Pick<Webhooks, 'ids' | 'status'>): void {
  if (telemetry === undefined) return;
  const gauge = (name: string, unit: string, description: string, read: (status: WebhookStatus) => number) =>
    telemetry.meter.createObservableGauge(`evenstock.webhook.${name}`, { unit, description }).addCallback((result) => {
      for (const webhook of webhooks.ids()) {
        const status = webhooks.status(webhook);
        if (status !== undefined) result.observe(read(status), { webhook });
      }
    });
  gauge('waiting', '{event}', 'Events that wait to be sent to the webhook', ({ waiting }) => waiting);
  gauge(
    'oldest_waiting',
    's',
    'How long the first of them has waited',
    ({ oldestWaitingMs }) => oldestWaitingMs / 1_000,
  );
  gauge('delivered', '{event}', 'Events that it took since the beginning', ({ delivered }) => delivered);
  gauge('set_aside', '{event}', 'Events that it refused and that were passed over', ({ setAside }) => setAside);
  const states = telemetry.meter.createObservableGauge('evenstock.webhook.state', {
    unit: '{webhook}',
    description: '1 for the state that telling the webhook is in',
  });
  states.addCallback((result) => {
    for (const webhook of webhooks.ids()) {
      const status = webhooks.status(webhook);
      if (status !== undefined) result.observe(1, { webhook, state: status.state });
    }
  });
}

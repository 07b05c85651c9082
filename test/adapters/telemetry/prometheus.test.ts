// Metric names as Prometheus expects them.
import { expect, it } from 'vitest';
import { prometheusName } from '../../../adapters/telemetry/prometheus.ts';

it.each([
  ['evenstock.publish.lag', 's', 'evenstock_publish_lag_seconds'],
  ['evenstock.publish.backlog', '{update}', 'evenstock_publish_backlog'],
  ['evenstock.publish.rate', '{call}/s', 'evenstock_publish_rate_per_second'],
  ['process.memory.usage', 'By', 'process_memory_usage_bytes'],
  ['nodejs.eventloop.utilization', '1', 'nodejs_eventloop_utilization_ratio'],
  ['a.rate', 'By/s', 'a_rate_bytes_per_second'],
  ['already.in_seconds', 's', 'already_in_seconds'],
  ['no.unit', '', 'no_unit'],
])('%s in %s is %s', (name, unit, expected) => {
  expect(prometheusName({ name, unit })).toBe(expected);
});

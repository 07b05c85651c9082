// Metrics as Prometheus expects them: their names, and nothing of what is not so any more.
import { expect, it } from 'vitest';
import { prometheusName } from '../../../adapters/telemetry/prometheus.ts';
import { startTelemetry } from '../../../adapters/telemetry/telemetry.ts';

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

// Seen failing: with the exporter's own choice.
it('a gauge tells only what is so now, a counter all that it has counted', async () => {
  const { meter, scrape, close } = (await startTelemetry({}, Math.random, expect.fail, true))!;
  let state = 'open';
  meter.createObservableGauge('state').addCallback((result) => result.observe(1, { state }));
  meter.createObservableCounter('calls').addCallback((result) => result.observe(7, { state: 'open' }));
  const counter = meter.createCounter('refused');
  const told = async () => (await scrape!()).match(/^(state|calls|refused).*$/gm);
  counter.add(2, { code: 'a' });
  const counted = ['calls_total{state="open"} 7', 'refused_total{code="a"} 2'];
  expect(await told()).toEqual(['state{state="open"} 1', ...counted]);
  expect(await told()).toEqual(['state{state="open"} 1', ...counted]);
  state = 'running';
  expect(await told()).toEqual(['state{state="running"} 1', ...counted]);
  await close();
});

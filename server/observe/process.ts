// What the process itself uses: CPU, memory, and how busy its event loop is. Names are those of the semantic conventions
// (https://opentelemetry.io/docs/specs/semconv/system/process-metrics/, …/runtime/nodejs-metrics/).
import { performance } from 'node:perf_hooks';
import type { Telemetry } from '../../adapters/telemetry/telemetry.ts';
import { gaugesOf } from './gauge.ts';

export function gaugeProcess(telemetry: Telemetry | undefined): void {
  if (telemetry === undefined) return;
  const gauge = gaugesOf(telemetry);
  telemetry.meter
    .createObservableCounter('process.cpu.time', { unit: 's', description: 'CPU time by mode' })
    .addCallback((result) => {
      const { user, system } = process.cpuUsage();
      result.observe(user / 1e6, { 'cpu.mode': 'user' });
      result.observe(system / 1e6, { 'cpu.mode': 'system' });
    });
  gauge('process.memory.usage', 'By', 'Physical memory in use', () => process.memoryUsage.rss());
  gauge('v8js.memory.heap.used', 'By', 'Of it, the heap', () => process.memoryUsage().heapUsed);
  gauge('process.uptime', 's', 'Since the process began', () => process.uptime());
  let before = performance.eventLoopUtilization();
  gauge(
    'nodejs.eventloop.utilization',
    '1',
    'Share of the time since it was read last that the event loop was busy',
    () => {
      const now = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(now, before);
      before = now;
      return utilization;
    },
  );
}

// A gauge that is read when it is asked for; without telemetry nothing is asked.
import type { Telemetry } from '../../adapters/telemetry/telemetry.ts';

export type Gauge = (name: string, unit: string, description: string, read: () => number) => void;

export function gaugesOf(telemetry: Telemetry | undefined): Gauge {
  return (name, unit, description, read) => {
    telemetry?.meter.createObservableGauge(name, { unit, description }).addCallback((result) => result.observe(read()));
  };
}

// A meter of OpenTelemetry's API that keeps what it is told: every measurement of a histogram or a counter, and what
// observable instruments say when they are asked.
import type { Attributes, Meter, ObservableResult } from '@opentelemetry/api';

export interface Measurement {
  readonly name: string;
  readonly value: number;
  readonly attributes: Attributes;
}

export interface FakeMeter {
  readonly meter: Meter;
  /** Of this name, in the order in which they were made. */
  recorded(name: string): readonly Measurement[];
  /** Asks every observable instrument; what this one says. */
  observed(name: string): readonly Measurement[];
}

export function createFakeMeter(): FakeMeter {
  const recorded: Measurement[] = [];
  const callbacks: ((into: Measurement[]) => void)[] = [];
  const told = (name: string) => {
    const add = (value: number, attributes: Attributes = {}) => void recorded.push({ name, value, attributes });
    return { add, record: add };
  };
  const observable = (name: string) => ({
    name,
    addCallback(callback: (result: ObservableResult) => void) {
      callbacks.push((into) =>
        callback({ observe: (value, attributes = {}) => void into.push({ name, value, attributes }) }),
      );
    },
  });
  const meter = {
    createHistogram: told,
    createCounter: told,
    createObservableGauge: observable,
    createObservableCounter: observable,
    addBatchObservableCallback(callback: Parameters<Meter['addBatchObservableCallback']>[0]) {
      callbacks.push((into) =>
        callback({
          observe: (instrument, value: number, attributes: Attributes = {}) =>
            void into.push({ name: (instrument as unknown as { name: string }).name, value, attributes }),
        }),
      );
    },
  } as unknown as Meter;
  return {
    meter,
    recorded: (name) => recorded.filter((one) => one.name === name),
    observed(name) {
      const said: Measurement[] = [];
      for (const callback of callbacks) callback(said);
      return said.filter((one) => one.name === name);
    },
  };
}

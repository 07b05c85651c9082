// What is not sampled costs next to nothing: no attribute is put together, and nothing of OpenTelemetry is called.
// Seen failing on planted bugs: terms made before the causes are looked at; a sequel of what was not sampled.
import type { Tracer } from '@opentelemetry/api';
import { expect, it } from 'vitest';
import type { Telemetry } from '../../../adapters/telemetry/telemetry.ts';
import { spansOf } from '../../../server/observe/spans.ts';
import { createFakeMeter } from '../../support/fake-meter.ts';

const of = (n: number, flags: string) => `00-${String(n).padStart(32, '0')}-${String(n).padStart(16, '0')}-${flags}`;
const never = (): never => {
  throw new Error('it was called');
};

function spansThatMustNotBegin() {
  const tracer = { startSpan: never } as unknown as Tracer;
  const { meter } = createFakeMeter();
  const telemetry: Telemetry = {
    meter,
    tracing: { tracer, sample: () => false },
    scrape: undefined,
    close: async () => {},
  };
  return spansOf(telemetry)!;
}

it('nothing is begun, nor put together, for what is not sampled', () => {
  const spans = spansThatMustNotBegin();
  for (const causes of [[], [undefined], [of(1, '00')], [undefined, of(1, '00'), of(2, '02')], ['nonsense']]) {
    expect(spans.caused(causes, never)).toBeUndefined();
    expect(spans.sequel(causes, never)).toBeUndefined();
    expect(spans.root(causes, never)).toBeUndefined();
  }
});

it('one that is sampled is enough', () => {
  const spans = spansThatMustNotBegin();
  expect(() => spans.caused([of(1, '00'), of(2, '01')], never)).toThrow('it was called');
  expect(() => spans.sequel([of(1, '00'), of(2, '01')], never)).toThrow('it was called');
});

it('there are none without traces', () => {
  expect(spansOf(undefined)).toBeUndefined();
});

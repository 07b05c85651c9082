// What is not sampled costs next to nothing: no attribute is put together, and nothing of OpenTelemetry is called.
// Seen failing on planted bugs: terms made before the causes are looked at; a sequel of what was not sampled.
import type { Tracer } from '@opentelemetry/api';
import { expect, it } from 'vitest';
import { spansOf } from '../../../server/observe/spans.ts';
import { createFakeMeter } from '../../support/fake-meter.ts';

const of = (n: number, flags: string) => `00-${String(n).padStart(32, '0')}-${String(n).padStart(16, '0')}-${flags}`;
const never = (): never => {
  throw new Error('it was called');
};

function spansThatMustNotBegin(sample: (traceparent: string | undefined) => boolean) {
  const tracer = { startSpan: never } as unknown as Tracer;
  const { meter } = createFakeMeter();
  return spansOf({ meter, tracing: { tracer, sample }, scrape: undefined, close: async () => {} })!;
}

it('nothing is begun, nor put together, for what is not sampled', () => {
  const spans = spansThatMustNotBegin((traceparent) => traceparent !== undefined);
  for (const causes of [[], [undefined], [of(1, '00')], [undefined, of(1, '00'), of(2, '02')], ['nonsense']]) {
    expect(spans.caused(causes, never)).toBeUndefined();
    expect(spans.sequel(causes[0], never)).toBeUndefined();
    expect(spans.root(causes, never)).toBeUndefined();
  }
});

it('one that is sampled is enough', () => {
  const spans = spansThatMustNotBegin(() => true);
  expect(() => spans.caused([of(1, '00'), of(2, '01')], never)).toThrow('it was called');
  expect(() => spans.sequel(of(2, '01'), never)).toThrow('it was called');
});

it('what was sampled before is not gone on with where the sampler would not have it now', () => {
  expect(spansThatMustNotBegin(() => false).sequel(of(2, '01'), never)).toBeUndefined();
});

it('there are none without traces', () => {
  expect(spansOf(undefined)).toBeUndefined();
});

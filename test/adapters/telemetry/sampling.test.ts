// Sampling as the variables say, equal to the SDK's own samplers where those decide by the trace id or the parent.
import { ROOT_CONTEXT, SpanKind, TraceFlags, trace } from '@opentelemetry/api';
import { AlwaysOnSampler, ParentBasedSampler, type Sampler, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { samplerFrom } from '../../../adapters/telemetry/sampling.ts';

const hex = (length: number) =>
  fc
    .array(fc.integer({ min: 0, max: 15 }), { minLength: length, maxLength: length })
    .map((digits) => digits.map((digit) => digit.toString(16)).join(''))
    .filter((text) => !/^0+$/.test(text));
const incoming = fc.record({ traceId: hex(32), spanId: hex(16), sampled: fc.boolean() });
const never = () => {
  throw new Error('chance is not asked');
};
const env = (name: string, ratio?: number) => ({
  OTEL_TRACES_SAMPLER: name,
  ...(ratio === undefined ? {} : { OTEL_TRACES_SAMPLER_ARG: String(ratio) }),
});

function decision(
  sampler: Sampler,
  { traceId, spanId, sampled }: { traceId: string; spanId: string; sampled: boolean },
) {
  const traceFlags = sampled ? TraceFlags.SAMPLED : TraceFlags.NONE;
  const context = trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
  return sampler.shouldSample(context, traceId, 'x', SpanKind.SERVER, {}, []).decision === 2;
}

describe('with a parent', () => {
  // Seen failing with the sum of the four words instead of XOR.
  it('decides as the SDK does', () => {
    const ratio = fc.oneof(
      fc.constantFrom(0, 1),
      fc.integer({ min: 1, max: 999 }).map((n) => n / 1_000),
    );
    fc.assert(
      fc.property(incoming, ratio, (parent, part) => {
        const { traceId, spanId, sampled } = parent;
        const traceparent = `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
        const byRatio = samplerFrom(env('traceidratio', part), never)(traceparent);
        expect(byRatio).toBe(decision(new TraceIdRatioBasedSampler(part), parent));
        const root = new TraceIdRatioBasedSampler(part);
        const byParent = samplerFrom(env('parentbased_traceidratio', part), never)(traceparent);
        expect(byParent).toBe(decision(new ParentBasedSampler({ root }), parent));
        expect(samplerFrom({}, never)(traceparent)).toBe(
          decision(new ParentBasedSampler({ root: new AlwaysOnSampler() }), parent),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('is always on, or always off', () => {
    const off = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00';
    expect(samplerFrom(env('always_on'), never)(off)).toBe(true);
    expect(samplerFrom(env('always_off'), never)(off.replace(/00$/, '01'))).toBe(false);
  });
});

describe('without a parent', () => {
  it('takes the ratio of all requests, and all of them when none is set', () => {
    const sample = samplerFrom(env('parentbased_traceidratio', 0.25), () => 0.2);
    expect(sample(undefined)).toBe(true);
    expect(samplerFrom(env('parentbased_traceidratio', 0.25), () => 0.25)(undefined)).toBe(false);
    expect(samplerFrom({ ...env('traceidratio'), OTEL_TRACES_SAMPLER_ARG: '' }, () => 0.999)(undefined)).toBe(true);
    expect(samplerFrom(env('parentbased_always_off'), never)(undefined)).toBe(false);
  });

  it.each(['nonsense', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`])('takes %s for no parent', (text) => {
    expect(samplerFrom(env('parentbased_always_off'), never)(text)).toBe(false);
    expect(samplerFrom({}, never)(text)).toBe(true);
  });
});

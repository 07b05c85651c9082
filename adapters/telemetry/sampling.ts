// Whether a request is traced, decided before anything of OpenTelemetry is called: a span that nobody keeps
// still costs 5 µs. Follows OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG, which settings.ts has checked.
import { type Environment, setting } from './settings.ts';
import { isSampled, isTraceparent } from './trace-context.ts';

/** Decides for a request by the `traceparent` it came with, if any. */
export type Sample = (traceparent: string | undefined) => boolean;

type Root = (traceId: string | undefined) => boolean;

export function samplerFrom(env: Environment, random: () => number): Sample {
  const name = setting(env, 'OTEL_TRACES_SAMPLER') ?? 'parentbased_always_on';
  const ratio = Number(setting(env, 'OTEL_TRACES_SAMPLER_ARG') ?? '1');
  const parentBased = name.startsWith('parentbased_');
  const root = rootSampler(parentBased ? name.slice('parentbased_'.length) : name, ratio, random);
  return (traceparent) => {
    if (traceparent === undefined || !isTraceparent(traceparent)) return root(undefined);
    return parentBased ? isSampled(traceparent) : root(traceparent.slice(3, 35));
  };
}

function rootSampler(name: string, ratio: number, random: () => number): Root {
  if (name === 'always_on') return () => true;
  if (name === 'always_off') return () => false;
  return (traceId) => (traceId === undefined ? random() : fractionOf(traceId)) < ratio;
}

/** 0 ≤ fraction < 1, the one that OpenTelemetry's JavaScript SDK compares: services of one ratio keep the same traces. */
function fractionOf(traceId: string): number {
  let folded = 0;
  for (let at = 0; at < 32; at += 8) folded ^= Number.parseInt(traceId.slice(at, at + 8), 16);
  return (folded >>> 0) / 2 ** 32;
}

// Whether a request is traced, decided before anything of OpenTelemetry is called: a span that nobody keeps
// still costs 5 µs. Follows OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG
// (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/).
import { isSampled } from './trace-context.ts';

export type Sample = (traceparent: string | undefined) => boolean;

/** @throws RangeError for a sampler or ratio that does not exist */
export function samplerFrom(env: Readonly<Record<string, string | undefined>>, random: () => number): Sample {
  const name = env['OTEL_TRACES_SAMPLER'] ?? 'parentbased_always_on';
  const parentBased = name.startsWith('parentbased_');
  const root = rootSampler(
    parentBased ? name.slice('parentbased_'.length) : name,
    env['OTEL_TRACES_SAMPLER_ARG'],
    random,
  );
  return (traceparent) => (parentBased && traceparent !== undefined ? isSampled(traceparent) : root());
}

function rootSampler(name: string, argument: string | undefined, random: () => number): () => boolean {
  if (name === 'always_on') return () => true;
  if (name === 'always_off') return () => false;
  if (name !== 'traceidratio') throw new RangeError(`OTEL_TRACES_SAMPLER=${name} is not known`);
  const ratio = Number(argument ?? '1');
  if (!(ratio >= 0 && ratio <= 1)) throw new RangeError(`OTEL_TRACES_SAMPLER_ARG=${argument} must lie between 0 and 1`);
  return () => random() < ratio;
}

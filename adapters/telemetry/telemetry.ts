// OpenTelemetry, on or off as a whole. Off (no OTEL_* endpoint or exporter in the environment) the SDK is not even
// loaded. On, spans and metrics leave by OTLP as the standard environment variables say; nothing is instrumented
// automatically (measured at 2.8 times the CPU of a request): server/observe makes the spans worth having.
import { type Meter, metrics, type Tracer, trace } from '@opentelemetry/api';
import { type Sample, samplerFrom } from './sampling.ts';

export interface Telemetry {
  readonly tracer: Tracer;
  readonly meter: Meter;
  /** Asked first; only a sampled piece of work may call the tracer. */
  readonly sample: Sample;
  /** Sends what is buffered. */
  close(): Promise<void>;
}

type Environment = Readonly<Record<string, string | undefined>>;

const SWITCHES = [
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
  'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT',
  'OTEL_TRACES_EXPORTER',
  'OTEL_METRICS_EXPORTER',
  'OTEL_CONFIG_FILE',
];

export function isTelemetryOn(env: Environment): boolean {
  return env['OTEL_SDK_DISABLED']?.toLowerCase() !== 'true' && SWITCHES.some((name) => (env[name] ?? '') !== '');
}

/**
 * Starts the SDK if the environment asks for it.
 * @throws RangeError for a wrong sampler
 */
export async function startTelemetry(env: Environment, random: () => number): Promise<Telemetry | undefined> {
  if (!isTelemetryOn(env)) return undefined;
  const sample = samplerFrom(env, random);
  const { NodeSDK } = await import('@opentelemetry/sdk-node');
  const sdk = new NodeSDK({
    ...(env['OTEL_SERVICE_NAME'] ? {} : { serviceName: 'evenstock' }),
    instrumentations: [],
    // Whatever reaches the tracer has been sampled already.
    sampler: { shouldSample: () => ({ decision: RECORD_AND_SAMPLED }), toString: () => 'decided-before' },
  });
  sdk.start();
  return {
    tracer: trace.getTracer('evenstock'),
    meter: metrics.getMeter('evenstock'),
    sample,
    close: () => sdk.shutdown(),
  };
}
/** `SamplingDecision.RECORD_AND_SAMPLED` of the SDK, which is only loaded when telemetry is on. */
const RECORD_AND_SAMPLED = 2;

// OpenTelemetry, on or off as a whole. Off (no OTEL_* endpoint or exporter in the environment) the SDK is not even
// loaded. On, spans and metrics leave by OTLP as the standard environment variables say; nothing is instrumented
// automatically (measured at 2.8 times the CPU of a request): server/observe makes the spans worth having.
// Promise: whatever becomes of the exporter's endpoint, nothing is thrown and `close` ends within its deadline.
import { diag, type Meter, metrics, type Tracer, trace } from '@opentelemetry/api';
import { forwardDiagnostics, type Warn } from './diagnostics.ts';
import { type Sample, samplerFrom } from './sampling.ts';
import { checkSettings, type Environment, hasTraces, isTelemetryOn, setting } from './settings.ts';

export interface Tracing {
  readonly tracer: Tracer;
  /** Asked first; only a sampled piece of work may call the tracer. */
  readonly sample: Sample;
}

export interface Telemetry {
  readonly meter: Meter;
  /** Undefined: metrics only (OTEL_TRACES_EXPORTER=none). */
  readonly tracing: Tracing | undefined;
  /** Sends what is buffered, for at most `msMax`; never throws. */
  close(msMax?: number): Promise<void>;
}

const CLOSE_MS_MAX = 3_000;

/**
 * Starts the SDK if the environment asks for it. The SDK itself reads `process.env`, whatever is passed here.
 * @throws TelemetryConfigError naming every wrong OTEL_* variable
 */
export async function startTelemetry(
  env: Environment,
  random: () => number,
  warn: Warn,
): Promise<Telemetry | undefined> {
  if (!isTelemetryOn(env)) return undefined;
  checkSettings(env);
  const sample = samplerFrom(env, random);
  const { NodeSDK } = await import('@opentelemetry/sdk-node');
  const sdk = new NodeSDK({
    ...(isNamed(env) ? {} : { serviceName: 'evenstock' }),
    instrumentations: [],
    logRecordProcessors: [],
    // Whatever reaches the tracer has been sampled already.
    sampler: { shouldSample: () => ({ decision: RECORD_AND_SAMPLED }), toString: () => 'decided-before' },
  });
  // With OTEL_LOG_LEVEL the SDK writes to the console itself.
  if (setting(env, 'OTEL_LOG_LEVEL') === undefined) forwardDiagnostics(warn, () => performance.now());
  sdk.start();
  return {
    meter: metrics.getMeter('evenstock'),
    tracing: hasTraces(env) ? { tracer: trace.getTracer('evenstock'), sample } : undefined,
    async close(msMax = CLOSE_MS_MAX) {
      await within(Math.min(msMax, CLOSE_MS_MAX), sdk.shutdown(), warn);
      trace.disable();
      metrics.disable();
      diag.disable();
    },
  };
}
/** `SamplingDecision.RECORD_AND_SAMPLED` of the SDK, which is only loaded when telemetry is on. */
const RECORD_AND_SAMPLED = 2;

function isNamed(env: Environment): boolean {
  if (setting(env, 'OTEL_SERVICE_NAME') !== undefined) return true;
  return /(^|,)\s*service\.name\s*=/.test(setting(env, 'OTEL_RESOURCE_ATTRIBUTES') ?? '');
}

/** The SDK waits 10 s and longer for an endpoint that does not answer. */
async function within(ms: number, sending: Promise<void>, warn: Warn): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<string>();
  const deadline = setTimeout(() => resolve(`the last spans and metrics were not taken within ${ms} ms`), ms);
  const failed = (error: unknown) => `the last spans and metrics were not taken: ${reasonOf(error)}`;
  const outcome = await Promise.race([sending.then(() => undefined, failed), late]);
  clearTimeout(deadline);
  if (outcome !== undefined) warn(outcome);
}

function reasonOf(error: unknown): string {
  return error instanceof Error && error.message !== '' ? error.message : String(error);
}

// OpenTelemetry, on or off as a whole. Off (no OTEL_* endpoint or exporter in the environment, nothing to be pulled) the
// SDK is not even loaded. On, spans and metrics leave by OTLP as the standard environment variables say, or metrics wait
// for Prometheus to read them. Nothing is instrumented automatically (measured at 2.8 times the CPU of a request):
// server/observe makes the spans worth having.
// Promise: whatever becomes of the exporter's endpoint, nothing is thrown and `close` ends within its deadline.
import { diag, type Meter, metrics, type Tracer, trace } from '@opentelemetry/api';
import { forwardDiagnostics, type Warn } from './diagnostics.ts';
import { type Sample, samplerFrom } from './sampling.ts';
import { checkSettings, type Environment, hasTraces, isDisabled, isTelemetryOn, setting } from './settings.ts';

export interface Tracing {
  readonly tracer: Tracer;
  /** Asked first; only a sampled piece of work may call the tracer. */
  readonly sample: Sample;
}

export interface Telemetry {
  readonly meter: Meter;
  /** Undefined: metrics only (OTEL_TRACES_EXPORTER=none). */
  readonly tracing: Tracing | undefined;
  /** The metrics of this moment in Prometheus's text format. Undefined: they are not to be pulled. */
  readonly scrape: (() => Promise<string>) | undefined;
  /** Sends what is buffered, for at most `msMax`; never throws. */
  close(msMax?: number): Promise<void>;
}

const CLOSE_MS_MAX = 3_000;

/**
 * Starts the SDK if the environment asks for it, or `isPulled`: then metrics wait to be read by `scrape`, and are not sent.
 * The SDK itself reads `process.env`, whatever is passed here.
 * @throws TelemetryConfigError naming every wrong OTEL_* variable
 */
export async function startTelemetry(
  env: Environment,
  random: () => number,
  warn: Warn,
  isPulled = false,
): Promise<Telemetry | undefined> {
  const isSent = isTelemetryOn(env);
  if (!isSent && (!isPulled || isDisabled(env))) return undefined;
  checkSettings(env, isPulled);
  const sample = samplerFrom(env, random);
  const isTraced = isSent && hasTraces(env);
  const { NodeSDK } = await import('@opentelemetry/sdk-node');
  const pulled = isPulled ? await openPulled() : undefined;
  const sdk = new NodeSDK({
    ...(isNamed(env) ? {} : { serviceName: 'evenstock' }),
    ...(pulled && { metricReaders: [pulled.reader] }),
    // Where none is named the SDK would send spans to localhost.
    ...(isTraced ? {} : { spanProcessors: [] }),
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
    tracing: isTraced ? { tracer: trace.getTracer('evenstock'), sample } : undefined,
    scrape: pulled?.scrape,
    async close(msMax = CLOSE_MS_MAX) {
      await within(Math.min(msMax, CLOSE_MS_MAX), sdk.shutdown(), warn);
      trace.disable();
      metrics.disable();
      diag.disable();
    },
  };
}

async function openPulled() {
  const { openReader, scraperOf } = await import('./prometheus.ts');
  const reader = openReader();
  return { reader, scrape: scraperOf(reader, (error) => diag.error('a metric could not be read', error)) };
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

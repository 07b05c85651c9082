// Which OpenTelemetry variables Evenstock honours, checked before anything is opened: the SDK passes over a wrong one in
// silence, and then nobody knows why there are no traces. An empty variable counts as not set.
// (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/)

export type Environment = Readonly<Record<string, string | undefined>>;

/** Wrong OTEL_* variables. The message is for a person and complete. */
export class TelemetryConfigError extends Error {
  override readonly name = 'TelemetryConfigError';
}

const ENDPOINTS = [
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
  'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT',
];
const TRACES_EXPORTER = 'OTEL_TRACES_EXPORTER';
const METRICS_EXPORTER = 'OTEL_METRICS_EXPORTER';
const SWITCHES = [...ENDPOINTS, TRACES_EXPORTER, METRICS_EXPORTER];
const PROTOCOLS = ['grpc', 'http/json', 'http/protobuf'];
const SAMPLERS = ['always_on', 'always_off', 'traceidratio'];

/** Lists of words, each of which must be known. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  [TRACES_EXPORTER]: ['otlp', 'console', 'zipkin', 'none'],
  [METRICS_EXPORTER]: ['otlp', 'console', 'prometheus', 'none'],
  OTEL_EXPORTER_OTLP_PROTOCOL: PROTOCOLS,
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: PROTOCOLS,
  OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: PROTOCOLS,
  OTEL_TRACES_SAMPLER: [...SAMPLERS, ...SAMPLERS.map((name) => `parentbased_${name}`)],
};

/** Undefined for a variable that is not set, or set to nothing. */
export function setting(env: Environment, name: string): string | undefined {
  const text = env[name]?.trim() ?? '';
  return text === '' ? undefined : text;
}

/** An endpoint or an exporter other than `none` turns telemetry on, OTEL_SDK_DISABLED=true turns it off. */
export function isTelemetryOn(env: Environment): boolean {
  if (isDisabled(env)) return false;
  return SWITCHES.some((name) => (setting(env, name) ?? 'none') !== 'none') && (hasTraces(env) || hasMetrics(env));
}

export const isDisabled = (env: Environment): boolean => setting(env, 'OTEL_SDK_DISABLED')?.toLowerCase() === 'true';
export const hasTraces = (env: Environment): boolean => setting(env, TRACES_EXPORTER) !== 'none';
const hasMetrics = (env: Environment): boolean => setting(env, METRICS_EXPORTER) !== 'none';

/** What else says where metrics go, if they are to be pulled. */
const PUSHED_METRICS = [METRICS_EXPORTER, 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT'];

/**
 * @param isPulled Prometheus reads the metrics here: then nothing may say that they are sent away too
 * @throws TelemetryConfigError naming every wrong variable
 */
export function checkSettings(env: Environment, isPulled = false): void {
  const wrong: string[] = [];
  for (const name of isPulled ? PUSHED_METRICS : []) {
    const text = setting(env, name);
    if (text !== undefined && text !== 'none')
      wrong.push(`${name}=${text}: must not be set with METRICS, which lets Prometheus read the metrics here`);
  }
  for (const [name, allowed] of Object.entries(WORDS)) {
    const text = setting(env, name);
    const words = name.endsWith('_EXPORTER') ? text?.split(',').map((word) => word.trim()) : text && [text];
    if (words && !words.every((word) => allowed.includes(word)))
      wrong.push(`${name}=${text}: must be ${name.endsWith('_EXPORTER') ? 'of' : 'one of'} ${allowed.join(', ')}`);
  }
  for (const name of ENDPOINTS) {
    const text = setting(env, name);
    if (text !== undefined && !/^https?:$/.test(URL.parse(text)?.protocol ?? ''))
      wrong.push(`${name}=${text}: must be a URL such as http://localhost:4318`);
  }
  const ratio = setting(env, 'OTEL_TRACES_SAMPLER_ARG');
  if (ratio !== undefined && !(Number(ratio) >= 0 && Number(ratio) <= 1))
    wrong.push(`OTEL_TRACES_SAMPLER_ARG=${ratio}: must be a number from 0 to 1`);
  if (wrong.length > 0)
    throw new TelemetryConfigError(
      `the OpenTelemetry variables are not valid:\n${wrong.map((w) => `  ${w}`).join('\n')}`,
    );
}

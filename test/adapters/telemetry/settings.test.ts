// Which environments turn telemetry on, and which stop the start.
import { describe, expect, it } from 'vitest';
import { checkSettings, isTelemetryOn, TelemetryConfigError } from '../../../adapters/telemetry/settings.ts';

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318' };

describe('telemetry', () => {
  it.each([
    ['an endpoint', ENDPOINT],
    ['an endpoint for traces alone', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://collector/v1/traces' }],
    ['an exporter', { OTEL_TRACES_EXPORTER: 'console', OTEL_METRICS_EXPORTER: 'none' }],
    ['metrics only', { ...ENDPOINT, OTEL_TRACES_EXPORTER: 'none' }],
    ['disabled by a word that is not true', { ...ENDPOINT, OTEL_SDK_DISABLED: 'no' }],
  ])('is on: %s', (_, env) => {
    expect(isTelemetryOn(env)).toBe(true);
  });

  it.each([
    ['nothing', {}],
    ['an empty endpoint', { OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }],
    ['a service name alone', { OTEL_SERVICE_NAME: 'shop', OTEL_TRACES_SAMPLER: 'always_on' }],
    ['no exporter at all', { ...ENDPOINT, OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none' }],
    ['one exporter none, the other not named', { OTEL_TRACES_EXPORTER: 'none' }],
    ['disabled', { ...ENDPOINT, OTEL_SDK_DISABLED: 'True' }],
  ])('is off: %s', (_, env) => {
    expect(isTelemetryOn(env)).toBe(false);
  });
});

describe('settings', () => {
  it.each([
    ['nothing', {}],
    ['empty ones', { OTEL_TRACES_SAMPLER: '', OTEL_TRACES_SAMPLER_ARG: '', OTEL_EXPORTER_OTLP_PROTOCOL: '' }],
    ['several exporters', { OTEL_TRACES_EXPORTER: 'otlp, console' }],
    ['a ratio', { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '1e-3' }],
  ])('are taken: %s', (_, env) => {
    expect(() => checkSettings(env)).not.toThrow();
  });

  it.each([
    ['OTEL_TRACES_SAMPLER', 'jaeger_remote'],
    ['OTEL_TRACES_SAMPLER_ARG', '1.5'],
    ['OTEL_TRACES_SAMPLER_ARG', 'half'],
    ['OTEL_TRACES_SAMPLER_ARG', '-0.1'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'http'],
    ['OTEL_EXPORTER_OTLP_METRICS_PROTOCOL', 'json'],
    ['OTEL_TRACES_EXPORTER', 'otlp,jaeger'],
    ['OTEL_METRICS_EXPORTER', 'otlp;console'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'],
    ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'unix:///tmp/socket'],
  ])('are refused: %s=%s', (name, text) => {
    const check = () => checkSettings({ [name]: text });
    expect(check).toThrow(TelemetryConfigError);
    expect(check).toThrow(`${name}=${text}: must be`);
  });
});

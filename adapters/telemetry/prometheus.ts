// The product's metrics in Prometheus's text format, made when they are asked for. Names get the suffixes that
// Prometheus expects and OpenTelemetry's own serializer leaves out, so a scrape and a collector speak of the same series.
// Who may read them is decided by server/routes/metrics.ts.
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';

export type MetricReader = PrometheusExporter;
type ResourceMetrics = Parameters<PrometheusSerializer['serialize']>[0];
type Descriptor = ResourceMetrics['scopeMetrics'][number]['metrics'][number]['descriptor'];

/**
 * A reader to be given to the SDK; it opens no port of its own. Of a gauge it has what was observed just now: the exporter's
 * own choice repeats the last value of attributes that are observed no more, such as the state a channel was in before.
 */
export function openReader(): MetricReader {
  const reader = new PrometheusExporter({ preventServerStart: true });
  reader.selectAggregationTemporality = (type) => (`${type}` === 'OBSERVABLE_GAUGE' ? DELTA : CUMULATIVE);
  return reader;
}
/** `AggregationTemporality` of the SDK. */
const [DELTA, CUMULATIVE] = [0, 1] as const;

/** What is asked for at the same time is collected once. `failed` is told of gauges that threw; the others are there. */
export function scraperOf(reader: MetricReader, failed: (error: unknown) => void): () => Promise<string> {
  const serializer = new PrometheusSerializer('', false, undefined, false, true);
  let underWay: Promise<string> | undefined;
  const collect = async () => {
    const { resourceMetrics, errors } = await reader.collect();
    for (const error of errors) failed(error);
    await resourceMetrics.resource.waitForAsyncAttributes?.();
    return serializer.serialize(asPrometheusNames(resourceMetrics));
  };
  return () => {
    underWay ??= collect().finally(() => {
      underWay = undefined;
    });
    return underWay;
  };
}

/** Of the resource only what names the service: the rest (command line, owner) is nobody's business who reads metrics. */
function asPrometheusNames({ resource, scopeMetrics }: ResourceMetrics): ResourceMetrics {
  const named = Object.entries(resource.attributes).filter(([name]) => /^(service|deployment)\./.test(name));
  return {
    resource: Object.create(resource, { attributes: { value: Object.fromEntries(named) } }) as typeof resource,
    scopeMetrics: scopeMetrics.map(({ scope, metrics }) => ({
      scope,
      metrics: metrics.map((metric) => ({
        ...metric,
        // `# UNIT` belongs to OpenMetrics; the unit is in the name.
        descriptor: { ...metric.descriptor, name: prometheusName(metric.descriptor), unit: '' },
      })),
    })),
  };
}

const UNITS: Readonly<Record<string, string>> = { s: 'seconds', ms: 'milliseconds', By: 'bytes', '1': 'ratio' };

/**
 * The name with its unit, as the compatibility specification says; `_total` is the serializer's.
 * (https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#metric-metadata-1)
 */
export function prometheusName({ name, unit }: Pick<Descriptor, 'name' | 'unit'>): string {
  const [what = '', per] = unit.replace(/\{[^}]*\}/g, '').split('/');
  const suffix = [what === '' ? '' : (UNITS[what] ?? what), per === undefined ? '' : `per_${PER[per] ?? per}`]
    .filter((part) => part !== '')
    .join('_');
  const plain = name.replaceAll('.', '_');
  return suffix === '' || plain.endsWith(`_${suffix}`) ? plain : `${plain}_${suffix}`;
}
const PER: Readonly<Record<string, string>> = { s: 'second' };

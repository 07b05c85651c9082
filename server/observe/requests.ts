// Watches HTTP requests: a span for a sampled one, its duration for all. Names and attributes are those of the semantic
// conventions (https://opentelemetry.io/docs/specs/semconv/http/).
import { type Attributes, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { Telemetry } from '../../adapters/telemetry/telemetry.ts';
import { contextOf, notSampled, sampledSpanContext, traceparentOf } from '../../adapters/telemetry/trace-context.ts';
import type { ApiObserver, RequestSpan } from '../routes/api.ts';
import { REQUEST_S } from './buckets.ts';

export function observeRequests(telemetry: Telemetry | undefined): Pick<ApiObserver, 'begin'> {
  if (telemetry === undefined) return {};
  const { tracing, meter } = telemetry;
  const durations = meter.createHistogram('http.server.request.duration', {
    unit: 's',
    description: 'Duration of HTTP server requests',
    advice: { explicitBucketBoundaries: REQUEST_S },
  });
  const attributesOf = attributesOfRoutes();
  return {
    begin(route, incoming, path): RequestSpan {
      const startedAt = performance.now();
      const parent = sampledSpanContext(incoming);
      const span = tracing?.sample(incoming)
        ? tracing.tracer.startSpan(
            route,
            { kind: SpanKind.SERVER, attributes: { ...attributesOf(route), 'url.path': path } },
            contextOf(parent),
          )
        : undefined;
      const passedOn = tracing === undefined ? incoming : notSampled(incoming);
      return {
        traceparent: span === undefined ? passedOn : traceparentOf(span),
        end(status) {
          durations.record((performance.now() - startedAt) / 1_000, attributesOf(route, status));
          if (span === undefined) return;
          span.setAttribute('http.response.status_code', status);
          if (status >= 500) {
            span.setAttribute('error.type', String(status));
            span.setStatus({ code: SpanStatusCode.ERROR });
          }
          span.end();
        },
      };
    },
  };
}

/** A route has few statuses: their attributes are made once. */
function attributesOfRoutes(): (route: string, status?: number) => Attributes {
  const known = new Map<string, Attributes[]>();
  return (route, status = 0) => {
    let ofRoute = known.get(route);
    if (ofRoute === undefined) {
      ofRoute = [];
      known.set(route, ofRoute);
    }
    ofRoute[status] ??= made(route, status);
    return ofRoute[status];
  };
}

function made(route: string, status: number): Attributes {
  const [method, template] = route.split(' ', 2) as [string, string];
  return {
    'http.request.method': method,
    'http.route': template,
    'url.scheme': 'http',
    ...(status > 0 ? { 'http.response.status_code': status } : {}),
    ...(status >= 500 ? { 'error.type': String(status) } : {}),
  };
}

// A collector of our own: takes OTLP over HTTP, as protobuf or as JSON, and shows tests what came: every span, and the newest
// point of every metric, and in which of the two forms. It can also keep silent, as a collector that hangs does.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { z } from 'zod';
import { readMetrics, readTraces } from './otlp-protobuf.ts';

type Attributes = Readonly<Record<string, string | number | boolean>>;

export interface SinkSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: number;
  readonly attributes: Attributes;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  /** 0 unset · 1 ok · 2 error */
  readonly status: { readonly code: number; readonly message?: string | undefined };
  readonly startMs: number;
  readonly endMs: number;
}

export interface SinkPoint {
  readonly attributes: Attributes;
  /** Of a counter or gauge; of a histogram the sum. */
  readonly value: number;
  /** Of a histogram. */
  readonly count: number | undefined;
  readonly bounds: readonly number[] | undefined;
}

export interface OtlpSink {
  readonly url: string;
  readonly spans: readonly SinkSpan[];
  /** Of the resource that sent last, such as `service.name`. */
  readonly resource: () => Attributes;
  trace(traceId: string): readonly SinkSpan[];
  /** The newest points of a metric, one for each set of attributes. */
  points(metric: string): readonly SinkPoint[];
  /** The value of the point that has these attributes. */
  value(metric: string, attributes?: Attributes): number | undefined;
  /** How many exports came since the start. */
  readonly exports: () => { readonly traces: number; readonly metrics: number };
  /** Of every export so far, such as `application/x-protobuf`. */
  readonly contentTypes: ReadonlySet<string>;
  close(): Promise<void>;
}

const Value = z.object({
  stringValue: z.string().optional(),
  intValue: z.union([z.number(), z.string().transform(Number)]).optional(),
  doubleValue: z.number().optional(),
  boolValue: z.boolean().optional(),
});
const Attributes = z
  .array(z.object({ key: z.string(), value: Value }))
  .default([])
  .transform(
    (list): Attributes =>
      Object.fromEntries(
        list.map(({ key, value: v }) => [key, v.stringValue ?? v.intValue ?? v.doubleValue ?? v.boolValue ?? '']),
      ),
  );
const Resource = z.object({ attributes: Attributes });
const nanos = z.string().transform((text) => Number(BigInt(text) / 1_000n) / 1_000);
const whole = z.union([z.number(), z.string().transform(Number)]);
const Id = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-f]{${2 * bytes}}$`));
const Link = z.object({ traceId: Id(16), spanId: Id(8) });
const Span = Link.extend({
  parentSpanId: Id(8).optional(),
  name: z.string(),
  kind: z.int(),
  attributes: Attributes,
  links: z.array(Link).default([]),
  status: z.object({ code: z.int().default(0), message: z.string().optional() }).default({ code: 0 }),
  startTimeUnixNano: nanos,
  endTimeUnixNano: nanos,
});
const Traces = z.object({
  resourceSpans: z.array(z.object({ resource: Resource, scopeSpans: z.array(z.object({ spans: z.array(Span) })) })),
});
const Point = z.object({
  attributes: Attributes,
  asInt: whole.optional(),
  asDouble: z.number().optional(),
  count: whole.optional(),
  sum: z.number().optional(),
  explicitBounds: z.array(z.number()).optional(),
});
const Points = z.object({ dataPoints: z.array(Point) }).optional();
const Metric = z.object({ name: z.string(), sum: Points, gauge: Points, histogram: Points });
const Metrics = z.object({
  resourceMetrics: z.array(
    z.object({ resource: Resource, scopeMetrics: z.array(z.object({ metrics: z.array(Metric) })) }),
  ),
});

/** `isSilent`: takes connections and requests, and never answers. */
export async function startOtlpSink({ isSilent = false } = {}): Promise<OtlpSink> {
  const spans: SinkSpan[] = [];
  const points = new Map<string, Map<string, SinkPoint>>();
  const exports = { traces: 0, metrics: 0 };
  const contentTypes = new Set<string>();
  let resource: Attributes = {};
  const takeTraces = (body: unknown) => {
    for (const ofResource of Traces.parse(body).resourceSpans) {
      resource = ofResource.resource.attributes;
      for (const span of ofResource.scopeSpans.flatMap((scope) => scope.spans))
        spans.push({
          ...span,
          parentSpanId: span.parentSpanId,
          startMs: span.startTimeUnixNano,
          endMs: span.endTimeUnixNano,
        });
    }
    exports.traces += 1;
  };
  const takeMetrics = (body: unknown) => {
    for (const ofResource of Metrics.parse(body).resourceMetrics) {
      resource = ofResource.resource.attributes;
      for (const { name, sum, gauge, histogram } of ofResource.scopeMetrics.flatMap((scope) => scope.metrics)) {
        const newest = points.get(name) ?? new Map<string, SinkPoint>();
        points.set(name, newest);
        for (const point of (sum ?? gauge ?? histogram)?.dataPoints ?? [])
          newest.set(JSON.stringify(Object.entries(point.attributes).sort()), {
            attributes: point.attributes,
            value: point.asInt ?? point.asDouble ?? point.sum ?? 0,
            count: point.count,
            bounds: point.explicitBounds,
          });
      }
    }
    exports.metrics += 1;
  };
  const server = createServer(async (request, response) => {
    const body = await buffer(request).catch(() => undefined);
    if (isSilent || body === undefined) return;
    const contentType = request.headers['content-type'] ?? '';
    contentTypes.add(contentType);
    const isJson = contentType === 'application/json';
    if (request.url === '/v1/traces') takeTraces(isJson ? JSON.parse(body.toString()) : readTraces(body));
    else if (request.url === '/v1/metrics') takeMetrics(isJson ? JSON.parse(body.toString()) : readMetrics(body));
    // An empty answer says in either form that everything was taken.
    response.writeHead(200, { 'content-type': contentType }).end(isJson ? '{}' : '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const pointsOf = (metric: string) => [...(points.get(metric)?.values() ?? [])];
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    resource: () => resource,
    trace: (traceId) => spans.filter((span) => span.traceId === traceId),
    points: pointsOf,
    value: (metric, attributes = {}) =>
      pointsOf(metric).find((point) =>
        Object.entries(attributes).every(([name, value]) => point.attributes[name] === value),
      )?.value,
    exports: () => exports,
    contentTypes,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

// W3C trace context as text (https://www.w3.org/TR/trace-context/): the form in which it travels in headers and in
// event metadata, and its place in OpenTelemetry's API.
import {
  type Context,
  type Link,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  TraceFlags,
  trace,
} from '@opentelemetry/api';

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** The span a `traceparent` names, or undefined if it is malformed or not sampled. */
export function sampledSpanContext(traceparent: string | undefined): SpanContext | undefined {
  if (traceparent === undefined || !isSampled(traceparent)) return undefined;
  const [, traceId, spanId] = TRACEPARENT.exec(traceparent) ?? [];
  if (traceId === undefined || spanId === undefined) return undefined;
  return { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true };
}

/** Cheap: looks at the flags alone. */
export function isSampled(traceparent: string): boolean {
  return (Number.parseInt(traceparent.slice(53, 55), 16) & TraceFlags.SAMPLED) === TraceFlags.SAMPLED;
}

export function contextOf(parent: SpanContext | undefined): Context {
  return parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent);
}

export function traceparentOf(span: Span): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

/** The first is the parent, the others are links (at most `LINKS_MAX`): one piece of work for several requests. */
export function parentAndLinks(traceparents: Iterable<string | undefined>): {
  parent: SpanContext | undefined;
  links: Link[];
} {
  let parent: SpanContext | undefined;
  const links: Link[] = [];
  for (const traceparent of traceparents) {
    const context = sampledSpanContext(traceparent);
    if (context === undefined) continue;
    if (parent === undefined) parent = context;
    else if (context.spanId !== parent.spanId) links.push({ context });
    if (links.length >= LINKS_MAX) break;
  }
  return { parent, links };
}
/** OpenTelemetry's own default limit of links a span keeps. */
const LINKS_MAX = 128;

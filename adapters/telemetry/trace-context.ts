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
import type { RecordedEvent } from '../../domain/event-log.ts';

const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}$/;
const FLAGS_AT = 53;

/** Well-formed, and neither of its ids is all zeros. */
export function isTraceparent(text: string): boolean {
  return TRACEPARENT.test(text);
}

/** The one that travelled with an event; its form is not checked. */
export function traceparentIn({ metadata }: Pick<RecordedEvent, 'metadata'>): string | undefined {
  const { traceparent } = metadata;
  return typeof traceparent === 'string' ? traceparent : undefined;
}

/** The span a `traceparent` names, or undefined if it is malformed or not sampled. */
export function sampledSpanContext(traceparent: string | undefined): SpanContext | undefined {
  if (traceparent === undefined || !isSampled(traceparent)) return undefined;
  const [, traceId, spanId] = TRACEPARENT.exec(traceparent) ?? [];
  if (traceId === undefined || spanId === undefined) return undefined;
  return { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true };
}

/** Cheap, for it is asked of every command: looks at the last digit of the flags alone. */
export function isSampled(traceparent: string): boolean {
  return ODD_DIGITS.includes(traceparent[FLAGS_AT + 1] ?? ' ');
}
const ODD_DIGITS = '13579bdf';

/** The same place in the same trace, for whoever comes next, when we have decided not to record ours. */
export function notSampled(traceparent: string | undefined): string | undefined {
  return traceparent === undefined || !isSampled(traceparent) ? traceparent : `${traceparent.slice(0, FLAGS_AT)}00`;
}

export function contextOf(parent: SpanContext | undefined): Context {
  return parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent);
}

export function traceparentOf(span: Span): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

/** Of spans of this process, each once: the first that is sampled is the parent, the others are links (at most `LINKS_MAX`). */
export function parentAndLinks(traceparents: Iterable<string | undefined>): {
  readonly parent: SpanContext | undefined;
  readonly links: Link[];
} {
  let sampled: Set<string> | undefined;
  for (const traceparent of traceparents) {
    if (traceparent === undefined || !isSampled(traceparent)) continue;
    sampled ??= new Set();
    sampled.add(traceparent);
  }
  if (sampled === undefined) return { parent: undefined, links: [] };
  const contexts = [...sampled].flatMap((one) => sampledSpanContext(one) ?? []);
  const [parent, ...others] = contexts.slice(0, LINKS_MAX + 1).map((one) => ({ ...one, isRemote: false }));
  return { parent, links: others.map((context) => ({ context })) };
}
/** OpenTelemetry's own default limit of links a span keeps. */
const LINKS_MAX = 128;

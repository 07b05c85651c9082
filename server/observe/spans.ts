// Spans of work that is no request: what a process manager, an intake or the posting to an ERP does. Each belongs to the
// trace of what led to it and is linked to the others that did. Undefined as a whole when traces are off, so that nothing is
// even put together then; where none of the causes is sampled, nothing of OpenTelemetry is called.
import { type Attributes, type Link, type SpanContext, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { Telemetry } from '../../adapters/telemetry/telemetry.ts';
import { contextOf, isSampled, parentAndLinks, traceparentOf } from '../../adapters/telemetry/trace-context.ts';

/** W3C trace contexts. */
export type Causes = Iterable<string | undefined>;

export interface SpanTerms {
  readonly name: string;
  /** Default: internal. */
  readonly kind?: SpanKind;
  readonly attributes: Attributes;
  /** How long ago it began, ms. Default: now. */
  readonly agoMs?: number;
}

export interface SpanFailure {
  /** As `error.type`: one of few. */
  readonly type: string;
  readonly message?: string | undefined;
}

export interface WorkSpan {
  /** Travels with whatever comes of the work. */
  readonly traceparent: string;
  end(attributes?: Attributes, failure?: SpanFailure): void;
}

/** `terms` are asked for only where a span begins. */
export interface Spans {
  /** In the trace of the first cause that is sampled, linked to the others. Undefined: none is. */
  caused(causes: Causes, terms: () => SpanTerms): WorkSpan | undefined;
  /** A trace of its own, linked to these. Undefined: the sampler does not want it. */
  root(links: Causes, terms: () => SpanTerms): WorkSpan | undefined;
  /** A trace of its own that goes on with an earlier one, linked to it. Undefined: that was not sampled, or would not be now. */
  sequel(earlier: string | undefined, terms: () => SpanTerms): WorkSpan | undefined;
}

/** Where a call goes, as the semantic conventions say it. Nothing else of the URL, which may hold what nobody should read. */
export function serverOf(url: string | undefined): Attributes {
  const { hostname, port, protocol } = URL.parse(url ?? '') ?? {};
  if (hostname === undefined || hostname === '') return {};
  return { 'server.address': hostname, 'server.port': Number(port || (protocol === 'https:' ? 443 : 80)) };
}

/** Undefined: there are no traces. */
export function spansOf(telemetry: Telemetry | undefined): Spans | undefined {
  const tracing = telemetry?.tracing;
  if (tracing === undefined) return undefined;
  const start = (parent: SpanContext | undefined, links: Link[], terms: SpanTerms): WorkSpan => {
    const { name, kind = SpanKind.INTERNAL, attributes, agoMs } = terms;
    const startTime = agoMs === undefined ? undefined : Date.now() - agoMs;
    const span = tracing.tracer.startSpan(
      name,
      { kind, attributes, links, ...(startTime !== undefined && { startTime }) },
      contextOf(parent),
    );
    return {
      traceparent: traceparentOf(span),
      end(more = {}, failure = undefined) {
        span.setAttributes(more);
        if (failure !== undefined) {
          const { type, message } = failure;
          span.setAttribute('error.type', type);
          span.setStatus({ code: SpanStatusCode.ERROR, ...(message !== undefined && { message }) });
        }
        span.end(startTime === undefined ? undefined : Date.now());
      },
    };
  };
  const linked = ({ parent, links }: ReturnType<typeof parentAndLinks>, terms: SpanTerms) =>
    start(undefined, parent === undefined ? [] : [{ context: parent }, ...links], terms);
  return {
    caused(causes, terms) {
      const { parent, links } = parentAndLinks(causes);
      return parent === undefined ? undefined : start(parent, links, terms());
    },
    root: (links, terms) => (tracing.sample(undefined) ? linked(parentAndLinks(links), terms()) : undefined),
    sequel(earlier, terms) {
      if (earlier === undefined || !isSampled(earlier) || !tracing.sample(earlier)) return undefined;
      return linked(parentAndLinks([earlier]), terms());
    },
  };
}

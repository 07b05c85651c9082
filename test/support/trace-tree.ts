// A trace as people read it: each span under the one that it is part of, in the order in which they began, with what it is
// linked to.
import type { SinkSpan } from './otlp-sink.ts';

/** What tells spans of one name apart. */
const SAID = ['evenstock.event', 'evenstock.command', 'evenstock.outcome', 'evenstock.updates', 'evenstock.values'];

export function labelOf({ name, attributes }: SinkSpan): string {
  const said = attributes['evenstock.event'] ?? attributes['evenstock.command'];
  return said === undefined ? name : `${name} ${said}`;
}

/** Labels from the root of its trace to the span. */
export function pathOf(span: SinkSpan, spans: readonly SinkSpan[]): string {
  const parent = spans.find(({ spanId }) => spanId === span.parentSpanId);
  return parent === undefined ? labelOf(span) : `${pathOf(parent, spans)} > ${labelOf(span)}`;
}

/** One line a span. `spans`: of one trace or several, which follow each other. */
export function treeOf(spans: readonly SinkSpan[]): string {
  const byStart = spans.toSorted((a, b) => a.startMs - b.startMs);
  const known = new Map(spans.map((span) => [span.spanId, span]));
  const start = byStart[0]?.startMs ?? 0;
  const lines: string[] = [];
  const line = (span: SinkSpan, depth: number) => {
    const took = `${Math.round(span.startMs - start)} ms + ${(span.endMs - span.startMs).toFixed(1)}`;
    const attributes = SAID.flatMap((name) => {
      const value = span.attributes[name];
      return value === undefined ? [] : [`${name.replace('evenstock.', '')}=${value}`];
    });
    const links = span.links.map(
      ({ spanId }) => ` ⇠ ${known.has(spanId) ? labelOf(known.get(spanId)!) : 'another trace'}`,
    );
    lines.push(`${took.padStart(16)}  ${'  '.repeat(depth)}${[span.name, ...attributes].join(' ')}${links.join('')}`);
    for (const child of byStart) if (child.parentSpanId === span.spanId) line(child, depth + 1);
  };
  for (const span of byStart) if (span.parentSpanId === undefined || !known.has(span.parentSpanId)) line(span, 0);
  return lines.join('\n');
}

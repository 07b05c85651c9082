// The text form of the W3C trace context, and what becomes parent and link.
// Seen failing on planted bugs: the flags read one digit too early; links not told apart.
import { describe, expect, it } from 'vitest';
import {
  isTraceparent,
  notSampled,
  parentAndLinks,
  sampledSpanContext,
} from '../../../adapters/telemetry/trace-context.ts';

const of = (n: number, flags = '01') => `00-${String(n).padStart(32, 'a')}-${String(n).padStart(16, 'b')}-${flags}`;

describe('a traceparent', () => {
  it('names a span when it is sampled, whatever other flags it has', () => {
    const span = { traceId: of(1).slice(3, 35), spanId: of(1).slice(36, 52), traceFlags: 1, isRemote: true };
    expect(sampledSpanContext(of(1))).toEqual(span);
    expect(sampledSpanContext(of(1, '03'))).toEqual(span);
    expect(sampledSpanContext(of(1, '02'))).toBeUndefined();
    expect(sampledSpanContext(undefined)).toBeUndefined();
  });

  it.each([
    '',
    'x',
    of(1).toUpperCase(),
    of(1).replace(/^00/, 'ff'),
    of(1).slice(0, 53),
    of(1).replace(/b+1/, '0'.repeat(16)),
  ])('is not one: "%s"', (text) => {
    expect(isTraceparent(text)).toBe(false);
    expect(sampledSpanContext(text)).toBeUndefined();
  });

  it('loses its flag when we do not record, and nothing else', () => {
    expect(notSampled(of(1))).toBe(of(1, '00'));
    expect(notSampled(of(1, '00'))).toBe(of(1, '00'));
    expect(notSampled(undefined)).toBeUndefined();
  });
});

describe('one piece of work for several requests', () => {
  it('has the first sampled one as its parent and each other once as a link', () => {
    const { parent, links } = parentAndLinks([undefined, of(1, '00'), of(2), of(3), of(2), of(3), 'x', of(4)]);
    expect(parent).toMatchObject({ spanId: of(2).slice(36, 52), isRemote: false });
    expect(links.map(({ context }) => context.spanId)).toEqual([of(3), of(4)].map((text) => text.slice(36, 52)));
  });

  it('has at most 128 links', () => {
    expect(parentAndLinks(Array.from({ length: 500 }, (_, n) => of(n + 1))).links).toHaveLength(128);
  });
});

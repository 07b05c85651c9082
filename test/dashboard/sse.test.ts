// Server-sent events read from text: the same events however the network cuts them.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createSseReader } from '../../server/dashboard/browser/api/sse.ts';

const TEXT = [
  'retry: 2000',
  '',
  ': heartbeat',
  '',
  'id: 7',
  'event: UnitsSold',
  'data: {"a":1}',
  'data: more',
  '',
  'id: 9',
  '',
  'data:close',
  'nothing: known',
  'data',
  '',
  'data: not whole yet',
  '',
].join('\n');

const EVENTS = [
  { event: 'UnitsSold', data: '{"a":1}\nmore' },
  { event: 'message', data: 'close\n' },
];

// Seen failing with a reader that forgot what was left of the piece before.
it.each(['\n', '\r\n', '\r'])('are the same however they are cut, with lines that end in %j', (end) => {
  const text = TEXT.replaceAll('\n', end);
  fc.assert(
    fc.property(fc.array(fc.nat(text.length), { maxLength: 12 }), (cuts) => {
      const reader = createSseReader();
      const edges = [0, ...cuts.toSorted((a, b) => a - b), text.length];
      const events = edges.slice(1).flatMap((edge, n) => reader.push(text.slice(edges[n]!, edge)));
      expect(events).toEqual(EVENTS);
      expect(reader.lastId).toBe('9');
    }),
  );
});

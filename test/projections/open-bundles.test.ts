// Which bundles still owe something is what their streams say, however it was folded and stored (P8).
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecordedEvent } from '../../domain/event-log.ts';
import { workflowStream } from '../../domain/workflow.ts';
import { createOpenBundles } from '../../projections/open-bundles.ts';
import type { Page } from '../../projections/projection.ts';

function event(bundle: number, owed: number, n: number): RecordedEvent {
  const stream = workflowStream({ category: 'bundle' }, `KIT~store-1~c~${bundle}`);
  const data = { v: 1, commandId: 'c', source: 's', recordedAt: n, owed };
  return { id: `e${n}`, type: 'BundleSold', data, metadata: {}, stream, revision: n, position: BigInt(n) };
}
function pageOf(bundle: number): string {
  const open = createOpenBundles();
  open.apply(event(bundle, 1, 0));
  return Array.from(open.takeChangedPages(), ({ key }) => key).join();
}
/** Bundles of one page, and some of others. */
const NEIGHBOURS = Array.from({ length: 3_000 }, (_, n) => n).filter((n) => pageOf(n) === pageOf(0));
const history = fc
  .array(fc.tuple(fc.constantFrom(1, 2, 3, ...NEIGHBOURS.slice(0, 4)), fc.integer({ min: 0, max: 2 })), {
    ...{ maxLength: 60, size: 'max' as const },
  })
  .map((drawn) => drawn.map(([bundle, owed], n) => event(bundle, owed, n)));
const pagesOf = (pages: Iterable<Page>) => new Map(Array.from(pages, ({ key, bytes }) => [key, String(bytes)]));

describe('open bundles', () => {
  // Seen failing: an event seen again taken for a new one, one that owes nothing kept.
  it('are those whose last event owes something; stored in the middle, taken up and seen again, byte for byte', () => {
    fc.assert(
      fc.property(history, fc.nat(60), fc.nat(60), (events, stop, again) => {
        const whole = createOpenBundles();
        for (const event of events) whole.apply(event);
        const last = new Map(events.map(({ stream, data }) => [stream, Number(data['owed'])]));
        const open = [...last].filter(([, owed]) => owed > 0).map(([stream]) => stream.slice('bundle-'.length));
        expect(Array.from(whole.owing(), ({ id }) => id).sort()).toEqual(open.sort());
        expect(whole.size).toBe(open.length);

        const first = createOpenBundles();
        for (const event of events.slice(0, stop)) first.apply(event);
        const stored = pagesOf(first.takeChangedPages());
        const next = createOpenBundles();
        next.restore(Array.from(stored, ([key, text]) => ({ key, bytes: Buffer.from(text) })));
        for (const event of events.slice(Math.max(0, stop - again))) next.apply(event);
        for (const event of events.slice(0, again)) next.apply(event);
        for (const [key, text] of pagesOf(next.takeChangedPages())) stored.set(key, text);
        expect(stored).toEqual(pagesOf(whole.takeChangedPages()));
      }),
      { numRuns: 300 },
    );
  });

  it('refuse an event that does not say what is owed', () => {
    const stream = 'bundle-KIT~store-1~c~1';
    const without = { id: 'e', type: 'BundleSold', data: { v: 1, recordedAt: 1 }, metadata: {}, revision: 3 };
    expect(() => createOpenBundles().apply({ ...without, stream, position: 1n })).toThrow(`${stream}@3`);
  });
});

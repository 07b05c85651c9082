// The pages of what channels acknowledged: equal to a rebuild whatever the batching (P8).
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChannelEventOf } from '../../domain/channel/events.ts';
import type { Page } from '../../projections/projection.ts';
import { createPublished } from '../../projections/published.ts';
import {
  asked,
  doubted,
  folded,
  held,
  leftUnsure,
  pagesOf,
  paused,
  readBack,
  recorded,
  resumed,
  sale,
  started,
  stopped,
  told,
  took,
} from '../support/published-story.ts';

const TURNS = [took('one'), took('two'), held, asked, leftUnsure];

describe('the pages of what channels acknowledged', () => {
  // P8 planted: folding an event again that was folded before; not restoring what was refused; not restoring `doubtedAt`, `paused`, `accepted`, `older`, `lost` or `feed`;
  // no `since` (a sale from before the channel's stream, delivered again after its start).
  it('P8: any batching and any restart in between gives pages equal to a rebuild', () => {
    const update = fc.tuple(
      fc.oneof(
        { weight: 3, arbitrary: fc.constantFrom('S1', 'S2', 'S513') },
        { weight: 1, arbitrary: fc.integer({ min: 0, max: 3_000 }).map((n) => `S${n % 700}`) },
      ),
      fc.nat(9),
      fc.constantFrom('confirmed' as const, 'retryLater' as const, 'unknown' as const, 'refused' as const),
    );
    const seen = fc.tuple(
      fc.constantFrom('S1', 'S2', 'S513'),
      fc.nat(9),
      fc.option(fc.nat(9)),
      fc.constantFrom('applied' as const, 'fewer' as const, 'lost' as const, 'abandoned' as const),
    );
    const event = fc.oneof(
      { weight: 6, arbitrary: fc.array(update, { maxLength: 8 }).map((updates) => told(5, updates)) },
      { weight: 1, arbitrary: fc.constantFrom(started('p1'), started('p2'), stopped, ...TURNS) },
      {
        weight: 2,
        arbitrary: fc.tuple(fc.array(update, { maxLength: 4 }), fc.boolean()).map(([updates, isBulk]) => {
          const said = told(5, updates) as ChannelEventOf<'AvailabilityPublished'>;
          return { ...said, readBack: true as const, ...(isBulk ? { lane: 'bulk' as const } : {}) };
        }),
      },
      { weight: 2, arbitrary: fc.array(seen, { maxLength: 4 }).map(readBack) },
      {
        weight: 1,
        arbitrary: fc.constantFrom(paused, resumed, doubted(), doubted(['S1', 'NONE'])),
      },
    );
    const sold = fc.record({ sold: fc.constantFrom('S1', 'S2', 'S513'), channel: fc.constantFrom('shop', 'other') });
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ weight: 2, arbitrary: event }, { weight: 1, arbitrary: sold }), { maxLength: 30 }),
        fc.array(fc.boolean(), { minLength: 30, maxLength: 30 }),
        (script, cuts) => {
          let revision = -1;
          const log = script.map((one, n) => {
            const position = BigInt(10 * n);
            if ('sold' in one) return sale(one.sold, position, one.channel);
            revision += 1;
            const version = String(position - 15n);
            const now = one.type === 'AvailabilityPublished' ? { ...one, version, floor: version } : one;
            return { ...recorded('shop', [now], revision)[0]!, position };
          });
          const rebuilt = pagesOf(folded(log));
          const stored = new Map<string, string>();
          let live = createPublished();
          const store = () => {
            for (const [key, text] of pagesOf(live)) stored.set(key, text);
          };
          log.forEach((recordedEvent, n) => {
            live.apply(recordedEvent);
            if (!cuts[n]) return;
            store();
            live = createPublished();
            live.restore(
              [...stored].reverse().map(([key, text]): Page => ({ key, bytes: new TextEncoder().encode(text) })),
            );
            for (const again of log.slice(Math.max(0, n - 3), n + 1)) live.apply(again);
          });
          store();
          expect(stored).toEqual(rebuilt);
        },
      ),
      { numRuns: 400 },
    );
  });
});

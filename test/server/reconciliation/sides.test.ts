// Our side of a comparison: figures stay those of the cut while others change them, and what is known of an SKU is read from
// the end of long streams.
import { describe, expect, it } from 'vitest';
import { createMemoryLog } from '../../../adapters/event-log/memory.ts';
import { CHANNEL_EVENT_VERSION } from '../../../domain/channel/events.ts';
import { compilePolicy, PolicyDocument } from '../../../domain/channel/policy.ts';
import type { EventLog } from '../../../domain/event-log.ts';
import { readBackwards } from '../../../server/reconciliation/backwards.ts';
import { channelSide } from '../../../server/reconciliation/channel-side.ts';
import { readTellings } from '../../../server/reconciliation/tellings.ts';

const policy = compilePolicy(
  PolicyDocument.parse({ version: '1', locations: [{ id: 'x' }], channels: [{ id: 'market', locations: ['x'] }] }),
);

const giveWay = () => Promise.resolve();

async function appendAll(log: EventLog, stream: string, count: number, data: (n: number) => Record<string, unknown>) {
  for (let n = 0; n < count; n++) {
    const id = `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
    await log.append(stream, n - 1, [{ id, type: 'AvailabilityPublished', data: data(n) as never, metadata: {} }]);
  }
}

const told = (n: number, sku: string, units: number, outcome = 'confirmed') => ({
  ...{
    v: CHANNEL_EVENT_VERSION,
    batchId: `b${n}`,
    startedAt: n * 1_000,
    finishedAt: n * 1_000 + 50,
    version: String(n),
  },
  ...{ floor: String(n), lagMs: 0, acknowledgement: 'applied', updates: [[sku, units, outcome]], reasons: [] },
});

describe('figures of a channel', () => {
  it('are of the cut: what changes afterwards is kept as it was, a new SKU as unknown', () => {
    const units = new Map([['A', 5]]);
    let changed: (channel: string, sku: string, before: number, after: number) => void = () => {};
    const side = channelSide(
      {
        log: createMemoryLog(),
        availability: {
          position: () => 7n,
          units: (_, sku) => units.get(sku),
          skus: () => [...units.keys()],
          stockOf: () => [],
          onChange: (listener) => {
            changed = listener;
            return () => {};
          },
        },
        published: { channel: () => ({ revision: -1 }) as never, shown: () => undefined },
        ...{ isInFlight: () => false, policy, giveWay },
      },
      policy.channels[0]!,
      false,
    );
    const move = (sku: string, before: number, after: number, channel = 'market') => {
      units.set(sku, after);
      changed(channel, sku, before, after);
    };
    move('A', 5, 3);
    move('A', 3, 1);
    move('B', 0, 9);
    move('A', 1, 0, 'other');
    expect([side.cut, side.figure('A').units, side.figure('B').units]).toEqual([7n, 5, undefined]);
    expect([...side.skus()]).toEqual(['A']);
  });
});

describe('what a channel was told', () => {
  it('is read from the end, no further than needed, once for all SKUs', async () => {
    const log = createMemoryLog();
    await appendAll(log, 'channel-market', 1_000, (n) => told(n, n % 2 === 0 ? 'A' : 'B', n));
    let reads = 0;
    const read: EventLog['read'] = (...given) => {
      reads += 1;
      return log.read(...given);
    };
    const published = { channel: () => ({ revision: 999 }) as never, shown: () => undefined };
    const tellings = readTellings({ read }, published, 'market', 999n, giveWay);
    const ofA = await tellings.of('A', 999_999);
    expect(ofA.map(({ units }) => units)).toEqual([996, 998]);
    expect((await tellings.of('B', 999_999)).at(-1)).toMatchObject({ units: 999, event: 'channel-market@999' });
    expect(reads).toBe(1);
    // Told long before: two acknowledgements from before the statement.
    const old = await tellings.of('A', 500_000);
    expect(old.filter(({ finishedAt }) => finishedAt <= 500_000)).toHaveLength(2);
  });

  // Seen failing with `outcomeOf` answering as for any confirmed value: a channel that has not applied it yet would be stale.
  it('counts as acknowledged when it was seen, where the channel only accepts; until then it may be shown or not', async () => {
    const log = createMemoryLog();
    const seen = (values: unknown[]) => ({ v: CHANNEL_EVENT_VERSION, at: 9_000, lagMs: 0, values });
    const events = [
      { ...told(0, 'A', 5), readBack: true },
      { ...told(1, 'B', 6), readBack: true },
      seen([
        ['A', 5, 5, 'applied'],
        ['B', 6, 1, 'lost'],
      ]),
      { ...told(3, 'A', 4), readBack: true },
    ];
    for (const [n, data] of events.entries()) {
      const id = `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
      const type = n === 2 ? 'AvailabilityReadBack' : 'AvailabilityPublished';
      await log.append('channel-market', n - 1, [{ id, type, data: data as never, metadata: {} }]);
    }
    const published = { channel: () => ({ revision: 3 }) as never, shown: () => undefined };
    const tellings = readTellings(log, published, 'market', 99n, giveWay);
    expect(await tellings.of('A', 999_999)).toMatchObject([
      { units: 5, outcome: 'confirmed', startedAt: 0, finishedAt: 9_000 },
      { units: 4, outcome: 'unknown' },
    ]);
    expect(await tellings.of('B', 999_999)).toMatchObject([{ units: 6, outcome: 'unknown' }]);
  });

  it('says nothing of after the cut, and knows the last acknowledgement of what is too long ago', async () => {
    const log = createMemoryLog();
    await appendAll(log, 'channel-market', 20, (n) => told(n, 'A', n));
    const shown = { units: 4, unitsVersion: 2n } as never;
    const published = { channel: () => ({ revision: 19 }) as never, shown: () => shown };
    const tellings = readTellings(log, published, 'market', 9n, giveWay);
    expect((await tellings.of('A', 999_999)).at(-1)?.units).toBe(9);
    expect(await tellings.of('B', 999_999)).toMatchObject([
      { units: 4, version: 2n, outcome: 'confirmed', startedAt: 0 },
    ]);
  });
});

describe('a stream', () => {
  it.each([
    [0, 10, []],
    [1, 10, [0]],
    [250, 3, [249, 248, 247]],
    [101, 1_000, Array.from({ length: 101 }, (_, n) => 100 - n)],
  ])('of %i events is read backwards, at most %i', async (events, limit, expected) => {
    const log = createMemoryLog();
    await appendAll(log, 'channel-market', events, (n) => told(n, 'A', n));
    const revisions: number[] = [];
    for await (const { revision } of readBackwards(log, 'channel-market', events - 1, limit)) revisions.push(revision);
    expect(revisions).toEqual(expected);
  });
});

// The record of a batch: complete, small enough, readable again.
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../adapters/channels/channel.ts';
import { batchEvents } from '../../../adapters/publishing/batch-record.ts';
import { ChannelEvent } from '../../../domain/channel/events.ts';

const longSku = (n: number) => `${'X'.repeat(58)}${String(n).padStart(6, '0')}`;

function events(count: number, outcome: (n: number) => Outcome) {
  const updates = Array.from({ length: count }, (_, n) => ({ sku: longSku(n), units: 1_000_000_000 - n }));
  return batchEvents({
    batchId: 'b-1',
    version: 2n ** 63n,
    floor: -1n,
    startedAt: 1,
    finishedAt: 2,
    lagMs: 3.7,
    acknowledgement: 'applied',
    readBack: false,
    lane: 'urgent',
    updates,
    outcomes: new Map(updates.map(({ sku }, n) => [sku, outcome(n)])),
    detail: undefined,
  });
}

describe('record of a batch', () => {
  it('stays below about 100 KiB an event with the longest names and a reason each', () => {
    const written = events(2_500, (n) => ({ kind: 'refused', reason: `${n} ${'because '.repeat(50)}` }));
    expect(written.map(({ updates }) => updates.length)).toEqual([1_000, 1_000, 500]);
    for (const event of written) {
      expect(JSON.stringify(event).length).toBeLessThan(110 * 1_024);
      expect(ChannelEvent.safeParse(event).error).toBeUndefined();
    }
  });

  it('keeps every SKU with its units, outcome and reason, and a version beyond Number', () => {
    const [event] = events(3, (n) => (n === 1 ? { kind: 'unknown', reason: 'lost' } : { kind: 'confirmed' }));
    expect(event).toMatchObject({ version: '9223372036854775808', floor: '-1', lagMs: 4, reasons: ['lost'] });
    expect(event!.updates).toEqual([
      [longSku(0), 1_000_000_000, 'confirmed'],
      [longSku(1), 999_999_999, 'unknown', 0],
      [longSku(2), 999_999_998, 'confirmed'],
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import { needsApproval } from '../../../domain/count/policy.ts';
import { tallyOf } from '../../../domain/count/sheet.ts';
import { DAY, MINUTE } from '../../../domain/time.ts';
import { NOON } from '../../support/actors.ts';
import { sheetStory } from '../../support/count-story.ts';

describe('a counted line', () => {
  it('within the threshold is owed to the stock at once, as a count at its fence', () => {
    const story = sheetStory(['A', 'B']);
    expect(story.count([{ sku: 'A', counted: 8, reason: 'damage' }])).toBe('accepted');
    expect(story.status('A')).toBe('applying');
    expect(story.owed()).toEqual([
      {
        type: 'count',
        id: 'stocktake:s~0:1',
        sku: 'A',
        location: 'store-1',
        counted: 8,
        occurredAt: NOON,
        reason: 'stocktake s: damage',
        source: { id: 'anna' },
        correlationId: 'stocktake:s',
        causationId: 'count-1',
      },
    ]);
    story.answer();
    expect([story.status('A'), story.owed()]).toEqual(['applied', []]);
  });

  it('above it waits, and nothing is owed until somebody else approves', () => {
    const story = sheetStory(['A']);
    story.count([{ sku: 'A', counted: 2, expected: 10 }], 'anna');
    expect([story.status('A'), story.owed()]).toEqual(['waiting', []]);
    expect(story.settle('approve', ['A'], 'anna')).toBe('four-eyes');
    expect(story.settle('approve', ['A'], 'boris')).toBe('accepted');
    expect(story.owed()).toHaveLength(1);
    expect(story.line('A')?.decided?.by).toBe('boris');
    expect(story.settle('approve', ['A'], 'boris')).toBe('not-waiting');
  });

  it('is taken once; a recount asked by somebody else lets it be counted again, later', () => {
    const story = sheetStory(['A']);
    story.count([{ sku: 'A' }]);
    story.answer();
    expect(story.count([{ sku: 'A', counted: 9 }])).toBe('already-counted');
    expect(story.settle('recount', ['A'], 'anna')).toBe('four-eyes');
    expect(story.settle('recount', ['A'], 'boris')).toBe('accepted');
    expect(story.count([{ sku: 'A', counted: 9 }])).toBe('fence-not-later');
    story.now += MINUTE;
    expect(story.count([{ sku: 'A', counted: 9, countedAt: NOON + 1 }])).toBe('accepted');
    expect(story.owed().map(({ id }) => id)).toEqual(['stocktake:s~0:2']);
  });

  it('from the future, or older than facts may be late, is refused', () => {
    const story = sheetStory(['A', 'B', 'C']);
    expect(story.count([{ sku: 'A', countedAt: story.now + 10 * MINUTE + 1 }])).toBe('fence-in-future');
    expect(story.count([{ sku: 'A', countedAt: story.now + 10 * MINUTE }])).toBe('accepted');
    expect(story.count([{ sku: 'B', countedAt: story.now - 45 * DAY - 1 }])).toBe('fence-too-old');
    expect(story.count([{ sku: 'B', countedAt: story.now - 45 * DAY }])).toBe('accepted');
    story.count([{ sku: 'C', counted: 0 }]);
    story.now += 46 * DAY;
    expect(story.settle('approve', ['C'], 'boris')).toBe('fence-too-old');
  });

  it('of an SKU that is not expected is found in a full stocktake, and refused in a count of some SKUs', () => {
    expect(sheetStory(['A']).count([{ sku: 'X' }])).toBe('sku-not-in-stocktake');
    const full = sheetStory(['A'], { takesOthers: true });
    expect(full.count([{ sku: 'X', expected: 0, counted: 3 }])).toBe('accepted');
    expect(tallyOf(full.sheet())).toMatchObject({ expected: 1, counted: 0, found: 1, over: 3 });
  });

  it('that cannot be taken costs no other line', () => {
    const story = sheetStory(['A', 'B']);
    story.count([{ sku: 'A' }]);
    expect(story.count([{ sku: 'A' }, { sku: 'B' }])).toBe('accepted');
    expect(story.status('B')).toBe('applying');
    expect(story.line('A')?.count?.commandId).toBe('count-1');
  });

  it('is parked when the stock finds it too old, and can be counted again', () => {
    const story = sheetStory(['A']);
    story.count([{ sku: 'A' }]);
    story.answer('parked');
    expect(story.status('A')).toBe('parked');
    expect(story.settle('recount', ['A'], 'boris')).toBe('accepted');
  });

  it('counted as not there waits for approval however few were expected, and not if none were', () => {
    const story = sheetStory(['A', 'B']);
    story.count([
      { sku: 'A', counted: 0, expected: 1, zero: true },
      { sku: 'B', counted: 0, expected: 0, zero: true },
    ]);
    expect([story.status('A'), story.status('B')]).toEqual(['waiting', 'applying']);
  });
});

describe('a decision', () => {
  it('rejects a line: the stock never hears of it', () => {
    const story = sheetStory(['A']);
    story.count([{ sku: 'A', counted: 100 }]);
    story.settle('reject', ['A'], 'boris');
    expect([story.status('A'), story.owed()]).toEqual(['rejected', []]);
    expect(tallyOf(story.sheet()).counted).toBe(0);
  });

  it('of several lines takes those that wait, and is refused when none does', () => {
    const story = sheetStory(['A', 'B', 'C']);
    story.count([{ sku: 'A', counted: 0 }, { sku: 'B' }]);
    expect(story.settle('approve', ['B', 'C', 'A'], 'boris')).toBe('accepted');
    expect(story.status('A')).toBe('applying');
    expect(story.settle('approve', ['C', 'B'], 'boris')).toBe('not-counted');
  });

  it('can still be taken when the stocktake is completed, and not when it is cancelled', () => {
    const completed = sheetStory(['A', 'B']);
    completed.count([{ sku: 'A', counted: 0 }]);
    completed.send({ type: 'close', id: 'close', ended: 'completed' });
    expect(completed.count([{ sku: 'B' }])).toBe('not-counting');
    expect(completed.settle('recount', ['A'], 'boris')).toBe('not-counting');
    expect(completed.settle('approve', ['A'], 'boris')).toBe('accepted');
    const cancelled = sheetStory(['A']);
    cancelled.count([{ sku: 'A', counted: 0 }]);
    cancelled.send({ type: 'close', id: 'close', ended: 'cancelled' });
    expect(cancelled.status('A')).toBe('dropped');
    expect(cancelled.settle('approve', ['A'], 'boris')).toBe('not-waiting');
  });

  it('explains a variance, also after the end', () => {
    const story = sheetStory(['A', 'B']);
    story.count([{ sku: 'A', counted: 8 }]);
    story.send({ type: 'close', id: 'close', ended: 'completed' });
    expect(story.send({ type: 'explain', id: 'e', skus: ['A', 'B'], reason: 'theft' })).toBe('accepted');
    expect(story.line('A')?.count?.reason).toBe('theft');
    expect(story.send({ type: 'explain', id: 'f', skus: ['B'], reason: 'theft' })).toBe('not-counted');
  });
});

describe('a sheet', () => {
  it('is opened and closed once, and records an answer once', () => {
    const story = sheetStory(['A']);
    story.count([{ sku: 'A' }]);
    const [command] = story.owed();
    const answers = [{ number: 1, outcome: 'recorded' as const }];
    expect(command?.id).toBe('stocktake:s~0:1');
    for (const again of [1, 2]) {
      story.send({ type: 'record', id: `r-${again}`, answers });
      story.send({ type: 'open', id: `o-${again}`, location: 'store-1', takesOthers: false, skus: ['Z'] });
      story.send({ type: 'close', id: `c-${again}`, ended: again === 1 ? 'completed' : 'cancelled' });
    }
    expect(story.events.map(({ type }) => type)).toEqual([
      'SheetOpened',
      'LinesCounted',
      'CountsRecorded',
      'SheetClosed',
    ]);
    expect(story.sheet()).toMatchObject({ ended: 'completed' });
  });

  it('carries the tally after each event', () => {
    const story = sheetStory(['A', 'B', 'C', 'D']);
    story.count([
      { sku: 'A', counted: 12 },
      { sku: 'B', counted: 9 },
      { sku: 'C', counted: 0 },
    ]);
    story.answer();
    expect(story.events.at(-1)?.tally).toMatchObject({ expected: 4, counted: 3, found: 0, over: 2, short: 1 });
    expect(story.events.at(-1)?.tally.statuses).toMatchObject({ uncounted: 1, applied: 2, waiting: 1, applying: 0 });
  });
});

describe('the threshold', () => {
  const policy = { approveAboveUnits: 5, approveAbovePercent: 5 };
  it.each([
    [10, 5, false],
    [10, 4, true],
    [10, 15, false],
    [10, 16, true],
    [1_000, 950, false],
    [1_000, 949, true],
    [0, 5, false],
    [0, 6, true],
    [-3, 2, false],
    [-3, 3, true],
  ])('expected %i, counted %i: approval %s', (expected, found, waits) => {
    expect(needsApproval(policy, expected, found)).toBe(waits);
  });
});

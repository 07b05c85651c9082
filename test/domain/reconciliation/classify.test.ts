// Why a system shows something else: tables class by class, and the property that our own history is never drift.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classify, type Judging } from '../../../domain/reconciliation/classify.ts';
import type { Known, OwnSale, Telling } from '../../../domain/reconciliation/known.ts';
import type { StatementRow } from '../../../domain/reconciliation/statement.ts';
import { MINUTE } from '../../../domain/time.ts';

const T = 1_000_000;
const JUDGING: Judging = { skewMsMax: 0, factsWithinMs: 15 * MINUTE, hasGaps: false, asOf: T + 60 * MINUTE };

const told = (n: number, units: number, outcome: Telling['outcome'] = 'confirmed'): Telling => ({
  units,
  version: BigInt(n * 10),
  outcome,
  startedAt: T + n * MINUTE,
  finishedAt: T + n * MINUTE + 500,
  event: `channel-m@${n}`,
});
const known = (fields: Partial<Known> = {}): Known => ({
  figure: 5,
  isInFlight: false,
  tellings: [told(1, 5)],
  sales: [],
  figures: [],
  ...fields,
});
const row = (units: number, fields: Partial<StatementRow> = {}): StatementRow => ({
  sku: 'A',
  units,
  asOf: JUDGING.asOf,
  ...fields,
});
const at = (minutes: number) => T + minutes * MINUTE;
const sold = (units: number, minutes: number, recordedMinutes = minutes): OwnSale => ({
  units,
  occurredAt: at(minutes),
  recordedAt: at(recordedMinutes),
  event: `stock-A~x@${minutes}`,
});

type Row = readonly [name: string, StatementRow | undefined, Known, Partial<Judging>, expected: object | undefined];
const TABLE: readonly Row[] = [
  ['the same figure', row(5), known(), {}, undefined],
  ['an SKU that is not shown and is 0', undefined, known({ figure: 0, tellings: [told(1, 0)] }), {}, undefined],
  ['an SKU nobody knows, in no statement', undefined, known({ figure: undefined, tellings: [] }), {}, undefined],
  ['too many', row(8), known(), {}, { class: 'drift', expected: 5, reported: 8, units: 3, since: at(1) + 500 }],
  ['too few for long', row(3), known(), {}, { class: 'drift', expected: 5, reported: 3, units: -2 }],
  [
    'too few, and the row changed a moment ago',
    row(3, { changedAt: at(58) }),
    known(),
    {},
    { class: 'missing-fact', units: -2, since: at(58), ageMs: 2 * MINUTE },
  ],
  ['too few, and numbers of its sequence are missing', row(3), known(), { hasGaps: true }, { class: 'missing-fact' }],
  ['too many although numbers are missing', row(8), known(), { hasGaps: true }, { class: 'drift' }],
  ['anything while an update is under way', row(8), known({ isInFlight: true }), {}, { class: 'in-flight' }],
  [
    'what it showed before it was told something newer',
    row(5, { asOf: at(2) }),
    known({ figure: 9, tellings: [told(1, 5), told(3, 9)] }),
    {},
    { class: 'explained', expected: 5, event: 'channel-m@3' },
  ],
  [
    'an older value after it acknowledged a newer one',
    row(5),
    known({ figure: 9, tellings: [told(1, 5), told(3, 9)] }),
    {},
    { class: 'stale-publish', expected: 9, units: -4, event: 'channel-m@1' },
  ],
  [
    'an older version, whatever the units',
    row(4, { version: 10n }),
    known({ figure: 9, tellings: [told(1, 5), told(3, 9)] }),
    {},
    { class: 'stale-publish', event: 'channel-m@1' },
  ],
  [
    'an old value of ours under the newest version',
    row(5, { version: 30n }),
    known({ figure: 9, tellings: [told(1, 5), told(3, 9)] }),
    {},
    { class: 'drift' },
  ],
  [
    'its own sale taken off, before our figure was told',
    row(4, { asOf: at(20) }),
    known({ figure: 9, sales: [sold(1, 15, 30)], tellings: [told(1, 5), told(31, 9)] }),
    {},
    { class: 'explained', expected: 4 },
  ],
  [
    'more than its sales taken off',
    row(2, { asOf: at(40), changedAt: at(16) }),
    known({ sales: [sold(1, 15, 30)] }),
    {},
    { class: 'drift', expected: 4, units: -2 },
  ],
  [
    'a value of an unknown outcome',
    row(7),
    known({ tellings: [told(1, 5), told(3, 7, 'unknown')] }),
    {},
    { class: 'explained', event: 'channel-m@3' },
  ],
  ['a value it postponed', row(7), known({ tellings: [told(1, 5), told(3, 7, 'retryLater')] }), {}, { class: 'drift' }],
  [
    'what it keeps because it refuses the new value',
    row(5),
    known({ figure: 9, refused: { units: 9, reason: 'too many' }, tellings: [told(1, 5), told(3, 9, 'refused')] }),
    {},
    { class: 'explained' },
  ],
  [
    'what it showed before it was ever told',
    row(99, { asOf: at(0) }),
    known(),
    {},
    { class: 'explained', event: 'channel-m@1' },
  ],
  ['an SKU only it knows', row(3), known({ figure: undefined, tellings: [] }), {}, { class: 'unknown-sku', units: 3 }],
  ['an SKU only we know', undefined, known(), {}, { class: 'unknown-sku', expected: 5, units: -5 }],
  [
    'a figure of ours of that time, where nothing is told',
    row(7, { asOf: at(4) }),
    known({
      tellings: [],
      figures: [
        { units: 7, at: at(1), event: 'a' },
        { units: 5, at: at(5), event: 'b' },
      ],
    }),
    {},
    { class: 'explained', event: 'b' },
  ],
  [
    'a figure of ours of long before, where nothing is told',
    row(7),
    known({
      tellings: [],
      figures: [
        { units: 7, at: at(1), event: 'a' },
        { units: 5, at: at(5), event: 'b' },
      ],
    }),
    {},
    { class: 'drift', expected: 5, since: at(5), ageMs: 55 * MINUTE },
  ],
];

describe('a difference', () => {
  it.each(TABLE)('%s', (_, stated, ours, judging, expected) => {
    const difference = classify(stated, ours, { ...JUDGING, ...judging }, 'A');
    if (expected === undefined) expect(difference).toBeUndefined();
    else expect(difference).toMatchObject(expected);
  });

  it('within the skew of the clocks is explained', () => {
    const ours = known({ figure: 9, tellings: [told(1, 5), told(3, 9)] });
    const late = row(5, { asOf: told(3, 9).finishedAt + 30_000 });
    expect(classify(late, ours, { ...JUDGING, skewMsMax: MINUTE }, 'A')?.class).toBe('explained');
    expect(classify(late, ours, JUDGING, 'A')?.class).toBe('stale-publish');
  });
});

type Step =
  | { readonly kind: 'tell'; readonly units: number; readonly outcome: Telling['outcome']; readonly applied: boolean }
  | { readonly kind: 'sell'; readonly units: number; readonly toldAfter: number };

const step = fc.oneof(
  fc.record({
    kind: fc.constant('tell' as const),
    units: fc.integer({ min: 0, max: 9 }),
    outcome: fc.constantFrom<Telling['outcome']>('confirmed', 'confirmed', 'unknown', 'refused', 'retryLater'),
    applied: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('sell' as const),
    units: fc.integer({ min: 1, max: 3 }),
    toldAfter: fc.integer({ min: 0, max: 400 }),
  }),
);

/** What the system showed at each moment, and what we know in the end. One step every 100 ms; calls take 40 ms. */
function history(steps: readonly Step[]): { shown: Map<number, number>; ours: Known } {
  const shown = new Map<number, number>();
  const tellings: Telling[] = [];
  const sales: OwnSale[] = [];
  let units: number | undefined;
  let figure = 0;
  steps.forEach((one, n) => {
    const startedAt = T + n * 100;
    if (one.kind === 'tell') {
      figure = one.units;
      const { outcome } = one;
      const version = BigInt(n + 1);
      tellings.push({ units: one.units, version, outcome, startedAt, finishedAt: startedAt + 40, event: `told@${n}` });
      if (units !== undefined) shown.set(startedAt, units);
      if (outcome === 'confirmed' || (outcome === 'unknown' && one.applied)) units = one.units;
    } else if (units !== undefined && units >= one.units) {
      units -= one.units;
      const occurredAt = startedAt + 50;
      sales.push({ units: one.units, occurredAt, recordedAt: occurredAt + one.toldAfter, event: `sold@${n}` });
    }
    if (units !== undefined) shown.set(startedAt + 60, units);
  });
  return { shown, ours: { figure, isInFlight: false, tellings, sales, figures: [] } };
}

describe('a statement made from our own history', () => {
  // Seen failing: with `endedBy` sought among all tellings instead of the confirmed ones, and without sales in the claims.
  it('is explained at any earlier point, and never drift', () => {
    let explained = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 25 }), (steps) => {
        const { shown, ours } = history(steps);
        for (const [asOf, units] of shown) {
          const difference = classify({ sku: 'A', units, asOf }, ours, { ...JUDGING, asOf }, 'A');
          expect([undefined, 'explained']).toContain(difference?.class);
          if (difference !== undefined) explained += 1;
        }
      }),
      { numRuns: 500 },
    );
    expect(explained).toBeGreaterThan(100);
  });
});

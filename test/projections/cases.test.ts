// Exception cases as they stand: byte-equal however they were folded, and the list in the order of work.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject, RecordedEvent } from '../../domain/event-log.ts';
import type { Case } from '../../domain/exception/case.ts';
import { CASE_KINDS } from '../../domain/exception/cause.ts';
import { isLasting, isOpen } from '../../domain/exception/machine.ts';
import { HOUR, MINUTE } from '../../domain/time.ts';
import { ageMs } from '../../projections/case-age.ts';
import { CASE_CURSOR, type CaseFilter, listCases } from '../../projections/case-list.ts';
import { createCases } from '../../projections/cases.ts';
import type { Page } from '../../projections/projection.ts';
import { NOON } from '../support/actors.ts';
import { type CaseStory, caseStory } from '../support/case-story.ts';

const KINDS = CASE_KINDS.slice(0, 4);
const SLA_MINUTES = 10;
const escalation = {
  cases: KINDS.map((kind) => ({ kind, slaMinutes: SLA_MINUTES })),
  steps: [{ from: 'operations', to: 'lead' }],
};
const step = fc.record({
  of: fc.oneof({ weight: 3, arbitrary: fc.nat(5) }, { weight: 1, arbitrary: fc.nat(80) }),
  what: fc.constantFrom('raise', 'raise', 'raise', 'clear', 'resolve', 'dismiss', 'assign', 'comment', 'escalate'),
  minutes: fc.oneof(fc.constant(0), fc.nat(20)),
});
const histories = fc.array(step, { minLength: 1, maxLength: 120 });
type Step = Parameters<Parameters<typeof histories.map>[0]>[0][number];

const idOf = (n: number) => `${KINDS[n % KINDS.length]}-${n.toString(16).padStart(16, '0')}`;

/** The cases that such a history makes, and its events in log order; what is refused leaves none. */
function played(steps: readonly Step[]): {
  readonly cases: readonly Case[];
  readonly events: RecordedEvent[];
  now: number;
} {
  const stories = new Map<number, CaseStory>();
  const events: RecordedEvent[] = [];
  let now = NOON;
  for (const { of, what, minutes } of steps) {
    now += minutes * MINUTE;
    const story = stories.get(of) ?? caseStory(escalation, idOf(of));
    const before = story.events.length;
    story.now = now;
    const seen = { kind: KINDS[of % KINDS.length]!, key: `key-${of}`, subject: { channel: `ch-${of % 3}` }, units: of };
    if (what === 'raise') story.raise(seen);
    else if (what === 'assign') story.send('assign', { owner: `person-${of % 2}` });
    else if (what === 'escalate') story.send('escalate', { level: story.state().level + 1 });
    else story.send(what as 'comment', { text: 'hm', resolution: 'done', reason: 'no' } as { text: string });
    for (const [n, event] of story.events.slice(before).entries()) {
      stories.set(of, story);
      const { type, ...data } = event;
      const revision = before + n;
      const place = { stream: `case-${idOf(of)}`, revision, position: BigInt(events.length) };
      events.push({ ...place, id: `${events.length}`, type, data: data as unknown as JsonObject, metadata: {} });
    }
  }
  return { cases: [...stories.values()].map((story) => story.state()), events, now };
}

function folded(events: readonly RecordedEvent[]) {
  const cases = createCases();
  for (const event of events) cases.apply(event);
  return cases;
}
const sortedBytes = (pages: Iterable<Page>) =>
  Array.from(pages, ({ key, bytes }) => `${key} ${Buffer.from(bytes)}`).sort();
const ids = (cases: Iterable<Case>) => Array.from(cases, ({ id }) => id).sort();

describe('the cases', () => {
  // Seen failing: with a column that is not read back, and without the check of the revision.
  it('have the same bytes restored, delivered twice or folded straight (P8)', () => {
    fc.assert(
      fc.property(histories, fc.nat(120), (steps, cut) => {
        const { events } = played(steps);
        const straight = folded(events);
        const first = folded(events.slice(0, cut));
        const pages = new Map([...first.takeChangedPages()].map((page) => [page.key, page]));
        const second = createCases();
        second.restore([...pages.values()].toReversed());
        for (const event of events.slice(Math.max(0, cut - 5))) {
          second.apply(event);
          second.apply(event);
        }
        for (const page of second.takeChangedPages()) pages.set(page.key, page);
        expect(sortedBytes(pages.values())).toEqual(sortedBytes(straight.takeChangedPages()));
        expect(ids(second.open())).toEqual(ids(straight.open()));
      }),
      { numRuns: 80 },
    );
  });

  // Seen failing: with a dismissed case not counted as lasting.
  it('are what their deciders folded, and know which are open and which causes last', () => {
    fc.assert(
      fc.property(histories, (steps) => {
        const { cases, events } = played(steps);
        const projection = folded(events);
        expect(JSON.stringify([...projection.all()])).toBe(JSON.stringify(cases));
        expect(ids(projection.open())).toEqual(ids(cases.filter(({ status }) => isOpen(status))));
        for (const kind of KINDS) {
          const open = cases.filter((one) => one.kind === kind && isOpen(one.status));
          expect(projection.openCount(kind)).toBe(open.length);
          const lasting = cases.filter((one) => one.kind === kind && isLasting(one.status));
          expect(ids(projection.lasting(kind))).toEqual(ids(lasting));
        }
        for (const { kind, key, status } of cases) expect(projection.isLasting(kind!, key)).toBe(isLasting(status));
      }),
      { numRuns: 80 },
    );
  });

  it('refuse an event they cannot read, and stay as they were', () => {
    const cases = createCases();
    const data = { v: 99, commandId: 'c', source: 's', recordedAt: 0 };
    const place = { id: '1', stream: 'case-drift-0123456789abcdef', revision: 0, position: 0n };
    expect(() => cases.apply({ ...place, type: 'CaseOpened', data, metadata: {} })).toThrow('version 99');
    expect([[...cases.all()], [...cases.takeChangedPages()]]).toEqual([[], []]);
  });
});

describe('the list of cases', () => {
  const all: CaseFilter = { status: 'all', sees: () => true };

  // Seen failing: with the last of a page on the next one too, and with ids left out of the order.
  it('is the same in pages of any size, the most severe first and then the oldest', () => {
    fc.assert(
      fc.property(histories, fc.integer({ min: 1, max: 7 }), (steps, limit) => {
        const { cases, events, now } = played(steps);
        const projection = folded(events);
        const whole = listCases(projection, all, { now, limit: 1_000 });
        expect(whole.next).toBeUndefined();
        expect(whole.counts.total).toBe(cases.length);
        const paged: Case[] = [];
        let cursor: string | undefined;
        for (let n = 0; n <= cases.length; n++) {
          const page = listCases(projection, all, { now, limit, cursor });
          paged.push(...page.cases);
          expect(page.counts).toEqual(whole.counts);
          cursor = page.next;
          if (cursor === undefined) break;
          expect(cursor).toMatch(CASE_CURSOR);
        }
        expect(ids(paged)).toEqual(ids(cases));
        expect(paged).toEqual(whole.cases);
        const rank = { critical: 0, high: 1, medium: 2, low: 3 };
        const order = paged.map(({ severity, openedAt }) => [rank[severity], openedAt] as const);
        expect(order).toEqual(order.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]));
      }),
      { numRuns: 60 },
    );
  });

  it('lets through what a filter says, and counts it by kind and age', () => {
    const { cases, events, now } = played([
      { of: 0, what: 'raise', minutes: 0 },
      { of: 1, what: 'raise', minutes: 5 },
      { of: 1, what: 'assign', minutes: 0 },
      { of: 2, what: 'raise', minutes: 0 },
      { of: 2, what: 'dismiss', minutes: 0 },
      { of: 3, what: 'raise', minutes: 0 },
      { of: 3, what: 'resolve', minutes: 0 },
      { of: 0, what: 'comment', minutes: 20 },
      { of: 0, what: 'escalate', minutes: 0 },
    ]);
    const projection = folded(events);
    const found = (filter: Partial<CaseFilter>, at = now) =>
      ids(listCases(projection, { ...all, ...filter }, { now: at, limit: 10 }).cases);
    expect(cases).toHaveLength(4);
    expect(found({})).toHaveLength(4);
    expect(found({ status: 'open' })).toEqual([idOf(0), idOf(1)].sort());
    expect(found({ status: 'assigned' })).toEqual([idOf(1)]);
    expect(found({ status: 'dismissed' })).toEqual([idOf(2)]);
    expect(found({ kind: KINDS[3] })).toEqual([idOf(3)]);
    expect(found({ owner: 'person-1' })).toEqual([idOf(1)]);
    expect(found({ owner: 'lead' })).toEqual([idOf(0)]);
    expect(found({ severity: 'critical' })).toEqual([idOf(0)]);
    expect(found({ channel: 'ch-2' })).toEqual([idOf(2)]);
    expect(found({ status: 'open', ageMsMin: 21 * MINUTE })).toEqual([idOf(0)]);
    expect(found({ status: 'open', isOverdue: true })).toEqual([idOf(1)]);
    expect(found({ isOverdue: true }, now + HOUR)).toEqual([idOf(0), idOf(1)].sort());
    expect(found({ isOverdue: true, sees: ({ id }) => id !== idOf(0) })).toEqual([idOf(1)]);
    const { counts } = listCases(projection, { ...all, status: 'open' }, { now: now + HOUR, limit: 1 });
    expect(counts).toEqual({
      total: 2,
      overdue: 2,
      byKind: { [KINDS[0]!]: 1, [KINDS[1]!]: 1 },
      byAge: { 'under-1h': 0, '1h-to-1d': 2, '1d-to-7d': 0, 'over-7d': 0 },
    });
  });

  it('counts the age of a closed case to its end', () => {
    const { cases } = played([
      { of: 0, what: 'raise', minutes: 0 },
      { of: 0, what: 'resolve', minutes: 7 },
    ]);
    expect(ageMs(cases[0]!, NOON + 99 * HOUR)).toBe(7 * MINUTE);
  });
});

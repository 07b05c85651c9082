// The read model of reconciliation: runs, subjects and open differences; pages equal to a rebuild whatever the batching (P8).
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecordedEvent } from '../../domain/event-log.ts';
import { DIFFERENCE_CLASSES } from '../../domain/reconciliation/difference.ts';
import {
  RECONCILIATION_EVENT_VERSION,
  type ReconciliationEvent,
  reconciliationEventData,
} from '../../domain/reconciliation/events.ts';
import { UnknownEventVersion } from '../../domain/versioned-event.ts';
import type { Page } from '../../projections/projection.ts';
import { createReconciliations, type Reconciliations } from '../../projections/reconciliations.ts';
import { RUNS_KEPT_MAX } from '../../projections/reconciliations-state.ts';

const v = RECONCILIATION_EVENT_VERSION;
const MARKET = { channel: 'market' };

const begun = (startedAt: number, subject: { channel: string } = MARKET): ReconciliationEvent => ({
  ...{ type: 'ReconciliationStarted', v, subject, cause: 'schedule', by: 'test', statement: 'adapter' },
  ...{ correction: 'republish', correctionsMax: 3, isShadow: false, policy: '1', startedAt },
});
const taken: ReconciliationEvent = {
  ...{ type: 'StatementTaken', v, rows: 2, asOf: 5, isComplete: true, faultCount: 1, takenAt: 6 },
  faults: [{ line: 3, rule: 'type', message: 'no number' }],
};
const found = (...differences: (readonly [string, (typeof DIFFERENCE_CLASSES)[number]])[]): ReconciliationEvent => ({
  ...{ type: 'DifferencesFound', v, foundAt: 7 },
  differences: differences.map(([sku, name]) => {
    return { sku, class: name, units: 2, plan: 'republish', asOf: 5, attempts: 0, why: 'because' };
  }),
});
const settled = (...skus: string[]): ReconciliationEvent => ({ type: 'DifferencesSettled', v, skus });
const compared: ReconciliationEvent = {
  ...{ type: 'StatementCompared', v, cut: '9', compared: 2, equal: 1, reportedUnits: 4, ourUnits: 2 },
  ...{ totals: { drift: { skus: 1, units: 2 } }, notListed: 0, comparedAt: 8 },
};
const made = (
  sku: string,
  plan: 'republish' | 'case' = 'republish',
  outcome: 'done' | 'in-flight' | 'not-possible' = 'done',
) => ({ type: 'CorrectionsMade', v, corrections: [{ sku, plan, outcome }], madeAt: 9 }) satisfies ReconciliationEvent;
const completed = (completedAt: number): ReconciliationEvent => ({ type: 'ReconciliationCompleted', v, completedAt });
const failed: ReconciliationEvent = { type: 'ReconciliationFailed', v, reason: 'no', failedAt: 10 };

/** Events of runs, in the order given. */
function history(events: readonly (readonly [run: string, event: ReconciliationEvent])[]): RecordedEvent[] {
  const revisions = new Map<string, number>();
  return events.map(([run, event], n) => {
    const revision = (revisions.get(run) ?? -1) + 1;
    revisions.set(run, revision);
    const data = reconciliationEventData(event);
    return {
      id: `${n}`,
      stream: `reconciliation-${run}`,
      revision,
      position: BigInt(n * 3),
      type: event.type,
      data,
      metadata: {},
    };
  });
}

function folded(events: readonly RecordedEvent[]): Reconciliations {
  const projection = createReconciliations();
  for (const event of events) projection.apply(event);
  return projection;
}

const run = (id: string, ...events: ReconciliationEvent[]) => events.map((event) => [id, event] as const);
const bytes = (pages: Iterable<Page>) => Array.from(pages, (page) => `${page.key} ${Buffer.from(page.bytes)}`).sort();

describe('reconciliations', () => {
  it('know each run, the last of a subject, and what has not gone away', () => {
    const events = history([
      ...run('1', begun(1), taken, found(['A', 'drift'], ['B', 'in-flight'], ['C', 'unknown-sku']), compared),
      ...run('1', made('A'), made('C', 'case'), completed(10)),
      ...run('2', begun(20), found(['A', 'stale-publish']), settled('C'), compared, made('A'), failed),
    ]);
    const projection = folded(events);
    expect([...projection.runs()].map(({ id, stage }) => [id, stage])).toEqual([
      ['2', 'failed'],
      ['1', 'completed'],
    ]);
    expect(projection.run('1')).toMatchObject({ corrected: { republish: 1, case: 1 }, taken: { faultCount: 1 } });
    expect(projection.run('1')!.taken).not.toHaveProperty('faults');
    expect(projection.subject('channel:market')).toMatchObject({
      ...{ lastStartedAt: 20, lastCompleted: { id: '1', at: 10 }, failures: 1 },
    });
    expect([...projection.openOf('channel:market')]).toMatchObject([
      { sku: 'A', class: 'stale-publish', firstSeenAt: 1, attempts: 2, isCased: false },
    ]);
    expect([...projection.openOf('channel:other')]).toEqual([]);
  });

  it('count no attempt that was not made, and know of a case', () => {
    const projection = folded(
      history([
        ...run('1', begun(1), found(['A', 'drift'], ['B', 'drift']), made('A', 'republish', 'in-flight')),
        ...run('1', made('B', 'republish', 'not-possible')),
      ]),
    );
    expect(projection.open('channel:market', 'A')).toMatchObject({ attempts: 0, isCased: false });
    expect(projection.open('channel:market', 'B')).toMatchObject({ attempts: 1, isCased: true });
  });

  it('keep the latest runs, and ignore what comes again or is older than they', () => {
    const events = history(
      Array.from({ length: RUNS_KEPT_MAX + 5 }, (_, n) => run(`r${n}`, begun(n), completed(n + 1))).flat(),
    );
    const projection = folded(events);
    expect([...projection.runs()]).toHaveLength(RUNS_KEPT_MAX);
    expect([projection.run('r4'), projection.run('r5')?.id]).toEqual([undefined, 'r5']);
    const [late] = history([...run('r4', completed(9))]);
    projection.apply({ ...late!, revision: 2, position: 1_000_000n });
    expect(projection.run('r4')).toBeUndefined();
  });

  it('set an event of a version aside that they do not know', () => {
    const [event] = history(run('1', begun(1)));
    expect(() => createReconciliations().apply({ ...event!, data: { ...event!.data, v: 99 } })).toThrow(
      UnknownEventVersion,
    );
  });
});

describe('pages', () => {
  const sku = fc.constantFrom('A', 'B', 'C', 'D');
  const event = fc.oneof(
    fc.nat(100).map((at) => begun(at)),
    fc.nat(100).map((at) => begun(at, { channel: 'other' })),
    fc.constant(taken),
    fc.array(fc.tuple(sku, fc.constantFrom(...DIFFERENCE_CLASSES)), { maxLength: 3 }).map((rows) => found(...rows)),
    fc.array(sku, { maxLength: 2 }).map((skus) => settled(...skus)),
    fc.constant(compared),
    fc
      .tuple(sku, fc.constantFrom('done', 'in-flight', 'not-possible'))
      .map(([one, outcome]) => made(one, 'republish', outcome)),
    fc.constant(failed),
    fc.nat(100).map(completed),
  );

  // Seen failing: pages whose members are in the order in which they were set; an event folded again when it comes again.
  it('are the same folded straight, and restored at any point with each event delivered twice', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('1', '2', '3'), event), { minLength: 1, maxLength: 40 }),
        fc.nat(40),
        (events, cut) => {
          const recorded = history(events);
          const kept = new Map<string, Page>();
          const keep = (pages: Iterable<Page>) => {
            for (const page of pages) kept.set(page.key, page);
          };
          const first = folded(recorded.slice(0, cut));
          keep(first.takeChangedPages());
          const second = createReconciliations();
          second.restore([...kept.values()].toReversed());
          for (const one of recorded.slice(Math.max(0, cut - 5))) {
            second.apply(one);
            second.apply(one);
          }
          keep(second.takeChangedPages());
          const straight = folded(recorded);
          expect(bytes(kept.values())).toEqual(bytes(straight.takeChangedPages()));
          expect([...second.openOf('channel:market')].sort((a, b) => (a.sku < b.sku ? -1 : 1))).toEqual(
            [...straight.openOf('channel:market')].sort((a, b) => (a.sku < b.sku ? -1 : 1)),
          );
        },
      ),
      { numRuns: 300 },
    );
  });
});

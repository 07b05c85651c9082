// Compares a statement with our side, SKU by SKU, and writes every difference down with its class and what will be done.
// Nothing is corrected here. Gives way to others between slices; holds no more than a page of differences.
import { classify, type Judging } from '../../domain/reconciliation/classify.ts';
import {
  type ClassTotals,
  DIFFERENCES_PER_EVENT,
  type FoundDifference,
  SETTLED_PER_EVENT,
} from '../../domain/reconciliation/events.ts';
import { type Planning, planOf } from '../../domain/reconciliation/plan.ts';
import { totalsWith } from '../../domain/reconciliation/run.ts';
import type { Statement, StatementRow } from '../../domain/reconciliation/statement.ts';
import type { Clock } from '../../domain/time.ts';
import type { OpenDifference } from '../../projections/reconciliations-state.ts';
import type { RunRecord } from './run-record.ts';
import type { Side } from './side.ts';

export interface Comparing {
  readonly side: Side;
  readonly judging: Judging;
  readonly planning: Planning;
  /** What earlier runs found of this subject and did not see go away. */
  readonly open: (sku: string) => OpenDifference | undefined;
  readonly openSkus: () => Iterable<string>;
  readonly record: RunRecord;
  readonly clock: Clock;
  /** Lets others have their turn; rejects when the run is to end. */
  readonly giveWay: () => Promise<void>;
}

/** Listed, and corrected, in one run; more are counted. So many differ only where something is set up wrongly. */
export const DIFFERENCES_MAX = 50_000;
const SLICE_SKUS = 2_000;

interface Counting {
  compared: number;
  reportedUnits: number;
  ourUnits: number;
  differing: number;
  totals: ClassTotals;
  readonly page: FoundDifference[];
}

export interface Compared {
  readonly differences: readonly FoundDifference[];
  /** SKUs that differed in an earlier run, and agree now. */
  readonly settled: readonly string[];
}

export async function compare(statement: Statement, comparing: Comparing): Promise<Compared> {
  const { side, record, clock, giveWay } = comparing;
  const counting: Counting = { compared: 0, reportedUnits: 0, ourUnits: 0, differing: 0, totals: {}, page: [] };
  const differing = new Set<string>();
  const listed: FoundDifference[] = [];
  const flush = async () => {
    if (counting.page.length === 0) return;
    await record.append({ type: 'DifferencesFound', differences: counting.page.splice(0), foundAt: clock.now() });
  };
  const look = async (sku: string, row: StatementRow | undefined) => {
    counting.compared += 1;
    if (counting.compared % SLICE_SKUS === 0) await giveWay();
    const found = await judged(sku, row, comparing, counting);
    if (found === undefined) return;
    await giveWay();
    differing.add(sku);
    counting.differing += 1;
    counting.totals = totalsWith(counting.totals, found);
    if (listed.length >= DIFFERENCES_MAX) return;
    listed.push(found);
    counting.page.push(found);
    if (counting.page.length >= DIFFERENCES_PER_EVENT) await flush();
  };

  const named = new Set<string>();
  for (const row of statement.rows) {
    named.add(row.sku);
    await look(row.sku, row);
  }
  if (statement.isComplete) for (const sku of side.skus()) if (!named.has(sku)) await look(sku, undefined);
  await flush();

  const settled: string[] = [];
  for (const sku of comparing.openSkus()) {
    if (!differing.has(sku) && (statement.isComplete || named.has(sku))) settled.push(sku);
  }
  for (let n = 0; n < settled.length; n += SETTLED_PER_EVENT) {
    await record.append({ type: 'DifferencesSettled', skus: settled.slice(n, n + SETTLED_PER_EVENT) });
  }
  const { compared, reportedUnits, ourUnits, totals } = counting;
  await record.append({
    type: 'StatementCompared',
    cut: String(side.cut),
    ...{ compared, equal: compared - counting.differing, reportedUnits, ourUnits, totals },
    notListed: counting.differing - listed.length,
    comparedAt: clock.now(),
  });
  return { differences: listed, settled };
}

async function judged(
  sku: string,
  row: StatementRow | undefined,
  { side, judging, planning, open }: Comparing,
  counting: Counting,
): Promise<FoundDifference | undefined> {
  const reported = row?.units ?? 0;
  counting.reportedUnits += reported;
  const { units, hasMoved } = side.figure(sku);
  // Most SKUs end here: they agree, and nothing is read for them. One that nobody has a unit of agrees too.
  if (!hasMoved && reported === (units ?? 0)) {
    counting.ourUnits += units ?? 0;
    return undefined;
  }
  const asOf = row?.asOf ?? judging.asOf;
  const known = await side.known(sku, asOf);
  counting.ourUnits += known.figure ?? 0;
  if (reported === (known.figure ?? 0)) return undefined;
  const difference = classify(row, known, judging, sku);
  if (difference === undefined) return undefined;
  const { attempts = 0, firstSeenAt } = open(sku) ?? {};
  const before = firstSeenAt === undefined ? {} : { firstSeenAt };
  return { ...difference, asOf, attempts, ...before, plan: planOf(difference, attempts, planning) };
}

// Compares one row of a statement with what we know, and says why they differ. Pure, so that tables and a property can
// hold it: what our own history made the system show is never called drift, however late the statement is.
import { plural } from '../plural.ts';
import type { Instant } from '../time.ts';
import { MINUTE } from '../time.ts';
import type { Difference } from './difference.ts';
import { acknowledged, type Known, type Unposted } from './known.ts';
import { afterSales, allows, type Claim, claimsOf } from './may-show.ts';
import type { StatementRow } from './statement.ts';

export interface Judging {
  /** How far the system's clock may be from ours. */
  readonly skewMsMax: number;
  /** How late the system's own sales may be told: fewer units for as long as that are taken for a sale on its way. */
  readonly factsWithinMs: number;
  /** Numbers of the system's own sequence are missing: facts of it are known to be on their way. */
  readonly hasGaps: boolean;
  /** Of the statement, for an SKU that is not in it. */
  readonly asOf: Instant;
}

export const DEFAULT_SKEW_MS = MINUTE;

/** Undefined: no difference. `row` undefined: a complete statement does not name the SKU. */
export function classify(
  row: StatementRow | undefined,
  known: Known,
  judging: Judging,
  sku: string,
): Difference | undefined {
  const last = acknowledged(known);
  const isKnown = known.figure !== undefined || known.tellings.length > 0;
  const asOf = row?.asOf ?? judging.asOf;
  const make = (of: Difference['class'], expected: number | undefined, why: string, more: Partial<Difference> = {}) => {
    const since = more.since ?? sinceOf(row, known, asOf);
    const units = (row?.units ?? 0) - (expected ?? 0);
    return {
      sku,
      class: of,
      ...(row === undefined ? {} : { reported: row.units }),
      ...(expected === undefined ? {} : { expected }),
      ...(last === undefined ? {} : { acknowledged: last.units }),
      ...(known.figure === undefined ? {} : { figure: known.figure }),
      units,
      ...(row?.unitPrice === undefined ? {} : { value: units * row.unitPrice }),
      ...(since === undefined ? {} : { since, ageMs: Math.max(0, asOf - since) }),
      ...(more.event === undefined ? {} : { event: more.event }),
      why,
    } satisfies Difference;
  };
  if (!isKnown) return row === undefined ? undefined : make('unknown-sku', undefined, 'we do not know this SKU');
  const figure = known.figure ?? 0;
  if ((row?.units ?? 0) === figure) return undefined;
  const claims = claimsOf(known);
  const { trueThen } = known;
  const expected = trueThen?.units ?? expectedAt(claims, asOf) ?? figure;
  if (known.isInFlight) return make('in-flight', expected, `an update to ${figure} is under way`);
  const { refused, unposted } = known;
  const shownNow = row?.units ?? 0;
  // Books are floored at 0 in a statement; a difference is only theirs where it is theirs to the unit.
  if (unposted !== undefined && unposted.movements > 0 && shownNow - figure === -unposted.units) {
    return make('in-flight', expected, unpostedText(unposted));
  }
  if (unposted?.dismissed !== undefined && shownNow - figure === -(unposted.units + unposted.dismissed.units)) {
    return make(unposted.movements > 0 ? 'in-flight' : 'explained', expected, dismissedText(unposted));
  }
  if (refused?.units === figure && row !== undefined && row.units === last?.units) {
    return make('explained', expected, `it refused ${figure}: ${refused.reason}`.slice(0, 200));
  }
  const shown = row?.units ?? 0;
  if (trueThen !== undefined && shown === trueThen.units) {
    return make('explained', shown, 'it was right then, by all that is known now', { event: trueThen.event });
  }
  const right = claimAt(claims, shown, asOf, judging.skewMsMax);
  if (right !== undefined) {
    const event = right.endedBy ?? right.event;
    return make('explained', shown, 'it was right then, and has been changed since', { event });
  }
  const first = claims[0];
  if (first !== undefined && asOf < first.from - judging.skewMsMax) {
    return make('explained', expected, 'it was told for the first time after that', { event: first.event });
  }
  if (row === undefined) return make('unknown-sku', expected, 'the system does not show this SKU');
  return unexplained({ row, known, judging, claims, expected, asOf, make });
}

/** The most common complaint in this field, by its name. */
function unpostedText({ movements, units, parked }: Unposted): string {
  const wait = `${plural(movements, 'movement waits', 'movements wait')} to be posted`;
  const apart = parked > 0 ? `, ${parked} of them apart because it refused one` : '';
  if (units < 0) return `the ERP still counts ${plural(-units, 'sold unit')}: ${wait}${apart}`;
  return `the ERP lacks ${plural(units, 'unit')}: ${wait}${apart}`;
}

function dismissedText({ movements, dismissed }: Unposted): string {
  const { movements: n, units } = dismissed!;
  const known = `${plural(n, `movement of ${plural(units, 'unit')} in all was`, `movements of ${plural(units, 'unit')} in all were`)} dismissed: the ERP never gets them`;
  return movements === 0 ? known : `${known}; ${plural(movements, 'more waits', 'more wait')} to be posted`;
}

type Make = (
  of: Difference['class'],
  expected: number | undefined,
  why: string,
  more?: Partial<Difference>,
) => Difference;

interface Unexplained {
  readonly row: StatementRow;
  readonly known: Known;
  readonly judging: Judging;
  readonly claims: readonly Claim[];
  readonly expected: number;
  readonly asOf: Instant;
  readonly make: Make;
}

function unexplained({ row, known, judging, claims, expected, asOf, make }: Unexplained): Difference {
  const last = acknowledged(known);
  if (last !== undefined) {
    if (row.version !== undefined && row.version < last.version) {
      const told = known.tellings.find(({ version }) => version === row.version);
      const why = `it holds version ${row.version}, and acknowledged ${last.version}`;
      return make('stale-publish', expected, why, told === undefined ? {} : { event: told.event });
    }
    // Without a version of its own: an older value of ours, long after a newer one was acknowledged.
    const older = row.version === undefined && claims.findLast((claim) => claim.to < asOf && allows(claim, row.units));
    if (older)
      return make('stale-publish', expected, `it shows ${older.units}, which was replaced`, { event: older.event });
  }
  if (row.units < expected) {
    const since = sinceOf(row, known, asOf);
    if (judging.hasGaps)
      return make('missing-fact', expected, 'it shows fewer, and facts of it are missing in its sequence');
    const isYoung = since !== undefined && asOf - since < judging.factsWithinMs;
    if (isYoung) return make('missing-fact', expected, 'it shows fewer: probably a sale that is not told yet');
  }
  return make('drift', expected, row.units > expected ? 'it shows too many' : 'it shows too few');
}

/** The claim under which the system rightly showed `units` at `asOf`, give or take the clocks. The latest, if several. */
function claimAt(claims: readonly Claim[], units: number, asOf: Instant, skewMs: number): Claim | undefined {
  return claims.findLast((claim) => claim.from - skewMs <= asOf && asOf <= claim.to + skewMs && allows(claim, units));
}

/** What it should have shown: the latest value it had by then, with every sale of its own taken off. */
function expectedAt(claims: readonly Claim[], asOf: Instant): number | undefined {
  const claim = claims.findLast(({ from }) => from <= asOf);
  return claim === undefined
    ? undefined
    : afterSales({ ...claim, sales: claim.sales.filter(({ occurredAt }) => occurredAt <= asOf) });
}

/** The last moment at which it is known to have been right: an acknowledgement, or its own change of the row after it. */
function sinceOf(row: StatementRow | undefined, known: Known, asOf: Instant): Instant | undefined {
  const told = known.tellings.findLast(({ outcome, finishedAt }) => outcome === 'confirmed' && finishedAt <= asOf);
  const at = told?.finishedAt ?? known.figures.findLast((change) => change.at <= asOf)?.at;
  const changedAt = row?.changedAt;
  if (changedAt === undefined || changedAt > asOf) return at;
  return at === undefined ? changedAt : Math.max(at, changedAt);
}

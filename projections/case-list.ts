// The list of exception cases as operations work it off: the most severe first, then the oldest; a page of those that a
// filter lets through, and how many there are by kind and by age. Pure.
import type { Case } from '../domain/exception/case.ts';
import type { CaseKind } from '../domain/exception/cause.ts';
import { type CaseStatus, isOpen } from '../domain/exception/machine.ts';
import { Severity } from '../domain/policy/escalation.ts';
import { type AgeBucket, ageBucket, ageMs, isOverdue } from './case-age.ts';
import type { CasesReader } from './cases.ts';

export interface CaseFilter {
  /** `open`: somebody still has to look, assigned or not. */
  readonly status: Exclude<CaseStatus, 'none'> | 'all';
  readonly kind?: CaseKind | undefined;
  readonly owner?: string | undefined;
  readonly severity?: Severity | undefined;
  readonly channel?: string | undefined;
  readonly location?: string | undefined;
  readonly sku?: string | undefined;
  readonly orderId?: string | undefined;
  readonly transferId?: string | undefined;
  readonly source?: string | undefined;
  /** Age at least this, ms. */
  readonly ageMsMin?: number | undefined;
  readonly isOverdue?: boolean | undefined;
  /** What the asker may see at all. */
  readonly sees: (state: Case) => boolean;
}

export interface CaseList {
  readonly cases: readonly Case[];
  /** The cursor of the next page; undefined on the last. */
  readonly next: string | undefined;
  readonly counts: CaseCounts;
}

/** Of all that the filter lets through, on every page. */
export interface CaseCounts {
  readonly total: number;
  /** Open, and later than their SLA. */
  readonly overdue: number;
  readonly byKind: Readonly<Partial<Record<CaseKind, number>>>;
  readonly byAge: Readonly<Record<AgeBucket, number>>;
}

export interface ListOptions {
  readonly now: number;
  readonly limit: number;
  /** `next` of the page before. */
  readonly cursor?: string | undefined;
}

/** One pass over the cases that are open where the status says so, else over all there ever were; keeps one page. */
export function listCases(cases: CasesReader, filter: CaseFilter, { now, limit, cursor }: ListOptions): CaseList {
  const after = cursor === undefined ? undefined : readCursor(cursor);
  const page: Case[] = [];
  const byKind: Partial<Record<CaseKind, number>> = {};
  const byAge = { 'under-1h': 0, '1h-to-1d': 0, '1d-to-7d': 0, 'over-7d': 0 };
  let [total, overdue] = [0, 0];
  const isAboutOpen = filter.status === 'open' || filter.status === 'assigned';
  for (const state of isAboutOpen ? cases.open() : cases.all()) {
    if (!matches(state, filter, now)) continue;
    total += 1;
    if (isOverdue(state, now)) overdue += 1;
    byKind[state.kind!] = (byKind[state.kind!] ?? 0) + 1;
    byAge[ageBucket(ageMs(state, now))] += 1;
    if (after === undefined || byUrgency(after, state) < 0) keepFirst(page, state, limit + 1);
  }
  const next = page.length > limit ? cursorOf(page[limit - 1]!) : undefined;
  return { cases: page.slice(0, limit), next, counts: { total, overdue, byKind, byAge } };
}

function matches(state: Case, filter: CaseFilter, now: number): boolean {
  const { status, kind, owner, severity, channel, location, sku, orderId, transferId, source, ageMsMin } = filter;
  return (
    (status === 'all' || state.status === status || (status === 'open' && isOpen(state.status))) &&
    (kind === undefined || state.kind === kind) &&
    (owner === undefined || state.owner === owner) &&
    (severity === undefined || state.severity === severity) &&
    (channel === undefined || state.subject.channel === channel) &&
    (location === undefined || state.subject.location === location) &&
    (sku === undefined || state.subject.sku === sku) &&
    (orderId === undefined || state.subject.orderId === orderId) &&
    (transferId === undefined || state.subject.transferId === transferId) &&
    (source === undefined || state.subject.source === source) &&
    (ageMsMin === undefined || ageMs(state, now) >= ageMsMin) &&
    (filter.isOverdue === undefined || isOverdue(state, now) === filter.isOverdue) &&
    filter.sees(state)
  );
}

type Place = Pick<Case, 'id' | 'severity' | 'openedAt'>;

function byUrgency(a: Place, b: Place): number {
  const severity = Severity.options.indexOf(b.severity) - Severity.options.indexOf(a.severity);
  return severity || a.openedAt - b.openedAt || (a.id < b.id ? -1 : Number(a.id > b.id));
}

/** Puts `state` where it belongs among the first `max`, which stay in order. */
function keepFirst(first: Case[], state: Case, max: number): void {
  if (first.length === max && byUrgency(first[max - 1]!, state) < 0) return;
  let [low, high] = [0, first.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (byUrgency(first[middle]!, state) < 0) low = middle + 1;
    else high = middle;
  }
  first.splice(low, 0, state);
  if (first.length > max) first.pop();
}

export const CASE_CURSOR = /^(low|medium|high|critical)\.(\d{1,15})\.([a-z-]{1,40}-[0-9a-f]{16})$/;

function cursorOf({ id, severity, openedAt }: Place): string {
  return `${severity}.${openedAt}.${id}`;
}

function readCursor(cursor: string): Place | undefined {
  const [, severity, openedAt, id] = CASE_CURSOR.exec(cursor) ?? [];
  return id === undefined ? undefined : { id, severity: severity as Severity, openedAt: Number(openedAt) };
}

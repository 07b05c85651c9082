// Numbers of a source that stay missing: what was sent and never received. Sources deliver out of order, so a gap is a
// case only when it stayed. The case is about the numbers that were missing when it was opened: it lasts while any is.
import type { Case } from '../../domain/exception/case.ts';
import type { CaseSink, Cause } from '../../domain/exception/cause.ts';
import type { CasesReader } from '../../projections/cases.ts';
import type { Gap } from '../../projections/sequence-set.ts';
import type { SourceSequences } from '../../projections/source-sequences.ts';
import type { Remedy } from './remedies.ts';
import { createSince, type Look } from './watching.ts';

export interface GapRoom {
  readonly sequences: () => Pick<SourceSequences, 'gaps' | 'gapped' | 'forgotten'>;
  readonly cases: () => Pick<CasesReader, 'lasting'>;
  readonly sink: Pick<CaseSink, 'raise' | 'cleared'>;
  readonly patienceMs: number;
}

/** More gaps of one source than this are one case. */
const CASES_PER_SOURCE_MAX = 20;
/** Of a long list of gaps, told to people. */
const TOLD_MAX = 10;

export function watchGaps({ sequences, cases, sink, patienceMs }: GapRoom): Look {
  const since = createSince();
  return (now) => {
    const known = rangesBySource(cases().lasting('sequence-gap'));
    for (const [source, ranges] of known) {
      for (const range of ranges) {
        const missing = missingOf(sequences(), source, range);
        if (missing === undefined) sink.cleared('sequence-gap', keyOf(source, range));
        else if (detailOf(source, missing) !== range.detail) sink.raise(causeOf(source, range, missing));
      }
    }
    const fresh = new Map<string, { readonly source: string; readonly gap: Gap }>();
    for (const source of sequences().gapped()) {
      const ranges = known.get(source) ?? [];
      const gaps = sequences()
        .gaps(source)
        .filter((gap) => !ranges.some((range) => meet(range, gap)));
      for (const gap of merged(gaps)) fresh.set(keyOf(source, gap), { source, gap });
    }
    for (const [key, from] of since.last(fresh.keys(), now)) {
      const { source, gap } = fresh.get(key)!;
      if (now - from < patienceMs) continue;
      sink.raise(causeOf(source, gap, missingOf(sequences(), source, gap) ?? [gap]));
    }
  };
}

/** Looks again: what arrived meanwhile is seen without waiting for the next look. */
export function recheckGap({ sequences }: Pick<GapRoom, 'sequences'>): Remedy {
  return ({ key }) => {
    const range = parseKey(key);
    const missing = range && missingOf(sequences(), range.source, range);
    if (range === undefined || missing === undefined) return { isGone: true, detail: 'everything has arrived' };
    return { isGone: false, detail: `${detailOf(range.source, missing)}; ask the source to send it again` };
  };
}

interface Range extends Gap {
  readonly detail?: string;
}

/** What of the range is missing still; undefined: nothing. */
function missingOf(
  sequences: Pick<SourceSequences, 'gaps' | 'forgotten'>,
  source: string,
  range: Gap,
): readonly Gap[] | undefined {
  const missing = sequences
    .gaps(source)
    .filter((gap) => meet(gap, range))
    .map(({ from, to }) => ({ from: Math.max(from, range.from), to: Math.min(to, range.to) }));
  if (missing.length > 0) return missing;
  // Gaps that were closed to stay within a limit look like gaps that were filled: such a case is for people to close.
  return sequences.forgotten(source) > 0 ? [range] : undefined;
}

function causeOf(source: string, range: Gap, missing: readonly Gap[]): Cause {
  return {
    kind: 'sequence-gap',
    key: keyOf(source, range),
    subject: { source },
    detail: detailOf(source, missing),
    proposals: [`let ${source} send the missing numbers again`, 'count the stock that they may have moved'],
  };
}

function detailOf(source: string, missing: readonly Gap[]): string {
  const numbers = missing.reduce((sum, { from, to }) => sum + to - from + 1, 0);
  const told = missing.slice(0, TOLD_MAX).map(({ from, to }) => (from === to ? `${from}` : `${from} to ${to}`));
  const more = missing.length > TOLD_MAX ? ' and more' : '';
  return `${source} sent ${numbers} that never arrived: ${told.join(', ')}${more}`;
}

function merged(gaps: readonly Gap[]): readonly Gap[] {
  return gaps.length > CASES_PER_SOURCE_MAX ? [{ from: gaps[0]!.from, to: gaps.at(-1)!.to }] : gaps;
}

const meet = (a: Gap, b: Gap) => a.from <= b.to && b.from <= a.to;

function keyOf(source: string, { from, to }: Gap): string {
  return `source:${source}:${from}-${to}`;
}

const KEY = /^source:(.*):(\d+)-(\d+)$/s;

function parseKey(key: string): { readonly source: string; readonly from: number; readonly to: number } | undefined {
  const [, source, from, to] = KEY.exec(key) ?? [];
  return source === undefined ? undefined : { source, from: Number(from), to: Number(to) };
}

function rangesBySource(cases: Iterable<Case>): ReadonlyMap<string, readonly Range[]> {
  const bySource = new Map<string, Range[]>();
  for (const { key, detail } of cases) {
    const range = parseKey(key);
    if (range === undefined) continue;
    const ranges = bySource.get(range.source) ?? [];
    ranges.push({ from: range.from, to: range.to, detail });
    bySource.set(range.source, ranges);
  }
  return bySource;
}

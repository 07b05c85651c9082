// Which sequence numbers of each source are in the log, so that a gap (something sent and never received) is seen (R5).
// The first number seen is a source's start, not a gap. Sources that send no numbers do not appear.
import type { Page, Projection } from './projection.ts';
import { EMPTY_SEQUENCE, type Gap, gapsOf, type SequenceSet, withSequence } from './sequence-set.ts';

export const SOURCE_SEQUENCES = 'source-sequences';

export interface SourceSummary {
  readonly source: string;
  readonly first: number;
  readonly last: number;
  readonly gaps: number;
  /** Numbers missing in those gaps. */
  readonly missing: number;
  /** Numbers missing in gaps that were closed to stay within the limit. */
  readonly forgotten: number;
}

export interface SourceSequences extends Projection {
  gaps(source: string): readonly Gap[];
  /** Sources of which something is missing. */
  gapped(): Iterable<string>;
  /** Numbers missing in gaps of the source that were closed to stay within the limit. */
  forgotten(source: string): number;
  /** In the order in which they were first seen. */
  sources(): Iterable<SourceSummary>;
}

const SOURCES_MAX = 100_000;
const SOURCES_PER_PAGE = 64;

export function createSourceSequences(): SourceSequences {
  const places = new Map<string, number>();
  const sources: string[] = [];
  const sets: SequenceSet[] = [];
  const changed = new Set<number>();
  const gapped = new Set<string>();

  const page = (number: number): Page => {
    const [from, to] = [number * SOURCES_PER_PAGE, (number + 1) * SOURCES_PER_PAGE];
    const rows = sources.slice(from, to).map((id, n) => [id, sets[from + n]!.forgotten, sets[from + n]!.ranges]);
    return { key: `sources/${number}`, bytes: Buffer.from(JSON.stringify(rows)) };
  };
  const placeOf = (source: string): number => {
    const known = places.get(source);
    if (known !== undefined) return known;
    if (sources.length >= SOURCES_MAX) throw new Error(`more than ${SOURCES_MAX} sources number what they send`);
    places.set(source, sources.length);
    sources.push(source);
    sets.push(EMPTY_SEQUENCE);
    return sources.length - 1;
  };

  const put = (place: number, set: SequenceSet) => {
    sets[place] = set;
    if (set.ranges.length > 2) gapped.add(sources[place]!);
    else gapped.delete(sources[place]!);
  };

  return {
    name: SOURCE_SEQUENCES,
    version: 1,
    apply({ data }) {
      const { source, sequence } = data;
      if (typeof sequence !== 'number' || typeof source !== 'string') return;
      const place = placeOf(source);
      const before = sets[place]!;
      const after = withSequence(before, sequence);
      if (after === before) return;
      put(place, after);
      changed.add(Math.floor(place / SOURCES_PER_PAGE));
    },
    takeChangedPages() {
      const pages = [...changed].sort((a, b) => a - b).map(page);
      changed.clear();
      return pages;
    },
    restore(pages) {
      const inOrder = [...pages].sort((a, b) => Number(a.key.split('/')[1]) - Number(b.key.split('/')[1]));
      for (const { bytes } of inOrder) {
        for (const [id, forgotten, ranges] of JSON.parse(Buffer.from(bytes).toString()) as [
          string,
          number,
          number[],
        ][]) {
          put(placeOf(id), { ranges, forgotten });
        }
      }
    },
    gaps(source) {
      const place = places.get(source);
      return place === undefined ? [] : gapsOf(sets[place]!);
    },
    gapped: () => gapped,
    forgotten: (source) => sets[places.get(source) ?? -1]?.forgotten ?? 0,
    *sources() {
      for (const [place, source] of sources.entries()) yield summaryOf(source, sets[place]!);
    },
  };
}

function summaryOf(source: string, set: SequenceSet): SourceSummary {
  const { ranges, forgotten } = set;
  const gaps = gapsOf(set);
  const missing = gaps.reduce((sum, gap) => sum + gap.to - gap.from + 1, 0);
  return { source, first: ranges[0]!, last: ranges.at(-1)!, gaps: gaps.length, missing, forgotten };
}

// What a benchmark measures: a named number with all its samples, of which the median is shown.
import { median } from './statistics.ts';

export type Unit = '/s' | 'ms' | 'µs' | 'ns' | 's' | 'KB' | 'MB' | 'cores' | '×' | 'events' | 'calls' | 'batches' | '%';

export interface Figure {
  /** Dotted, from the part down: `http.evenstock.sale.hot`. */
  readonly id: string;
  readonly title: string;
  readonly unit: Unit;
  readonly samples: readonly number[];
  readonly note?: string;
}

export function figure(
  id: string,
  title: string,
  unit: Unit,
  samples: number | readonly number[],
  note?: string,
): Figure {
  return {
    id,
    title,
    unit,
    samples: typeof samples === 'number' ? [samples] : samples,
    ...(note === undefined ? {} : { note }),
  };
}

/** All figures of a run, by id. */
export type Figures = ReadonlyMap<string, Figure>;

/** The median of a figure; undefined when it was not measured. */
export function medianOf(figures: Figures, id: string): number | undefined {
  const found = figures.get(id);
  return found === undefined ? undefined : median(found.samples);
}

// A chart of figures over time (uPlot), in the colours of the theme, as wide as its place. uPlot is loaded when the first
// chart is shown. What the chart tells must also stand in words or in a table beside it.
import { html } from 'htm/preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type uPlot from 'uplot';
import { theme } from '../shell/theme.ts';

export interface Series {
  readonly label: string;
  /** As many as there are times; null: not known then. */
  readonly values: readonly (number | null)[];
  /** Number of the colour: `--series-1` to `--series-6`. */
  readonly colour: number;
  readonly isStepped?: boolean;
  readonly isDashed?: boolean;
}

export interface ChartProps {
  /** What it shows, in a sentence. */
  readonly label: string;
  /** Seconds since the epoch, ascending. */
  readonly times: readonly number[];
  readonly series: readonly Series[];
  /** How a value is written. */
  readonly format: (value: number) => string;
  /** There are no parts of one: the axis has none. */
  readonly isWhole?: boolean;
  /** px. */
  readonly height?: number;
  /** What is drawn besides, such as a budget; those of the first time are kept. */
  readonly plugins?: readonly uPlot.Plugin[];
  /** The part of the times that is shown; default: all. */
  readonly view?: readonly [from: number, to: number] | undefined;
  /** Somebody drew over a part of it. */
  onView?(view: readonly [from: number, to: number]): void;
  /** Somebody clicked nearest to the time of this index. */
  onPick?(index: number): void;
}

const RETRY_MS = 5_000;
/** Steps of an axis without parts of one, up to 5 billion. */
const WHOLE_STEPS = Array.from({ length: 10 }, (_, power) => [1, 2, 5].map((n) => n * 10 ** power)).flat();
const DAY_S = 86_400;
const DAY_AND_TIME = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});
const CLOCK = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

export function Chart(props: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | undefined>(undefined);
  const latest = useRef(props);
  const [attempt, setAttempt] = useState(0);
  latest.current = props;
  const shape = `${theme.value} ${props.series.map(({ label, colour }) => `${label} ${colour}`).join(' ')}`;
  useEffect(() => {
    const element = place.current!;
    let isGone = false;
    const resize = new ResizeObserver(() =>
      chart.current?.setSize({ width: element.clientWidth, height: heightOf(latest.current) }),
    );
    let again: ReturnType<typeof setTimeout> | undefined;
    const draw = ({ default: Plot }: { readonly default: typeof uPlot }) => {
      if (isGone) return;
      const plot = new Plot(optionsOf(Plot, latest, element.clientWidth), dataOf(latest.current), element);
      plot.over.addEventListener(
        'click',
        () => typeof plot.cursor.idx === 'number' && latest.current.onPick?.(plot.cursor.idx),
      );
      chart.current = plot;
      show(plot, latest.current);
      resize.observe(element);
    };
    // The server may be gone just now.
    const failed = () => {
      if (!isGone) again = setTimeout(() => setAttempt((before) => before + 1), RETRY_MS);
    };
    import('uplot').then(draw, failed);
    return () => {
      isGone = true;
      clearTimeout(again);
      resize.disconnect();
      chart.current?.destroy();
      chart.current = undefined;
    };
  }, [shape, attempt]);
  useEffect(() => {
    if (chart.current === undefined) return;
    chart.current.setData(dataOf(props), false);
    show(chart.current, props);
  }, [props.times, props.series, props.view?.[0], props.view?.[1]]);
  return html`<div class="chart" ref=${place} role="img" aria-label=${props.label}></div>`;
}

/** `setData` leaves the axis of times as it was. */
function show(plot: uPlot, { times, view }: ChartProps): void {
  const [min, max] = view ?? [times[0]!, times.at(-1)!];
  if (max > min) plot.setScale('x', { min, max });
  else plot.setData(plot.data);
}

function heightOf({ height = 220 }: ChartProps): number {
  return height;
}

function dataOf({ times, series }: ChartProps): uPlot.AlignedData {
  return [[...times], ...series.map(({ values }) => [...values])] as uPlot.AlignedData;
}

function optionsOf(Plot: typeof uPlot, latest: { readonly current: ChartProps }, width: number): uPlot.Options {
  const props = latest.current;
  const { series, format } = props;
  const style = getComputedStyle(document.documentElement);
  const token = (name: string) => style.getPropertyValue(name).trim();
  const axis = {
    stroke: token('--text-quiet'),
    grid: { stroke: token('--line'), width: 1 },
    ticks: { show: false },
    font: `12px ${token('--font')}`,
  };
  return {
    width,
    height: heightOf(props),
    cursor: { points: { size: 7 }, y: false, drag: { setScale: props.onView === undefined } },
    hooks: { setSelect: [(plot) => drawn(plot, latest.current)] },
    legend: { live: true },
    scales: { y: { range: () => extent(latest.current) } },
    axes: [
      { ...axis, space: 90, size: 34, values: (plot, times) => times.map(clockOf(plot)) },
      {
        ...axis,
        size: 64,
        ...(props.isWhole && { incrs: WHOLE_STEPS }),
        values: (_, values) => values.map((value) => format(value)),
      },
    ],
    series: [
      { value: (plot, time) => (time === null ? '' : clockOf(plot)(time)) },
      ...series.map((one) => ({
        label: one.label,
        stroke: token(`--series-${one.colour}`),
        width: 2,
        points: { show: false },
        value: (_: uPlot, value: number | null) => (value === null ? '–' : format(value)),
        ...(one.isDashed ? { dash: [6, 4] } : {}),
        ...(one.isStepped ? { paths: Plot.paths.stepped!({ align: 1 }) } : {}),
      })),
    ],
    plugins: [...(props.plugins ?? [])],
  };
}

function drawn(plot: uPlot, { onView }: ChartProps): void {
  const { left, width } = plot.select;
  if (onView === undefined || width === 0) return;
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  onView([plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x')]);
}

/** Of all values, so that the height does not jump when a part is shown. */
function extent({ series }: ChartProps): [low: number, high: number] {
  let [low, high] = [0, 0];
  for (const { values } of series) {
    for (const value of values) {
      if (value === null) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return [low, high === 0 ? 1 : high * 1.1];
}

/** With the day where more than one is shown. */
function clockOf({ scales }: uPlot): (time: number) => string {
  const { min, max } = scales['x']!;
  const format = (max ?? 0) - (min ?? 0) > DAY_S ? DAY_AND_TIME : CLOCK;
  return (time) => format.format(time * 1_000);
}

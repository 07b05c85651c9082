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
  /** px. */
  readonly height?: number;
  /** Lines across, such as a budget. */
  readonly plugins?: readonly uPlot.Plugin[];
}

const RETRY_MS = 5_000;
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
      chart.current = new Plot(optionsOf(latest.current, element.clientWidth), dataOf(latest.current), element);
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
  useEffect(() => chart.current?.setData(dataOf(props)), [props.times, props.series]);
  return html`<div class="chart" ref=${place} role="img" aria-label=${props.label}></div>`;
}

function heightOf({ height = 220 }: ChartProps): number {
  return height;
}

function dataOf({ times, series }: ChartProps): uPlot.AlignedData {
  return [[...times], ...series.map(({ values }) => [...values])] as uPlot.AlignedData;
}

function optionsOf(props: ChartProps, width: number): uPlot.Options {
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
    cursor: { points: { size: 7 }, y: false },
    legend: { live: true },
    scales: { y: { range: (_, low, high) => [Math.min(0, low), high <= 0 ? 1 : high * 1.1] } },
    axes: [
      { ...axis, space: 90, size: 34, values: (_, times) => times.map((time) => CLOCK.format(time * 1_000)) },
      { ...axis, size: 64, values: (_, values) => values.map((value) => format(value)) },
    ],
    series: [
      { value: (_, time) => (time === null ? '' : CLOCK.format(time * 1_000)) },
      ...series.map((one) => ({
        label: one.label,
        stroke: token(`--series-${one.colour}`),
        width: 2,
        points: { show: false },
        value: (_: uPlot, value: number | null) => (value === null ? '–' : format(value)),
        ...(one.isDashed ? { dash: [6, 4] } : {}),
        ...(one.isStepped ? { paths: stepped } : {}),
      })),
    ],
    plugins: [...(props.plugins ?? [])],
  };
}

/** uPlot's own; asked for late, because uPlot is. */
const stepped: uPlot.Series.PathBuilder = (plot, ...rest) => {
  const { paths } = plot.constructor as typeof uPlot;
  return paths.stepped!({ align: 1 })(plot, ...rest);
};

// Curves over the minutes of a run, one above the other, as parts of an SVG. Follows the reader's choice of light or dark.
import { escaped, niceMax, round } from './svg.ts';

export interface AtMinute {
  readonly minute: number;
}

export interface Curve<Sample extends AtMinute> {
  readonly title: string;
  /** NaN: nothing is known; the line goes on from the last that is. */
  readonly of: (sample: Sample) => number;
}

export const WIDTH = 900;
export const LEFT = 70;
export const RIGHT = 20;
const PANEL = 96;
const GAP = 40;

export const STYLE = `
  text { font: 12px system-ui, sans-serif; fill: #1d2733 }
  .title { font-size: 17px; font-weight: 600 } .curve-title { font-weight: 600 } .quiet { fill: #5b6774 }
  .ground { fill: #ffffff } .grid { stroke: #d5dbe2 } .line { fill: none; stroke: #0b57d0; stroke-width: 2 }
  .area { fill: #0b57d0; fill-opacity: .1 }
  .fault { stroke: #b3261e } .people { stroke: #1e7d34; stroke-dasharray: 5 3 } text.fault { fill: #b3261e; stroke: none } text.people { fill: #1e7d34; stroke: none }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6ebf0 } .quiet { fill: #9aa7b4 } .ground { fill: #11161c } .grid { stroke: #2c3743 } .line { stroke: #8ab4f8 } .area { fill: #8ab4f8 }
    .fault { stroke: #f2a19b } .people { stroke: #7fd394 } text.fault { fill: #f2a19b } text.people { fill: #7fd394 }
  }`;

/** 135 → `2:15` */
export function clock(minute: number): string {
  return `${Math.floor(minute / 60)}:${String(Math.floor(minute % 60)).padStart(2, '0')}`;
}

/** Where a minute is. */
export function across(end: number): (minute: number) => number {
  return (minute) => round(LEFT + (minute / end) * (WIDTH - LEFT - RIGHT));
}

/** Where the last of so many panels ends. */
export function panelsEnd(first: number, count: number): number {
  return first + count * (PANEL + GAP) - GAP;
}

/** @param first where the first panel begins */
export function panels<S extends AtMinute>(
  shown: readonly Curve<S>[],
  samples: readonly S[],
  first: number,
  x: (minute: number) => number,
): string {
  return shown.map((curve, n) => panel(curve, samples, first + n * (PANEL + GAP), x)).join('\n');
}

function panel<S extends AtMinute>(
  { title, of }: Curve<S>,
  all: readonly S[],
  top: number,
  x: (minute: number) => number,
): string {
  const samples = all.filter((sample) => !Number.isNaN(of(sample)));
  const highest = Math.max(1, ...samples.map(of));
  const most = highest === 1 ? 1 : niceMax(highest);
  const y = (value: number) => round(top + PANEL * (1 - value / most));
  const points = samples.map((sample) => `${x(sample.minute)} ${y(of(sample))}`);
  const ends = [x(samples[0]!.minute), x(samples.at(-1)!.minute)];
  const ticks = [0, most / 2, most].map(
    (value) =>
      `<path class="grid" d="M${LEFT} ${y(value)}H${WIDTH - RIGHT}"/><text class="quiet" x="${LEFT - 8}" y="${y(value) + 4}" text-anchor="end">${value.toLocaleString('en')}</text>`,
  );
  return [
    `<text class="curve-title" x="${LEFT}" y="${top - 8}">${escaped(title)}</text>`,
    ...ticks,
    `<path class="area" d="M${ends[0]} ${y(0)}L${points.join('L')}L${ends[1]} ${y(0)}Z"/>`,
    `<path class="line" d="M${points.join('L')}"/>`,
  ].join('\n');
}

export function hours(end: number, x: (minute: number) => number, bottom: number): string {
  const step = [1, 2, 5, 10, 15, 30, 60, 120, 240].find((minutes) => end / minutes <= 12) ?? 480;
  return Array.from({ length: Math.floor(end / step) + 1 }, (_, n) => n * step)
    .map(
      (minute) =>
        `<text class="quiet" x="${x(minute)}" y="${bottom + 20}" text-anchor="middle">${clock(minute)}</text>`,
    )
    .join('\n');
}

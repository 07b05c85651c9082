// The picture of a rehearsal as SVG: its curves one above the other over the same minutes, with what happened and what people
// did as lines across. Follows the reader's choice of light or dark.
import { escaped, niceMax, round } from '../support/svg.ts';
import { type Act, clock, type Played } from './rehearsal.ts';
import type { Curve, Sample } from './samples.ts';

const WIDTH = 900;
const LEFT = 70;
const RIGHT = 20;
const TOP = 64;
const PANEL = 96;
const GAP = 40;
const NOTE = 17;

const STYLE = `
  text { font: 12px system-ui, sans-serif; fill: #1d2733 }
  .title { font-size: 17px; font-weight: 600 } .curve-title { font-weight: 600 } .quiet { fill: #5b6774 }
  .ground { fill: #ffffff } .grid { stroke: #d5dbe2 } .line { fill: none; stroke: #0b57d0; stroke-width: 2 }
  .area { fill: #0b57d0; fill-opacity: .1 }
  .fault { stroke: #b3261e } .people { stroke: #1e7d34; stroke-dasharray: 5 3 } text.fault { fill: #b3261e; stroke: none } text.people { fill: #1e7d34; stroke: none }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6ebf0 } .quiet { fill: #9aa7b4 } .ground { fill: #11161c } .grid { stroke: #2c3743 } .line { stroke: #8ab4f8 } .area { fill: #8ab4f8 }
    .fault { stroke: #f2a19b } .people { stroke: #7fd394 } text.fault { fill: #f2a19b } text.people { fill: #7fd394 }
  }`;

export function curves({ rehearsal, samples, checks }: Played): string {
  const { title, acts, curves: shown } = rehearsal;
  const end = Math.max(...samples.map(({ minute }) => minute));
  const x = (minute: number) => round(LEFT + (minute / end) * (WIDTH - LEFT - RIGHT));
  const first = TOP + acts.length * NOTE + 24;
  const bottom = first + shown.length * (PANEL + GAP) - GAP;
  const broken = checks.filter(({ holds }) => !holds).length;
  const verdict = broken === 0 ? 'nothing lost, nothing doubled, all agree at the end' : `${broken} checks BROKEN`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${bottom + 34}" role="img" aria-labelledby="t d">
<title id="t">${escaped(title)}</title>
<desc id="d">${escaped(acts.map(({ at, says }) => `${clock(at)} ${says}`).join('; '))}: ${verdict}.</desc>
<style>${STYLE}</style>
<rect class="ground" width="${WIDTH}" height="${bottom + 34}"/>
<text class="title" x="${LEFT}" y="28">${escaped(title)}</text>
<text class="quiet" x="${LEFT}" y="48">${escaped(verdict)}</text>
${acts.map((act, n) => actLine(act, n, x, bottom)).join('\n')}
${shown.map((curve, n) => panel(curve, samples, first + n * (PANEL + GAP), x)).join('\n')}
${hours(end, x, bottom)}
</svg>
`;
}

function actLine({ at, says, by }: Act, n: number, x: (minute: number) => number, bottom: number): string {
  const y = TOP + n * NOTE;
  const isLate = x(at) > WIDTH * 0.6;
  const text = `<text class="${by}" x="${x(at) + (isLate ? -5 : 5)}" y="${y + 11}"${isLate ? ' text-anchor="end"' : ''}>${clock(at)} ${escaped(says)}</text>`;
  return `<path class="${by}" d="M${x(at)} ${y}V${bottom}"/>${text}`;
}

function panel({ title, of }: Curve, samples: readonly Sample[], top: number, x: (minute: number) => number): string {
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

function hours(end: number, x: (minute: number) => number, bottom: number): string {
  const step = [1, 2, 5, 10, 15, 30, 60, 120, 240].find((minutes) => end / minutes <= 12) ?? 480;
  return Array.from({ length: Math.floor(end / step) + 1 }, (_, n) => n * step)
    .map(
      (minute) =>
        `<text class="quiet" x="${x(minute)}" y="${bottom + 20}" text-anchor="middle">${clock(minute)}</text>`,
    )
    .join('\n');
}

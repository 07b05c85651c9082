// The scenario's picture as SVG: over the day, units shown that nobody could have and orders oversold, for both runs, with
// the promotion and the troubles behind them. Made of the results alone, so the same results give the same file.
import { escaped, niceMax, round } from '../support/svg.ts';
import { DAY_MINUTES, type Minute } from './day.ts';
import type { Moment, RunResult } from './result.ts';

export interface Span {
  readonly label: string;
  readonly from: Minute;
  readonly to: Minute;
}

interface Panel {
  readonly title: string;
  readonly top: number;
  readonly of: (moment: Moment) => number;
}

const WIDTH = 960;
const LEFT = 64;
const RIGHT = 24;
const PANEL_HEIGHT = 170;
const SPAN_TOP = 66;
const SPAN_HEIGHT = 15;
const HEIGHT_BELOW = 34;
const PANEL_GAP = 52;
/** Told apart without colour too: the first is dashed. */
const LINES = [
  { colour: '#b3261e', dash: '6 3' },
  { colour: '#0b57d0', dash: '' },
] as const;
const OPENS_AT_HOUR = 7;

/** @param runs at most two, the one to compare with first */
export function picture(runs: readonly RunResult[], spans: readonly Span[]): string {
  const bandsEnd = SPAN_TOP + spans.length * SPAN_HEIGHT;
  const panels: readonly Panel[] = [
    { title: 'units shown that nobody could have', top: bandsEnd + 30, of: ({ overshown }) => overshown },
    {
      title: 'orders oversold so far',
      top: bandsEnd + 30 + PANEL_HEIGHT + PANEL_GAP,
      of: ({ oversold }) => oversold,
    },
  ];
  const bottom = panels.at(-1)!.top + PANEL_HEIGHT;
  const height = bottom + HEIGHT_BELOW;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="12" role="img" aria-labelledby="title description">
<title id="title">One trading day, ${escaped(runs.map(({ name }) => name).join(' and '))}</title>
<desc id="description">${escaped(runs.map(summary).join(' '))}</desc>
<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>
${runs.map(legend).join('\n')}
${spans.map((span, n) => band(span, n, bottom)).join('\n')}
${panels.map((panel) => drawPanel(panel, runs)).join('\n')}
${hours(bottom)}
</svg>
`;
}

const x = (at: Minute) => round(LEFT + (at / DAY_MINUTES) * (WIDTH - LEFT - RIGHT));

function summary({ name, orders, moments }: RunResult): string {
  const most = Math.max(0, ...moments.map(({ overshown }) => overshown));
  return `${name}: ${orders.oversold} orders oversold, at worst ${most} units shown that nobody could have.`;
}

function legend({ name }: RunResult, n: number): string {
  const { colour, dash } = LINES[n % LINES.length]!;
  const at = LEFT + n * 300;
  return `<path d="M${at} 26h28" stroke="${colour}" stroke-width="2"${dashed(dash)}/><text x="${at + 36}" y="30" font-size="14">${escaped(name)}</text>`;
}

function band({ label, from, to }: Span, n: number, bottom: number): string {
  const top = SPAN_TOP + n * SPAN_HEIGHT;
  const width = round(x(to) - x(from));
  return `<rect x="${x(from)}" y="${top}" width="${width}" height="${bottom - top}" fill="#000000" fill-opacity="0.05"/><text x="${x(from) + 3}" y="${top + 11}" font-size="11" fill="#444444">${escaped(label)}</text>`;
}

function drawPanel({ title, top, of }: Panel, runs: readonly RunResult[]): string {
  const most = niceMax(Math.max(1, ...runs.flatMap(({ moments }) => moments.map(of))));
  const y = (value: number) => round(top + PANEL_HEIGHT * (1 - value / most));
  const ticks = [0, most / 2, most].map(
    (value) =>
      `<path d="M${LEFT} ${y(value)}H${WIDTH - RIGHT}" stroke="#cccccc"/><text x="${LEFT - 8}" y="${y(value) + 4}" text-anchor="end" fill="#444444">${value.toLocaleString('en')}</text>`,
  );
  const lines = runs.map(({ moments }, n) => {
    const { colour, dash } = LINES[n % LINES.length]!;
    return `<path d="${steps(moments, of, y)}" fill="none" stroke="${colour}" stroke-width="2"${dashed(dash)}/>`;
  });
  return [`<text x="${LEFT}" y="${top - 10}" font-weight="600">${escaped(title)}</text>`, ...ticks, ...lines].join(
    '\n',
  );
}

/** A value holds until the next one. */
function steps(moments: readonly Moment[], of: (moment: Moment) => number, y: (value: number) => number): string {
  const [first, ...rest] = moments;
  if (first === undefined) return 'M0 0';
  return `M${x(first.at)} ${y(of(first))}${rest.map((moment) => `H${x(moment.at)}V${y(of(moment))}`).join('')}`;
}

function hours(bottom: number): string {
  const marks = Array.from({ length: DAY_MINUTES / 120 + 1 }, (_, n) => n * 120);
  return marks
    .map(
      (at) =>
        `<text x="${x(at)}" y="${bottom + 20}" text-anchor="middle" fill="#444444">${OPENS_AT_HOUR + at / 60}:00</text>`,
    )
    .join('\n');
}

const dashed = (dash: string) => (dash === '' ? '' : ` stroke-dasharray="${dash}"`);

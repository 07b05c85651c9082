// The picture of an overload as SVG: what was offered and what became of it, how long it took, and what the server held.
import { across, type Curve, hours, LEFT, panels, panelsEnd, STYLE, WIDTH } from '../support/curve-panels.ts';
import { escaped } from '../support/svg.ts';
import type { Check } from './checks.ts';
import type { Run } from './overload.ts';
import { PATIENCE_MS as HEALTH_PATIENCE_MS, type Moment } from './watch.ts';

const TITLE = 'Overload';
const TOP = 64;
const NOTE = 17;
const FIRST = TOP + 2 * NOTE + 24;
/** Dots across: a line of every second would be a smear. */
const POINTS = 300;

/** What was not answered was waited for so long (./watch.ts). */
const healthOf = ({ healthMs }: Moment) => (Number.isNaN(healthMs) ? HEALTH_PATIENCE_MS : healthMs);
const refusalsOf = ({ crowd }: Moment) => Object.values(crowd.refusals).reduce((sum, n) => sum + n, 0);

const CURVES: readonly Curve<Moment>[] = [
  { title: 'commands offered a second', of: ({ crowd }) => crowd.offered },
  { title: 'commands accepted a second', of: ({ crowd }) => crowd.accepted },
  { title: 'refusals a second, each with Retry-After', of: refusalsOf },
  { title: 'accepted, one by one: p50, ms', of: ({ crowd }) => crowd.p50Ms },
  { title: 'accepted, one by one: p99, ms', of: ({ crowd }) => crowd.p99Ms },
  { title: 'health over a new connection, ms', of: healthOf },
  { title: 'overview, ms', of: ({ overviewMs }) => overviewMs },
  { title: 'delay of the event loop, p99 of each second, ms', of: ({ probed }) => probed.delayP99Ms },
  { title: 'resident memory, MB', of: ({ probed }) => probed.residentBytes / 1e6 },
  { title: 'values that channels must be told', of: ({ backlog }) => backlog },
  { title: 'figures behind the log, s', of: ({ projectionLagMs }) => projectionLagMs / 1_000 },
];

export function picture(run: Run, checks: readonly Check[]): string {
  const { moments, overloadFrom, overloadUntil, capacity, sizes } = run;
  const end = moments.at(-1)!.minute;
  const x = across(end);
  const bottom = panelsEnd(FIRST, CURVES.length);
  const broken = checks.filter(({ holds }) => !holds).length;
  const says = `${sizes.times} times the ${Math.round(capacity).toLocaleString('en')} commands a second that it takes`;
  const verdict = broken === 0 ? 'nothing lost, nothing doubled, all agree at the end' : `${broken} checks BROKEN`;
  const line = (minute: number, row: number, text: string) =>
    `<path class="fault" d="M${x(minute)} ${TOP + row * NOTE}V${bottom}"/><text class="fault" x="${x(minute) + (row === 0 ? 5 : -5)}" y="${TOP + row * NOTE + 11}"${row === 0 ? '' : ' text-anchor="end"'}>${escaped(text)}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${bottom + 34}" role="img" aria-labelledby="t d">
<title id="t">${TITLE}</title>
<desc id="d">${escaped(`${says}: ${verdict}.`)}</desc>
<style>${STYLE}</style>
<rect class="ground" width="${WIDTH}" height="${bottom + 34}"/>
<text class="title" x="${LEFT}" y="28">${TITLE}</text>
<text class="quiet" x="${LEFT}" y="48">${escaped(verdict)}</text>
${line(overloadFrom, 0, says)}
${line(overloadUntil, 1, 'the load is over')}
${panels(CURVES, thinned(moments), FIRST, x)}
${hours(end, x, bottom)}
</svg>
`;
}

/** Of so many seconds the one with the longest wait for its health, so that no peak of it is hidden. */
function thinned(moments: readonly Moment[]): readonly Moment[] {
  const size = Math.ceil(moments.length / POINTS);
  return Array.from({ length: Math.ceil(moments.length / size) }, (_, n) =>
    moments.slice(n * size, (n + 1) * size).reduce((most, one) => (healthOf(one) > healthOf(most) ? one : most)),
  );
}

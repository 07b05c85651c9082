// The picture of a rehearsal as SVG: its curves one above the other over the same minutes, with what happened and what people
// did as lines across.
import { across, clock, hours, LEFT, panels, panelsEnd, STYLE, WIDTH } from '../support/curve-panels.ts';
import { escaped } from '../support/svg.ts';
import type { Act, Played } from './rehearsal.ts';

const TOP = 64;
const NOTE = 17;

export function curves({ rehearsal, samples, checks }: Played): string {
  const { title, acts, curves: shown } = rehearsal;
  const end = Math.max(...samples.map(({ minute }) => minute));
  const x = across(end);
  const first = TOP + acts.length * NOTE + 24;
  const bottom = panelsEnd(first, shown.length);
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
${panels(shown, samples, first, x)}
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

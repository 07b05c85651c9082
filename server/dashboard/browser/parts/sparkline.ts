// A line without axes: how one figure went. The words beside it say what it is.
import { html } from 'htm/preact';

const WIDTH = 120;
const HEIGHT = 28;

export function Sparkline({ values, label }: { readonly values: readonly number[]; readonly label: string }) {
  const highest = Math.max(...values, 1e-9);
  const step = WIDTH / Math.max(1, values.length - 1);
  const points = values.map((value, n) => [n * step, HEIGHT - 2 - (value / highest) * (HEIGHT - 4)] as const);
  const line = points.map(([x, y], n) => `${n === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');
  return html`<svg class="sparkline" viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label=${label}>
    ${values.length > 1 && html`<path class="area" d=${`${line}L${WIDTH} ${HEIGHT}L0 ${HEIGHT}Z`} /><path class="line" d=${line} />`}
  </svg>`;
}

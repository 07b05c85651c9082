// A whole in its parts, such as open cases by age: a bar, and its parts in words below.
import { html } from 'htm/preact';
import { count } from '../format.ts';

export interface Part {
  readonly name: string;
  readonly value: number;
  /** 1 to 4: from quiet to loud. */
  readonly level: number;
}

export function SplitBar({ label, parts }: { readonly label: string; readonly parts: readonly Part[] }) {
  const whole = Math.max(
    1,
    parts.reduce((sum, { value }) => sum + value, 0),
  );
  return html`<div class="split" role="group" aria-label=${label}>
    <div class="split-bar" aria-hidden="true">
      ${parts.map(
        ({ name, value, level }) =>
          value > 0 &&
          html`<span key=${name} class=${`level-${level}`} style=${{ width: `${(100 * value) / whole}%` }}></span>`,
      )}
    </div>
    <ul>
      ${parts.map(
        ({ name, value, level }) =>
          html`<li key=${name}><span class=${`dot level-${level}`} aria-hidden="true"></span>${name} <strong>${count(value)}</strong></li>`,
      )}
    </ul>
  </div>`;
}

// One figure with its name, how it went, and where to look when it is not what it should be.
import { html } from 'htm/preact';
import { Sparkline } from './sparkline.ts';

export interface TileProps {
  readonly name: string;
  readonly value: string;
  /** Under the figure. */
  readonly note?: unknown;
  readonly tone?: 'good' | 'warn' | 'bad';
  readonly history?: readonly (number | null)[] | undefined;
  /** Where it leads. */
  readonly href?: string;
}

export function Tile({ name, value, note, tone, history, href }: TileProps) {
  const label = href === undefined ? name : html`<a href=${href}>${name}</a>`;
  return html`<div class="tile card">
    <h2>${label}</h2>
    <p class=${`value ${tone === undefined ? '' : `${tone}-text`}`}>${value}</p>
    ${note && html`<p class="note">${note}</p>`}
    ${history && html`<${Sparkline} values=${history.map((one) => one ?? 0)} label=${`${name}, the last half hour`} />`}
  </div>`;
}

// Names with what they are: `Placed  14:03`. What is not known is left out.
import { html } from 'htm/preact';

export type Pair = readonly [name: string, value: unknown];

export function Pairs({ pairs }: { readonly pairs: readonly Pair[] }) {
  return html`<dl class="pairs">
    ${pairs
      .filter(([, value]) => Boolean(value))
      .map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}
  </dl>`;
}

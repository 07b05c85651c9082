// How long ago something was, and on a longer look when.
import { html } from 'htm/preact';
import { ago, instant } from '../format.ts';
import { now } from '../shell/now.ts';

export function Ago({ at }: { readonly at: string }) {
  return html`<span title=${instant(at, now.value)}>${ago(at, now.value)}</span>`;
}

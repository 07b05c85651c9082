// A state in a word, with a mark of its own shape: never told by colour alone.
import { html } from 'htm/preact';

export type Tone = 'good' | 'warn' | 'bad' | 'idle';

const MARKS: Readonly<Record<Tone, string>> = { good: '●', warn: '▲', bad: '■', idle: '○' };

export function Badge({ tone, text, title }: { readonly tone: Tone; readonly text: string; readonly title?: string }) {
  return html`<span class=${`badge ${tone}`} title=${title}><span aria-hidden="true">${MARKS[tone]}</span> ${text}</span>`;
}

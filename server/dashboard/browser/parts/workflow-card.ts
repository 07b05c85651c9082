// What stands apart of an order or a transfer, and at last what it still owes to stocks and how far its stream is.
import { html } from 'htm/preact';
import { plural } from '../format.ts';
import { type Pair, Pairs } from './pairs.ts';

export interface WorkflowCardProps {
  readonly pairs: readonly Pair[];
  readonly owed: number;
  readonly revision: number;
}

export function WorkflowCard({ pairs, owed, revision }: WorkflowCardProps) {
  const owes =
    owed === 0
      ? 'nothing: all is settled'
      : html`<strong>${plural(owed, 'command')}</strong> that stocks have not answered`;
  const all: readonly Pair[] = [...pairs, ['Owes', owes], ['Revision', html`<span class="mono">${revision}</span>`]];
  return html`<section class="card" aria-labelledby="about-title">
    <h2 id="about-title">About</h2>
    <${Pairs} pairs=${all} />
  </section>`;
}

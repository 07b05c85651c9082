// Whether the log is sealed, and what is wrong when it is not: above everything else when it is not what was written.
import { html } from 'htm/preact';
import type { Overview } from '../../api/watching.ts';
import { ago, instant } from '../../format.ts';
import { Tile } from '../../parts/tile.ts';
import { now } from '../../shell/now.ts';

type Seals = NonNullable<Overview['seals']>;
type Trouble = NonNullable<Seals['trouble']>;

export function SealsTile({ seals }: { readonly seals: Seals }) {
  return html`<${Tile} name="Last seal of the log" value=${ago(seals.last?.at, now.value)} ...${stateOf(seals)} />`;
}

function stateOf({ trouble, overdue, dueAt }: Seals) {
  if (trouble?.kind === 'altered') return { tone: 'bad', note: 'not sealed over what was altered' };
  if (overdue) return { tone: 'bad', note: 'overdue' };
  if (trouble !== undefined) return { tone: 'warn', note: 'could not be made, tried again' };
  return { note: `the next ${instant(dueAt, now.value)}` };
}

const TITLES = { altered: 'The event log or its seals are not what was written', failed: 'The log cannot be sealed' };

export function SealTroubleCard({ trouble }: { readonly trouble: Trouble }) {
  const { kind, what, since } = trouble;
  return html`<section class="card" aria-labelledby="seals-title">
    <h2 id="seals-title">${TITLES[kind]} <small>since ${instant(since, now.value)}</small></h2>
    <ul>${what.map((line) => html`<li key=${line}>${line}</li>`)}</ul>
  </section>`;
}

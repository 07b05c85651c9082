// The entry of a timeline that is looked at, in full, and all of them as a table.
import { html } from 'htm/preact';
import { count, instant } from '../../format.ts';
import { type Pair, Pairs } from '../../parts/pairs.ts';
import { type Column, Table } from '../../parts/table.ts';
import { now } from '../../shell/now.ts';
import { setQuery } from '../../shell/route.ts';
import { type Entry, keyOf, MARKS, markOf, wordsOf } from './happenings.ts';

export function Looked({ entry }: { readonly entry: Entry }) {
  const { at, event, onHand, reserved, units, policyVersion } = entry;
  const pairs: readonly Pair[] = [
    ['Recorded', instant(at, now.value)],
    ['Happened', event && event.occurredAt !== at && instant(event.occurredAt, now.value)],
    ['Location', event?.location],
    ['By', event?.source],
    ['Channel', event?.channel],
    ['Reason', event?.reason],
    ['On-hand there', event && count(event.onHand)],
    ['In all: on-hand', count(onHand)],
    ['Reserved', count(reserved)],
    ['ATS', count(units)],
    ['Policy', policyVersion],
    ['Event', event && html`<span class="mono">@${event.revision}, position ${event.position}</span>`],
  ];
  const then = () => setQuery({ knownAt: at, asOf: undefined });
  return html`<div class="looked">
    <p><strong><${Sign} of=${entry} /> ${wordsOf(entry)}</strong> <button type="button" class="link" onClick=${then}>Everything as it was known then</button></p>
    <${Pairs} pairs=${pairs} />
  </div>`;
}

interface TableProps {
  readonly entries: readonly Entry[];
  readonly looked: Entry;
  pick(entry: Entry): void;
}

export function TimelineTable({ entries, looked, pick }: TableProps) {
  return html`<${Table} caption="Events of the timeline, newest first" columns=${columns(looked, pick)} rows=${entries.toReversed()} keyOf=${keyOf} />`;
}

function columns(looked: Entry, pick: (entry: Entry) => void): readonly Column<Entry>[] {
  return [
    {
      key: 'at',
      title: 'Recorded',
      cell: (entry) =>
        html`<button type="button" class="link" aria-pressed=${entry === looked} onClick=${() => pick(entry)}>${instant(entry.at, now.value)}</button>`,
    },
    { key: 'what', title: 'What', cell: (entry) => html`<${Sign} of=${entry} /> ${wordsOf(entry)}` },
    { key: 'location', title: 'Location', cell: ({ event }) => event?.location },
    { key: 'onHand', title: 'On-hand', isFigure: true, cell: ({ onHand }) => count(onHand) },
    { key: 'reserved', title: 'Reserved', isFigure: true, cell: ({ reserved }) => count(reserved) },
    { key: 'units', title: 'ATS', isFigure: true, cell: ({ units }) => html`<strong>${count(units)}</strong>` },
    { key: 'by', title: 'By', isMinor: true, cell: ({ event }) => event?.source },
  ];
}

function Sign({ of }: { readonly of: Entry }) {
  const mark = markOf(of);
  return html`<span class=${`sign ${mark}`} aria-hidden="true">${MARKS[mark][0]}</span>`;
}

// How a figure came to be: on-hand, reserved and ATS over time with the events on them. By pointer it is zoomed by drawing
// over a part and an event is looked at by a click; by keyboard both by the slider and the buttons below it; and all of it
// stands in a table.
import { html } from 'htm/preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { useReading } from '../../api/reading.ts';
import { count, instant, plural } from '../../format.ts';
import { Chart, type Series } from '../../parts/chart.ts';
import { Empty, Shown } from '../../parts/states.ts';
import { now } from '../../shell/now.ts';
import { setQuery } from '../../shell/route.ts';
import { type Entry, keyOf, MARKS, sentenceOf, type Timeline } from './happenings.ts';
import { createMarks } from './marks.ts';
import { Looked, TimelineTable } from './timeline-table.ts';

interface TimelineProps {
  readonly sku: string;
  readonly query: URLSearchParams;
  readonly channels: readonly string[];
  readonly locations: readonly string[];
  /** Read again when it changes. */
  readonly changes: number;
  readonly everyMs: number;
}
type View = readonly [from: number, to: number];

const EVENTS = ['50', '200', '1000'];

export function TimelineCard({ sku, query, channels, locations, changes, everyMs }: TimelineProps) {
  const channel = query.get('channel') ?? channels[0]!;
  const location = query.get('location') ?? '';
  const limit = query.get('events') ?? '200';
  const asked = new URLSearchParams({ limit, ...(location !== '' && { location }) });
  const path = `/v1/availability/${encodeURIComponent(channel)}/${encodeURIComponent(sku)}/timeline?${asked}`;
  const reading = useReading<Timeline>(path, everyMs, changes);
  const choice = (name: string, title: string, value: string, options: readonly (readonly [string, string])[]) =>
    html`<label>${title}
      <select value=${value} onChange=${({ currentTarget }: { readonly currentTarget: HTMLSelectElement }) => setQuery({ [name]: currentTarget.value })}>
        ${options.map(([one, text]) => html`<option key=${one} value=${one}>${text}</option>`)}
      </select>
    </label>`;
  const named = (names: readonly string[]) => names.map((one) => [one, one] as const);
  return html`<section class="card timeline" aria-labelledby="timeline-title">
    <h2 id="timeline-title">Timeline <small>by when it was recorded, under the policy of then</small></h2>
    <form class="filters" aria-label="Timeline of" onSubmit=${(event: Event) => event.preventDefault()}>
      ${choice('channel', 'ATS in channel', channel, named(channels))}
      ${choice('location', 'Location', location, [['', 'all locations'], ...named(locations)])}
      ${choice(
        'events',
        'The last',
        limit,
        EVENTS.map((one) => [one, `${count(Number(one))} events`] as const),
      )}
    </form>
    <${Shown} reading=${reading}>${(data: Timeline) => html`<${Shape} key=${path} of=${data} />`}</${Shown}>
  </section>`;
}

function Shape({ of: { entries, isCut, channel, location, lagPriceLeftOut } }: { readonly of: Timeline }) {
  const [picked, setPicked] = useState<string | undefined>(undefined);
  const [view, setView] = useState<View | undefined>(undefined);
  const marks = useMemo(createMarks, []);
  const found = entries.findIndex((entry) => keyOf(entry) === picked);
  // Until somebody chooses, the newest.
  const index = found < 0 ? entries.length - 1 : found;
  const looked = entries[index];
  useEffect(() => marks.show(entries, looked), [entries, looked]);
  const drawn = useMemo(() => drawnOf(entries, location === undefined ? channel : `adds to ${channel}`), [entries]);
  if (looked === undefined) return html`<${Empty} title="Nothing has happened" />`;
  const whole: View = [drawn.times[0]!, drawn.times.at(-1)!];
  const look = (at: number) => {
    const entry = entries[Math.min(Math.max(0, at), entries.length - 1)]!;
    setPicked(keyOf(entry));
    setView((before) => before && moved(before, secondsOf(entry)));
  };
  const zoom = (factor: number) => setView(zoomed(view ?? whole, factor, secondsOf(looked), whole));
  const onKeyDown = (event: KeyboardEvent) => {
    const factor = ({ '+': 1 / 2, '=': 1 / 2, '-': 2, '0': Number.POSITIVE_INFINITY } as const)[event.key];
    if (factor === undefined) return;
    event.preventDefault();
    zoom(factor);
  };
  return html`${isCut && html`<p role="status">The last ${plural(entries.length, 'entry', 'entries')} are shown; there were more before.</p>`}
    ${lagPriceLeftOut && html`<p>The lag-priced buffer is left out: the channel showed this or less.</p>`}
    <${Chart} label=${`On-hand, reserved and ATS in ${channel} over time; the same is in the table below. Now: ${sentenceOf(entries.at(-1)!, now.value)}`}
      ...${{ ...drawn, view, plugins: [marks.plugin], height: 300, format: count, isWhole: true, onView: setView, onPick: look }} />
    <p class="marks" aria-hidden="true">${Object.entries(MARKS).map(([mark, [sign, meaning]]) => html`<span key=${mark}><b class=${`sign ${mark}`}>${sign}</b> ${meaning}</span>`)}</p>
    <div class="looking">
      <input type="range" min="1" max=${entries.length} value=${index + 1} aria-label="Event that is looked at" aria-valuetext=${sentenceOf(looked, now.value)}
        onInput=${({ currentTarget }: { readonly currentTarget: HTMLInputElement }) => look(Number(currentTarget.value) - 1)} onKeyDown=${onKeyDown} />
      <div class="actions" role="group" aria-label="Zoom">
        <button type="button" onClick=${() => zoom(1 / 2)}>Zoom in</button>
        <button type="button" disabled=${view === undefined} onClick=${() => zoom(2)}>Zoom out</button>
        <button type="button" disabled=${view === undefined} onClick=${() => setView(undefined)}>All</button>
      </div>
      <small>← → from event to event · + − nearer and farther · or draw over the chart</small>
      <p class="visually-hidden" role="status">${view && `Shown: ${view.map((at) => instant(at * 1_000, now.value)).join(' to ')}`}</p>
    </div>
    <${Looked} entry=${looked} />
    <${TimelineTable} ...${{ entries, looked, pick: (entry: Entry) => look(entries.indexOf(entry)) }} />`;
}

/** Up to now: what held after the last event still does. */
function drawnOf(
  entries: readonly Entry[],
  channel: string,
): { readonly times: readonly number[]; readonly series: readonly Series[] } {
  const values = (of: (entry: Entry) => number | undefined) => {
    const all = entries.map((entry) => of(entry) ?? null);
    return [...all, all.at(-1) ?? null];
  };
  const stepped = { isStepped: true } as const;
  const times = entries.map(secondsOf);
  return {
    // The clock of this machine may be behind that of the server.
    times: [...times, Math.max(Date.now() / 1_000, times.at(-1) ?? 0)],
    series: [
      { label: 'On-hand', values: values(({ onHand }) => onHand), colour: 1, ...stepped },
      { label: 'Reserved', values: values(({ reserved }) => reserved), colour: 2, ...stepped },
      { label: `ATS ${channel}`, values: values(({ units }) => units), colour: 3, ...stepped, isDashed: true },
    ],
  };
}

function secondsOf({ at }: Entry): number {
  return Date.parse(at) / 1_000;
}

/** Closer than this there is nothing to see, s. */
const SPAN_MIN = 0.01;

function zoomed([from, to]: View, factor: number, around: number, whole: View): View | undefined {
  const span = Math.max(SPAN_MIN, (to - from) * factor);
  if (span >= whole[1] - whole[0]) return undefined;
  const start = Math.min(Math.max(whole[0], around - span / 2), whole[1] - span);
  return [start, start + span];
}

/** So that `at` is in sight. */
function moved([from, to]: View, at: number): View {
  if (at >= from && at <= to) return [from, to];
  const half = (to - from) / 2;
  return [at - half, at + half];
}

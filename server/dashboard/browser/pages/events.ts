// What happens, as it is appended: the live end of the event log. Held for looking at, filtered, and opened one by one.
import { signal } from '@preact/signals';
import { html } from 'htm/preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { type Live, openLive } from '../api/live.ts';
import { count, instant, plural } from '../format.ts';
import { streamHref } from '../parts/hrefs.ts';
import { LiveBadge, LiveBanner } from '../parts/live-badge.ts';
import { Empty } from '../parts/states.ts';
import { type Column, Table } from '../parts/table.ts';
import { now } from '../shell/now.ts';
import type { PageProps } from '../shell/page.ts';
import { setQuery } from '../shell/route.ts';

interface FeedEvent {
  readonly position: string;
  readonly type: string;
  readonly stream: string;
  readonly sku?: string;
  readonly location?: string;
  readonly revision: number;
  readonly data: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
}

const KEPT_MAX = 500;
/** A burst of events is drawn at once. */
const DRAW_MS = 250;
/** The server shows that it lives every 15 s. */
const SILENCE_MS_MAX = 40_000;

export function View({ query }: PageProps) {
  const tail = useTail();
  const [opened, setOpened] = useState<FeedEvent | undefined>(undefined);
  const wanted = query.get('filter') ?? '';
  const events = tail.events.value.filter((event) => matches(event, wanted.toLowerCase()));
  const isHeld = tail.held.value;
  return html`<div class="heading">
      <h1>Events</h1>
      <${LiveBadge} live=${tail.live} />
      <div class="end actions">
        <label class="visually-hidden" for="filter">Filter</label>
        <input id="filter" type="search" placeholder="Type, SKU, location, stream …" value=${wanted}
          onInput=${({ currentTarget }: { readonly currentTarget: HTMLInputElement }) => setQuery({ filter: currentTarget.value })} />
        <button type="button" aria-pressed=${isHeld} onClick=${tail.toggle}>${isHeld ? `Go on (${count(tail.missed.value)} new)` : 'Hold'}</button>
      </div>
    </div>
    <${LiveBanner} live=${tail.live} retry=${tail.retry} />
    <div class=${opened === undefined ? 'cards' : 'cards events'}>
      <${Table} caption="Events, newest first" columns=${columns(setOpened, opened)} rows=${events} keyOf=${({ position }: FeedEvent) => position}
        empty=${html`<div class="card"><${Empty} title=${wanted === '' ? 'Nothing has happened since this page was opened' : 'Nothing matches'} /></div>`} />
      ${opened && html`<${Opened} event=${opened} close=${() => setOpened(undefined)} />`}
    </div>`;
}

function columns(open: (event: FeedEvent) => void, opened: FeedEvent | undefined): readonly Column<FeedEvent>[] {
  return [
    {
      key: 'position',
      title: 'Position',
      isFigure: true,
      cell: (event) =>
        html`<button type="button" class="quiet mono" aria-expanded=${opened?.position === event.position} onClick=${() => open(event)}>${event.position}</button>`,
    },
    { key: 'at', title: 'Recorded', cell: ({ data }) => instant(recordedAt(data), now.value) },
    { key: 'type', title: 'Event', cell: ({ type }) => html`<strong>${type}</strong>` },
    {
      key: 'stream',
      title: 'Stream',
      cell: (event) => html`<${Stream} of=${event} /> <small>@${event.revision}</small>`,
    },
    {
      key: 'what',
      title: 'What',
      isMinor: true,
      cell: ({ data }) => html`<span class="quiet-text">${gist(data)}</span>`,
    },
    { key: 'by', title: 'By', isMinor: true, cell: ({ metadata }) => String(metadata['client'] ?? '') },
  ];
}

/** To the page of what it is about, where there is one. */
function Stream({ of }: { readonly of: FeedEvent }) {
  const { stream } = of;
  const href = streamHref(of);
  const shown = { class: 'mono cut', title: stream };
  return href === undefined
    ? html`<span ...${shown}>${stream}</span>`
    : html`<a href=${href} ...${shown}>${stream}</a>`;
}

function Opened({ event, close }: { readonly event: FeedEvent; close(): void }) {
  const { position, type, revision, data, metadata } = event;
  return html`<section class="card" aria-labelledby="event-title">
    <h2 id="event-title">${type} <button type="button" class="quiet" aria-label="Close" onClick=${close}>✕</button></h2>
    <p class="mono"><${Stream} of=${event} />@${revision}, position ${position}</p>
    <pre tabindex="0" aria-label="Data and metadata">${JSON.stringify({ data, metadata }, null, 2)}</pre>
  </section>`;
}

/** Each kind of stream has its own word for it. */
function recordedAt({ recordedAt, finishedAt, startedAt, at }: FeedEvent['data']): number | undefined {
  const found = recordedAt ?? finishedAt ?? startedAt ?? at;
  return typeof found === 'number' ? found : undefined;
}

/** The figures that most events have. */
function gist({ quantity, units, counted, levels, updates, reason }: FeedEvent['data']): string {
  const { onHand, reserved } = (levels ?? {}) as { readonly onHand?: number; readonly reserved?: number };
  return [
    ...[quantity ?? units ?? counted].filter((n) => typeof n === 'number').map((n) => `${n}`),
    ...(Array.isArray(updates) ? [plural(updates.length, 'SKU')] : []),
    ...(onHand === undefined ? [] : [`on hand ${onHand}, reserved ${reserved}`]),
    ...(typeof reason === 'string' ? [reason] : []),
  ].join(' · ');
}

function matches({ type, stream, metadata }: FeedEvent, wanted: string): boolean {
  return wanted === '' || `${type} ${stream} ${metadata['client'] ?? ''}`.toLowerCase().includes(wanted);
}

function useTail() {
  const tail = useMemo(createTail, []);
  useEffect(tail.open, [tail]);
  return tail;
}

function createTail() {
  const events = signal<readonly FeedEvent[]>([]);
  const held = signal(false);
  const missed = signal(0);
  const live = signal<Live['state']['value']>({ state: 'connecting' });
  let arrived: FeedEvent[] = [];
  let stream: Live | undefined;
  const draw = () => {
    if (arrived.length === 0) return;
    if (held.value) {
      missed.value = arrived.length;
      return;
    }
    events.value = [...arrived.toReversed(), ...events.value].slice(0, KEPT_MAX);
    arrived = [];
    missed.value = 0;
  };
  return {
    ...{ events, held, missed, live },
    retry: () => stream?.retry(),
    toggle() {
      held.value = !held.value;
      draw();
    },
    open() {
      stream = openLive('/v1/events?after=latest', SILENCE_MS_MAX, ({ data }) => {
        arrived.push(JSON.parse(data) as FeedEvent);
        if (arrived.length > 2 * KEPT_MAX) arrived = arrived.slice(-KEPT_MAX);
      });
      const unsubscribe = stream.state.subscribe((state) => {
        live.value = state;
      });
      const timer = setInterval(draw, DRAW_MS);
      return () => {
        clearInterval(timer);
        unsubscribe();
        stream?.close();
      };
    },
  };
}

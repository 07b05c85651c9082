// Says whether what is shown is live; when it is not, since when, and offers to try at once.
import type { ReadonlySignal } from '@preact/signals';
import { html } from 'htm/preact';
import type { LiveState } from '../api/live.ts';
import { duration } from '../format.ts';
import { now } from '../shell/now.ts';
import { Badge } from './badge.ts';

export function LiveBadge({ live }: { readonly live: ReadonlySignal<LiveState> }) {
  const { state } = live.value;
  if (state === 'live') return html`<${Badge} tone="good" text="live" />`;
  return html`<${Badge} tone=${state === 'connecting' ? 'idle' : 'bad'} text=${state === 'connecting' ? 'connecting' : 'not live'} />`;
}

/** Stands above the figures while they are not live. */
export function LiveBanner({ live, retry }: { readonly live: ReadonlySignal<LiveState>; retry(): void }) {
  const state = live.value;
  if (state.state === 'live' || state.state === 'connecting') return null;
  const { title, message } = state.why;
  const said = title === message ? title : `${title}: ${message}`;
  if (state.state === 'refused') return html`<div class="banner bad" role="alert"><strong>${said}</strong></div>`;
  const inMs = Math.max(0, state.retryAt - now.value);
  return html`<div class="banner bad" role="status">
    <span><strong>${title}.</strong> What is shown is from before. Trying again ${inMs < 1_000 ? 'now' : `in ${duration(Math.ceil(inMs / 1_000) * 1_000)}`}.</span>
    <button type="button" onClick=${retry}>Try now</button>
  </div>`;
}

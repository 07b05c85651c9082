// Webhooks in words: how telling one goes, and what each event of its stream is called.
import { html } from 'htm/preact';
import type { z } from 'zod';
import type { WebhookWithHistory } from '../../../../routes/openapi/webhook-documents.ts';
import { Badge, type Tone } from '../../parts/badge.ts';

export type Webhook = z.infer<typeof WebhookWithHistory>;
export type Happening = Webhook['history'][number];

/** What each state means, for people. */
const STATES: Readonly<Record<Webhook['state'], readonly [tone: Tone, text: string, title: string]>> = {
  off: ['idle', 'off', 'Switched off by policy: what happens meanwhile is sent later'],
  starting: ['idle', 'starting', 'No process has taken it yet, or another one has'],
  current: ['good', 'current', 'It has taken everything'],
  sending: ['good', 'sending', 'Events are being sent, one after another'],
  outage: ['bad', 'not answering', 'It does not answer, or refuses us: one call every 30 s tries it again'],
  gone: ['bad', 'gone', 'It answered 410: not called until its policy changes, or somebody asks'],
  failed: ['bad', 'failed', 'Something is wrong here, not there'],
};

export function WebhookBadge({ state }: Pick<Webhook, 'state'>) {
  const [tone, text, title] = STATES[state];
  return html`<${Badge} tone=${tone} text=${text} title=${title} />`;
}

/** It takes nothing for now, and `lastError` says why. */
export function isSilent({ state }: Pick<Webhook, 'state'>): boolean {
  return state === 'outage' || state === 'gone' || state === 'failed';
}

const HAPPENINGS: Readonly<Record<Happening['event'], string>> = {
  WebhookStarted: 'a process began to call it',
  WebhookDelivered: 'took events',
  WebhookResent: 'took one that had been set aside',
  WebhookReplayAsked: 'replay asked for',
  WebhookSwitchedOff: 'said that it is gone',
  WebhookStopped: 'the process stopped',
};

/** `took events, up to position 42`. */
export function Happened({ event, delivered, upTo, after }: Happening) {
  const isRefused = event === 'WebhookDelivered' && delivered === 0;
  const place = event === 'WebhookReplayAsked' ? `, ${placeText(after)}` : upTo && `, up to position ${upTo}`;
  return html`<strong>${isRefused ? 'refused events' : HAPPENINGS[event]}</strong>${place}`;
}

function placeText(after: string | undefined): string {
  return after === undefined ? 'from the beginning' : `after position ${after}`;
}

// How publishing to a channel goes, in a word.
import { html } from 'htm/preact';
import type { z } from 'zod';
import type { PublishingState } from '../../../routes/openapi/publishing-state.ts';
import { Badge, type Tone } from './badge.ts';

export type Publishing = z.infer<typeof PublishingState>;

/** What each state means, for people. */
const STATES: Readonly<Record<Publishing['state'], readonly [tone: Tone, text: string, title: string]>> = {
  running: ['good', 'running', 'It is told every change'],
  throttled: ['warn', 'throttled', 'It asked for fewer calls: told more slowly for now'],
  open: ['bad', 'not answering', 'The breaker is open: one call in 30 s tries whether it answers again'],
  off: ['idle', 'off', 'Nothing is published to it'],
  shadow: ['idle', 'shadow', 'Computed and compared; it is told nothing'],
  elsewhere: ['idle', 'by another node', 'Another node tells it, if one does; this one takes over when that is silent'],
  paused: ['warn', 'paused', 'Somebody had publishing to it paused; it is told nothing until somebody resumes'],
  failed: ['bad', 'failed', 'It takes no call from us as it is set up'],
};

/** Without publishing: it has no connector and reads the API itself. */
export function ChannelBadge({ publishing }: { readonly publishing: Publishing | undefined }) {
  if (publishing === undefined)
    return html`<${Badge} tone="idle" text="reads" title="Nothing is published to it: it reads the API" />`;
  const [tone, text, title] = STATES[publishing.state];
  return html`<${Badge} tone=${tone} text=${text} title=${title} />`;
}

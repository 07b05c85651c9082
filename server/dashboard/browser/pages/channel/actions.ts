// What people may have done with a channel. Each asks first, and stands in the channel's stream with who and why.
import { html } from 'htm/preact';
import { plural } from '../../format.ts';
import { ActionButton } from '../../parts/action-button.ts';
import type { Publishing } from '../../parts/channel-badge.ts';
import { askToPost } from '../../shell/ask.ts';
import type { Question } from '../../shell/confirm.ts';
import { ModeButton } from './mode.ts';

const REASON_MAX = 120;

interface ActionsProps {
  readonly channel: string;
  readonly publishing: Publishing;
  /** Something changed: read it again. */
  changed(): void;
}

export function Actions({ channel, publishing, changed }: ActionsProps) {
  const button = (name: string, action: () => Promise<boolean>) =>
    html`<${ActionButton} name=${name} scope="publishing:write" act=${() => action().then(changed)} />`;
  return html`<div class="end actions">
    ${publishing.paused === undefined ? button('Pause', () => pause(channel)) : button('Resume', () => resume(channel))}
    ${button('Tell all again', () => republish(channel))}
    <${ModeButton} ...${{ channel, isShadow: publishing.state === 'shadow', changed }} />
  </div>`;
}

function pause(channel: string): Promise<boolean> {
  return ask(channel, { action: 'pause' }, `${channel} is paused`, {
    title: `Pause publishing to ${channel}?`,
    text: 'It is told nothing more, stock-outs included, until somebody resumes. What waits stays known.',
    action: 'Pause',
    isDanger: true,
    reason: { isRequired: true, lengthMax: REASON_MAX },
  });
}

function resume(channel: string): Promise<boolean> {
  return ask(channel, { action: 'resume' }, `${channel} is told again`, {
    title: `Resume publishing to ${channel}?`,
    text: 'Everything that differs from what it shows is told, stock-outs first.',
    action: 'Resume',
    reason: { isRequired: false, lengthMax: REASON_MAX },
  });
}

/** `skus`: only these. */
export function republish(channel: string, skus?: readonly string[]): Promise<boolean> {
  const what = skus === undefined ? 'everything it was ever told' : plural(skus.length, 'SKU');
  return ask(channel, { action: 'republish', ...(skus && { skus }) }, `${channel} is told ${what} again`, {
    title: `Tell ${channel} again?`,
    text: `The present figures of ${what} are told once more, refused values too, as fast as it allows.`,
    action: 'Tell again',
    reason: { isRequired: false, lengthMax: REASON_MAX },
  });
}

function ask(channel: string, asked: object, done: string, question: Question): Promise<boolean> {
  return askToPost({
    ...{ path: `/v1/channels/${encodeURIComponent(channel)}/publishing`, name: channel, done, question },
    body: ({ reason }) => ({ ...asked, ...(reason !== undefined && { reason }) }),
  });
}

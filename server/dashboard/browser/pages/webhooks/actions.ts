// What people may have done with a webhook: events sent once more, or a call at once. Each asks first, and stands in the
// webhook's stream with who and why.
import { html } from 'htm/preact';
import { localInput } from '../../format.ts';
import { ActionButton } from '../../parts/action-button.ts';
import { askToPost } from '../../shell/ask.ts';
import type { Confirmed, Question } from '../../shell/confirm.ts';
import { isSilent, type Webhook } from './words.ts';

const REASON_MAX = 200;
const HOUR_MS = 3_600_000;
/** What a key needs for all of them. */
export const SCOPE = 'webhooks:write';

/** Where it goes on; neither: from the beginning of the log. */
type Place = { readonly after?: string; readonly from?: string };

interface ActionsProps {
  readonly webhook: Webhook;
  /** Something changed: read it again. */
  changed(): void;
}

export function Actions({ webhook, changed }: ActionsProps) {
  return html`<div class="actions" role="group" aria-label="Actions">
    ${isSilent(webhook) && html`<${ActionButton} name="Call now" scope=${SCOPE} act=${() => callNow(webhook).then(changed)} />`}
    <${ActionButton} name="Replay" scope=${SCOPE} act=${() => replay(webhook).then(changed)} />
  </div>`;
}

/** Also after it had answered 410. */
function callNow({ webhook, upTo }: Webhook): Promise<boolean> {
  const place = upTo === undefined ? {} : { after: upTo };
  return ask(webhook, () => place, `${webhook} is called now`, {
    title: `Call ${webhook} now?`,
    text: 'What waits is sent at once, from where it had come to. Nothing that it took is sent again.',
    action: 'Call',
  });
}

function replay({ webhook }: Webhook): Promise<boolean> {
  const anHourAgo = localInput(new Date(Date.now() - HOUR_MS).toISOString());
  const placeIn = ({ form }: NonNullable<Confirmed>): Place =>
    form.has('all') ? {} : { from: new Date(String(form.get('from'))).toISOString() };
  return ask(webhook, placeIn, `${webhook} is sent events once more`, {
    title: `Send ${webhook} events once more?`,
    text: `${ONCE_MORE} It cannot be called off.`,
    action: 'Replay',
    isDanger: true,
    fields: html`<label>Recorded from <input name="from" type="datetime-local" step="1" required value=${anHourAgo} /></label>
      <label class="check"><input type="checkbox" name="all" /> All there are, from the beginning of the log</label>`,
  });
}

/** `position`: of the first event that is sent again. */
export function replayFrom(webhook: string, position: string): Promise<boolean> {
  const place = { after: String(BigInt(position) - 1n) };
  return ask(webhook, () => place, `${webhook} is sent events once more`, {
    title: `Send ${webhook} this event and all after it once more?`,
    text: `${ONCE_MORE} To send this one alone, retry its case.`,
    action: 'Replay',
    isDanger: true,
  });
}

const ONCE_MORE = 'Events from there on come in order and with the same ids; what is new waits for its turn.';

function ask(
  webhook: string,
  body: (confirmed: NonNullable<Confirmed>) => Place,
  done: string,
  question: Omit<Question, 'reason'>,
): Promise<boolean> {
  return askToPost({
    ...{ path: `/v1/webhooks/${encodeURIComponent(webhook)}/replay`, name: webhook, done },
    question: { ...question, reason: { isRequired: true, lengthMax: REASON_MAX } },
    body: (confirmed) => ({ ...body(confirmed), reason: confirmed.reason }),
  });
}

// Compares with a channel or an ERP now: asks with which one first, and whether what nothing explains is corrected.
import { html } from 'htm/preact';
import type { z } from 'zod';
import type { ReconciliationAnswer } from '../../../../routes/openapi/reconciliation.ts';
import { post } from '../../api/call.ts';
import { useReading } from '../../api/reading.ts';
import { may } from '../../api/session.ts';
import { ActionButton } from '../../parts/action-button.ts';
import { confirm } from '../../shell/confirm.ts';
import { hrefOf } from '../../shell/route.ts';
import { say, sayFailure } from '../../shell/toasts.ts';
import { type Subject, subjectText } from './words.ts';

type Answer = z.infer<typeof ReconciliationAnswer>;
interface Channels {
  readonly channels: readonly { readonly channel: string; readonly connector?: string }[];
}
interface Erps {
  readonly erps: readonly { readonly erp: string }[];
}

/** The page of the run says how it goes on. */
const WAIT_SECONDS = 2;

/** `subject`: with this one; absent: it is asked. */
export function CompareButton({ subject, label }: { readonly subject?: Subject; readonly label: string }) {
  return html`<${ActionButton} name=${label} scope="reconciliation:write" act=${() => compare(subject)} />`;
}

/** Reads what there is while it is asked. */
function SubjectFields() {
  const channels = useReading<Channels>(may('availability:read') ? '/v1/channels' : undefined);
  const erps = useReading<Erps>('/v1/erps');
  const asked = channels.data?.channels.filter(({ connector }) => connector !== undefined) ?? [];
  return html`<label>Compare with
      <select name="subject" required>
        ${asked.map(({ channel }) => html`<option key=${channel} value=${`channel ${channel}`}>channel ${channel}</option>`)}
        ${erps.data?.erps.map(({ erp }) => html`<option key=${erp} value=${`system ${erp}`}>ERP ${erp}, at a location</option>`)}
      </select>
    </label>
    <label>Location <input name="location" autocomplete="off" spellcheck=${false} />
      <small>Whose books are compared; of an ERP alone.</small>
    </label>`;
}

async function compare(given: Subject | undefined): Promise<void> {
  const confirmed = await confirm({
    title: given === undefined ? 'Compare now?' : `Compare with ${subjectText(given)} now?`,
    text: 'It is asked for its statement, at a fifth of its rate, and every SKU in it is looked at.',
    action: 'Compare',
    fields: html`${given === undefined && html`<${SubjectFields} />`}<label class="check"><input type="checkbox" name="correct" checked /> Correct by policy what nothing explains</label>`,
  });
  if (confirmed === undefined) return;
  const { form } = confirmed;
  const subject = given ?? subjectSaid(form);
  try {
    const body = { ...subject, correct: form.has('correct') };
    const { id, state } = await post<Answer>(`/v1/reconciliations?wait=${WAIT_SECONDS}`, body);
    say(`The run ${id} is ${state}`);
    location.hash = hrefOf('reconciliations', id);
  } catch (error) {
    sayFailure('Nothing was compared', error);
  }
}

function subjectSaid(form: FormData): Subject {
  const [kind, name] = String(form.get('subject')).split(' ', 2) as [string, string];
  if (kind === 'channel') return { channel: name };
  const place = String(form.get('location')).trim();
  return place === '' ? { system: name } : { system: name, location: place };
}

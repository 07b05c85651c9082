// Takes a policy document as the one in force: planned first, so that whoever decides sees what it changes and how many
// figures become others; asked for a reason; refused if somebody changed the policy meanwhile.
import { html } from 'htm/preact';
import type { z } from 'zod';
import type { PolicyChangeAnswer, PolicyPlan } from '../../../../routes/openapi/policy.ts';
import { post } from '../../api/call.ts';
import { count, plural } from '../../format.ts';
import { confirm } from '../../shell/confirm.ts';
import { say, sayFailure } from '../../shell/toasts.ts';
import { ChangesTable } from './changes.ts';

type Plan = z.infer<typeof PolicyPlan>;
type Answer = z.infer<typeof PolicyChangeAnswer>;

/** As the API takes it. */
interface PolicyText {
  readonly version: string;
  readonly [field: string]: unknown;
}

export interface Taking {
  readonly document: PolicyText;
  readonly title: string;
  readonly action: string;
  /** Stands above what changes. */
  readonly warning?: unknown;
}

const REASON_MAX = 500;

/** False: nothing was changed. */
export async function takePolicy({ document, title, action, warning }: Taking): Promise<boolean> {
  try {
    const plan = await post<Plan>('/v1/policy/plan', { document });
    const confirmed = await confirm({
      ...{ title, action, isDanger: true, reason: { isRequired: true, lengthMax: REASON_MAX } },
      text: `Version ${plan.version} after ${plan.against ?? 'nothing'}: ${plural(plan.changesInAll, 'change')}.`,
      fields: html`${warning}<${Planned} plan=${plan} />
        <label>From (empty: now)<input name="from" type="datetime-local" step="1" /></label>`,
    });
    if (confirmed === undefined) return false;
    const from = String(confirmed.form.get('from'));
    const when = from === '' ? {} : { effectiveFrom: new Date(from).toISOString() };
    const based = plan.against === undefined ? {} : { basedOn: plan.against };
    const body = { document, reason: confirmed.reason, ...based, ...when };
    const { version, state } = await post<Answer>('/v1/policy', body);
    say(state === 'scheduled' ? `${version} will be in force from its time on` : `${version} is in force`);
    return true;
  } catch (error) {
    sayFailure('The policy was left as it was', error);
    return false;
  }
}

function Planned({ plan: { changes, changesInAll, figures } }: { readonly plan: Plan }) {
  return html`<div class="planned">
    <${ChangesTable} ...${{ changes, changesInAll }} />
    <p><strong>${plural(figures.changed, 'available-to-sell figure')}</strong> become${figures.changed === 1 ? 's' : ''} another.</p>
    <ul>
      ${figures.channels.map(
        ({ channel, changed, lower, higher, examples }) =>
          html`<li key=${channel}>${channel}: ${count(changed)} (${count(lower)} lower, ${count(higher)} higher), such as
            ${' '}${examples.map(({ sku, before, after }) => `${sku} ${before} → ${after}`).join(', ')}</li>`,
      )}
    </ul>
  </div>`;
}

/** A name that was not taken before: when, to the second, and what for. */
export function newVersionName(what: string): string {
  const at = new Date().toISOString().slice(0, 19).replace('T', ' ');
  return `${at} ${what}`.slice(0, 64).trim();
}

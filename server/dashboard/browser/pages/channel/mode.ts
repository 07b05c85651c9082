// Takes a channel live, or back to shadow mode: by a version of the policy that is the one in force with another mode, shown
// as a plan first. Whoever may not is told what to run.
import { html } from 'htm/preact';
import type { z } from 'zod';
import type { GoLiveDocument } from '../../../../routes/openapi/reconciliation.ts';
import { read } from '../../api/call.ts';
import { may } from '../../api/session.ts';
import { sayFailure } from '../../shell/toasts.ts';
import { newVersionName, takePolicy } from '../policy/take.ts';
import { whyNotChange } from '../policy/words.ts';

type GoLive = z.infer<typeof GoLiveDocument>;

interface Mode {
  readonly channel: string;
  readonly isShadow: boolean;
}
interface InForce {
  readonly document: {
    readonly version: string;
    readonly channels: readonly { readonly id: string; readonly mode?: string }[];
  };
}

export function ModeButton({ channel, isShadow, changed }: Mode & { changed(): void }) {
  const whyNot = whyNotChange();
  return html`<button type="button" disabled=${whyNot !== undefined} title=${whyNot}
    onClick=${() => void turn({ channel, isShadow }).then(changed)}>${isShadow ? 'Go live …' : 'To shadow …'}</button>`;
}

/** For whoever may not: how somebody else does it. */
export function ModeHint({ channel, isShadow }: Mode) {
  const whyNot = whyNotChange();
  if (whyNot === undefined) return null;
  const mode = isShadow ? 'live' : 'shadow';
  return html`<p><small>${whyNot} to take it ${isShadow ? 'live' : 'to shadow mode'} here. On the command line:
    ${' '}<code>evenstock policy show > next.json</code>, there a new <code>version</code> and for ${channel}
    ${' '}<code>"mode": "${mode}"</code>, then <code>evenstock policy plan next.json</code> and
    ${' '}<code>evenstock policy apply next.json --reason …</code>.</small></p>`;
}

async function turn({ channel, isShadow }: Mode): Promise<void> {
  try {
    const { document } = await read<InForce>('/v1/policy');
    const mode = isShadow ? 'live' : 'shadow';
    const channels = document.channels.map((one) => (one.id === channel ? { ...one, mode } : one));
    const missing = isShadow && may('reconciliation:read') ? await missingFor(channel) : undefined;
    await takePolicy({
      document: { ...document, version: newVersionName(`${channel} ${mode}`), channels },
      title: isShadow ? `Take ${channel} live?` : `Take ${channel} back to shadow mode?`,
      action: isShadow ? 'Go live' : 'To shadow',
      warning: isShadow
        ? html`<p>It is told everything that differs from what it shows.</p>${missing}`
        : html`<p>It is told nothing more, stock-outs included; its figures are computed and compared.</p>`,
    });
  } catch (error) {
    sayFailure(`${channel} was left as it was`, error);
  }
}

/** What the checklist finds missing. Undefined: nothing. */
async function missingFor(channel: string) {
  const { checks } = await read<GoLive>(`/v1/channels/${encodeURIComponent(channel)}/go-live`);
  const bad = checks.filter(({ ok }) => !ok);
  if (bad.length === 0) return undefined;
  return html`<div class="banner warn" role="status"><span><strong>It is not ready:</strong> ${bad.map(({ name, detail }) => `${name} (${detail})`).join(', ')}.</span></div>`;
}

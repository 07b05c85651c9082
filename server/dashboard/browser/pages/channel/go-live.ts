// Of a channel in shadow mode: may it go live? The same checklist as `evenstock go-live`.
import { html } from 'htm/preact';
import type { z } from 'zod';
import type { GoLiveDocument } from '../../../../routes/openapi/reconciliation.ts';
import { useReading } from '../../api/reading.ts';
import { Badge } from '../../parts/badge.ts';
import { Shown } from '../../parts/states.ts';
import { ModeHint } from './mode.ts';

type GoLive = z.infer<typeof GoLiveDocument>;

export function GoLiveCard({ channel }: { readonly channel: string }) {
  const reading = useReading<GoLive>(`/v1/channels/${encodeURIComponent(channel)}/go-live`, 15_000);
  return html`<section class="card" aria-labelledby="go-live-title">
    <h2 id="go-live-title">In shadow mode <small>computed and compared; it is told nothing</small></h2>
    <${Shown} reading=${reading}>
      ${({ ready, checks }: GoLive) => html`<p>
          ${ready ? 'All is well: it can go live, by a new version of the policy.' : 'Before it goes live by a new version of the policy:'}
        </p>
        <ul class="checks">
          ${checks.map(
            ({ name, ok, detail, todo }) =>
              html`<li key=${name}><${Badge} tone=${ok ? 'good' : 'warn'} text=${name} /> <span>${detail}${todo && html`<br /><small>${todo}</small>`}</span></li>`,
          )}
        </ul>`}
    </${Shown}>
    <${ModeHint} channel=${channel} isShadow=${true} />
  </section>`;
}

// One policy version: who took it, why and from when, what it says otherwise than another, and all that it says. One that
// is planned can be taken back; any other can be in force again.
import { html } from 'htm/preact';
import type { z } from 'zod';
import type { PolicyChanges } from '../../../../routes/openapi/policy.ts';
import { useReading } from '../../api/reading.ts';
import { ago, instant, plural } from '../../format.ts';
import { type Pair, Pairs } from '../../parts/pairs.ts';
import { Shown } from '../../parts/states.ts';
import { askToPost } from '../../shell/ask.ts';
import { now } from '../../shell/now.ts';
import { hrefOf, setQuery } from '../../shell/route.ts';
import { ChangesTable } from './changes.ts';
import { takePolicy } from './take.ts';
import { type HistoryPage, VersionBadge, type VersionDocument, whyNotChange } from './words.ts';

type Changes = z.infer<typeof PolicyChanges>;

const REASON_MAX = 500;
const OFFERED_MAX = 500;

export function VersionPage({ version, query }: { readonly version: string; readonly query: URLSearchParams }) {
  const path = `/v1/policy/versions/${encodeURIComponent(version)}`;
  const reading = useReading<VersionDocument>(path, 10_000);
  const one = reading.data;
  return html`<div class="heading">
      <h1><a class="up" href=${hrefOf('policy')}>Policy</a> / ${version}</h1>
      ${one && html`<${VersionBadge} ...${one} /><div class="end actions"><${Actions} of=${one} changed=${reading.reload} /></div>`}
    </div>
    <${Shown} reading=${reading}>
      ${(of: VersionDocument) => html`<div class="cards one">
        <${ChangesCard} ...${{ path, version, since: query.get('since') ?? '' }} />
        <${AboutCard} of=${of} />
        <section class="card whole" aria-labelledby="document-title">
          <h2 id="document-title">Document <small>with what has a default filled in</small></h2>
          <pre tabindex="0" aria-label="The policy document">${JSON.stringify(of.document, null, 2)}</pre>
        </section>
      </div>`}
    </${Shown}>`;
}

interface ActionsProps {
  readonly of: VersionDocument;
  changed(): void;
}

function Actions({ of: { version, state, document }, changed }: ActionsProps) {
  const whyNot = whyNotChange();
  const button = (text: string, act: () => Promise<unknown>) =>
    html`<button type="button" disabled=${whyNot !== undefined} title=${whyNot} onClick=${() => void act().then(changed)}>${text}</button>`;
  if (state === 'in-force') return null;
  if (state === 'scheduled') return button('Take back …', () => cancelVersion(version));
  return button('In force again …', () =>
    takePolicy({ document, title: `Have ${version} in force again?`, action: 'Take it' }),
  );
}

/** False: nothing was changed. */
export function cancelVersion(version: string): Promise<boolean> {
  return askToPost({
    question: {
      ...{ title: `Take ${version} back?`, action: 'Take back', isDanger: true },
      text: 'It is not in force at its time; what holds until then goes on.',
      reason: { isRequired: true, lengthMax: REASON_MAX },
    },
    path: `/v1/policy/versions/${encodeURIComponent(version)}/cancel`,
    body: ({ reason }) => ({ reason }),
    ...{ name: version, done: `${version} is taken back` },
  });
}

interface ChangesProps {
  readonly path: string;
  readonly version: string;
  /** ''; the one taken before it. */
  readonly since: string;
}

function ChangesCard({ path, version, since }: ChangesProps) {
  const asked = since === '' ? '' : `?${new URLSearchParams({ since })}`;
  const reading = useReading<Changes>(`${path}/changes${asked}`);
  const history = useReading<HistoryPage>(`/v1/policy/history?limit=${OFFERED_MAX}`);
  const others = [
    ...new Set([...(history.data?.versions.map((one) => one.version) ?? []), ...(since === '' ? [] : [since])]),
  ];
  return html`<section class="card" aria-labelledby="changes-title">
    <h2 id="changes-title">What it changes ${reading.data?.since !== undefined && html`<small>${plural(reading.data.changesInAll, 'change')} since ${reading.data.since}</small>`}</h2>
    <label>Compared with
      <select value=${since} onChange=${({ currentTarget }: { readonly currentTarget: HTMLSelectElement }) => setQuery({ since: currentTarget.value })}>
        <option value="">the version taken before it</option>
        ${others.filter((name) => name !== version).map((name) => html`<option key=${name} value=${name}>${name}</option>`)}
      </select>
    </label>
    <${Shown} reading=${reading}>
      ${(changes: Changes) => (changes.since === undefined ? html`<p>It is the first version.</p>` : html`<${ChangesTable} ...${changes} />`)}
    </${Shown}>
  </section>`;
}

function AboutCard({ of }: { readonly of: VersionDocument }) {
  const { author, reason, effectiveFrom, recordedAt, revision, cancelled } = of;
  const pairs: readonly Pair[] = [
    ['Author', author],
    ['Reason', reason],
    ['In force from', instant(effectiveFrom, now.value)],
    ['Taken', `${instant(recordedAt, now.value)}, ${ago(recordedAt, now.value)}`],
    ['Taken back', cancelled && `${instant(cancelled.at, now.value)} by ${cancelled.author}: ${cancelled.reason}`],
    ['Event', html`<span class="mono">policy@${revision}</span>`],
  ];
  return html`<section class="card" aria-labelledby="about-title">
    <h2 id="about-title">About</h2>
    <${Pairs} pairs=${pairs} />
  </section>`;
}

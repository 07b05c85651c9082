// One webhook: how telling it goes, what it refused, what the policy says of it, what happened, and what people can do.
import { html } from 'htm/preact';
import { useReading } from '../../api/reading.ts';
import { may } from '../../api/session.ts';
import { ago, count, duration, instant, short } from '../../format.ts';
import { ActionButton } from '../../parts/action-button.ts';
import { CasesLink } from '../../parts/cases-link.ts';
import { type Pair, Pairs } from '../../parts/pairs.ts';
import { Empty, Shown } from '../../parts/states.ts';
import { type Column, Table } from '../../parts/table.ts';
import { Tile } from '../../parts/tile.ts';
import { now } from '../../shell/now.ts';
import { hrefOf } from '../../shell/route.ts';
import { Actions, replayFrom, SCOPE } from './actions.ts';
import { Happened, type Happening, isSilent, type Webhook, WebhookBadge } from './words.ts';

type SetAside = Webhook['lastSetAside'][number];

export function WebhookPage({ id }: { readonly id: string }) {
  const reading = useReading<Webhook>(`/v1/webhooks/${encodeURIComponent(id)}`, 2_000);
  const { data, reload } = reading;
  return html`<div class="heading">
      <h1><a class="up" href=${hrefOf('webhooks')}>Webhooks</a> / ${id}</h1>
      ${data && html`<${WebhookBadge} ...${data} /><${CasesLink} about=${{ source: id }} /><div class="end"><${Actions} ...${{ webhook: data, changed: reload }} /></div>`}
    </div>
    <${Shown} reading=${reading}>
      ${(webhook: Webhook) => html`<${SilentBanner} webhook=${webhook} />
        <div class="cards one">
          <${Tiles} webhook=${webhook} />
          <${SetAsideCard} ...${{ webhook, changed: reload }} />
          ${may('policy:read') && html`<${PolicyCard} id=${id} />`}
          <${HistoryCard} history=${webhook.history} />
        </div>`}
    </${Shown}>`;
}

function SilentBanner({ webhook }: { readonly webhook: Webhook }) {
  if (!isSilent(webhook)) return null;
  const { state, lastError, outageSince, nextTryAt } = webhook;
  const words = {
    gone: 'It is gone: no call until its policy changes, or somebody asks.',
    failed: 'Telling it has stopped here.',
    outage: `It takes nothing${outageSince === undefined ? '' : `, since ${ago(outageSince, now.value)}`}.`,
  }[state as 'gone' | 'failed' | 'outage'];
  return html`<div class="banner bad" role="status">
    <span><strong>${words}</strong> ${lastError}${nextTryAt && `. Called again ${soon(nextTryAt)}`}</span>
  </div>`;
}

function soon(at: string): string {
  const inMs = Date.parse(at) - now.value;
  return inMs < 1_000 ? 'now' : `in ${duration(Math.ceil(inMs / 1_000) * 1_000)}`;
}

function Tiles({ webhook }: { readonly webhook: Webhook }) {
  const { waiting, oldestWaitingMs, lastDeliveredAt, delivered, setAside, lastSetAside } = webhook;
  const open = lastSetAside.length;
  return html`<div class="tiles whole">
    <${Tile} name="Waiting" value=${short(waiting)} note=${waiting === 0 ? 'it has everything' : `the oldest for ${duration(oldestWaitingMs)}`} />
    <${Tile} name="Took last" value=${ago(lastDeliveredAt, now.value)} note=${lastDeliveredAt && instant(lastDeliveredAt, now.value)} />
    <${Tile} name="Taken" value=${short(delivered)} note="events, repeats too" />
    <${Tile} name="Set aside" value=${short(open)} tone=${open > 0 ? 'bad' : undefined} note=${`not taken since; ${count(setAside)} in all`} />
  </div>`;
}

function SetAsideCard({ webhook: { webhook, lastSetAside }, changed }: { readonly webhook: Webhook; changed(): void }) {
  const columns: readonly Column<SetAside>[] = [
    { key: 'at', title: 'When', cell: ({ at }) => instant(at, now.value) },
    { key: 'type', title: 'Event', by: ({ type }) => type },
    { key: 'reason', title: 'Why', cell: ({ reason }) => html`<span class="wrap">${reason}</span>` },
    {
      ...{ key: 'position', title: 'Position', isFigure: true, isMinor: true },
      cell: ({ position }) => html`<span class="mono">${position}</span>`,
    },
    {
      ...{ key: 'replay', title: 'Action' },
      cell: ({ position }) =>
        html`<${ActionButton} name="Replay from here" of=${`, position ${position}`} scope=${SCOPE} isQuiet=${true} act=${() => replayFrom(webhook, position).then(changed)} />`,
    },
  ];
  return html`<section class="card" aria-labelledby="aside-title">
    <h2 id="aside-title">Set aside <small>refused three times, and not taken since</small></h2>
    <${Table} caption="Events that it refuses, newest first" columns=${columns} rows=${lastSetAside.toReversed()} keyOf=${({ event }: SetAside) => event}
      empty=${html`<${Empty} title="It refuses nothing" />`} />
  </section>`;
}

/** Of the document of the policy, what is shown here. */
interface PolicyInForce {
  readonly document: {
    readonly webhooks?: readonly {
      readonly id: string;
      readonly url: string;
      readonly on: boolean;
      readonly kinds?: readonly string[];
      readonly types?: readonly string[];
      readonly channels?: readonly string[];
      readonly locations?: readonly string[];
      readonly since?: string;
      readonly timeoutMs: number;
    }[];
  };
}

function PolicyCard({ id }: { readonly id: string }) {
  const reading = useReading<PolicyInForce>('/v1/policy', 15_000);
  return html`<section class="card" aria-labelledby="policy-title">
    <h2 id="policy-title">Policy</h2>
    <${Shown} reading=${reading}>${({ document }: PolicyInForce) => html`<${Pairs} pairs=${policyPairs(document, id)} />`}</${Shown}>
  </section>`;
}

function policyPairs({ webhooks }: PolicyInForce['document'], id: string): readonly Pair[] {
  const one = webhooks?.find((webhook) => webhook.id === id);
  if (one === undefined) return [['Policy', 'has it no more']];
  const { url, on, kinds, types, channels, locations, since, timeoutMs } = one;
  return [
    ['Address', html`<span class="mono">${url}</span>`],
    ['Switched', on ? 'on' : 'off'],
    ['Kinds', kinds?.join(', ') ?? 'all'],
    ['Types', types?.join(', ')],
    ['Channels', channels?.join(', ')],
    ['Locations', locations?.join(', ')],
    ['Since', since && instant(since, now.value)],
    ['Waits for an answer', duration(timeoutMs)],
  ];
}

function HistoryCard({ history }: { readonly history: readonly Happening[] }) {
  return html`<section class="card whole" aria-labelledby="history-title">
    <h2 id="history-title">History <small>the last of its stream in the log, newest first</small></h2>
    <${Table} caption="What happened, newest first" columns=${HISTORY} rows=${history} keyOf=${({ position }: Happening) => position}
      empty=${html`<${Empty} title="Nothing yet" />`} />
  </section>`;
}

const HISTORY: readonly Column<Happening>[] = [
  { key: 'at', title: 'When', cell: ({ at }) => instant(at, now.value) },
  { key: 'event', title: 'What', cell: (one) => html`<${Happened} ...${one} />` },
  {
    ...{ key: 'events', title: 'Taken', isFigure: true },
    cell: ({ delivered }) => count(delivered),
  },
  {
    ...{ key: 'setAside', title: 'Set aside', isFigure: true },
    cell: ({ setAside }) => html`<span class=${setAside ? 'bad-text strong' : ''}>${count(setAside)}</span>`,
  },
  { key: 'by', title: 'By', cell: ({ by }) => by },
  { key: 'why', title: 'Why', cell: ({ detail }) => html`<span class="wrap">${detail ?? ''}</span>` },
];

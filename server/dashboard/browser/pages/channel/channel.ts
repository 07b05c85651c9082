// One channel: how it goes, what waits and why, what it was told, and what people can do about it.
import { html } from 'htm/preact';
import { useReading } from '../../api/reading.ts';
import { may } from '../../api/session.ts';
import { ago, count, duration, figure, plural, rate, short } from '../../format.ts';
import { ChannelBadge, type Publishing } from '../../parts/channel-badge.ts';
import { type Pair, Pairs } from '../../parts/pairs.ts';
import { SplitBar } from '../../parts/split-bar.ts';
import { Empty, Shown } from '../../parts/states.ts';
import { Tile } from '../../parts/tile.ts';
import { now } from '../../shell/now.ts';
import { hrefOf } from '../../shell/route.ts';
import { Actions } from './actions.ts';
import { GoLiveCard } from './go-live.ts';
import { type History, RefusedCard, ToldCard } from './tables.ts';

interface ChannelPolicy {
  readonly policy: {
    readonly version: string;
    readonly on: boolean;
    readonly locations: readonly string[];
    readonly buffer: number;
    readonly percentage: number;
    readonly cap?: number;
  };
  readonly connector?: string;
}

export function Channel({ channel }: { readonly channel: string }) {
  const path = `/v1/channels/${encodeURIComponent(channel)}`;
  const told = useReading<History>(`${path}/publishing?limit=30`, 2_000);
  const policy = useReading<ChannelPolicy>(path, 15_000);
  const publishing = told.data?.publishing;
  return html`<div class="heading">
      <h1><a class="up" href=${hrefOf('channels')}>Channels</a> / ${channel}</h1>
      ${told.data && html`<${ChannelBadge} publishing=${publishing} />`}
      ${publishing && html`<${Actions} ...${{ channel, publishing, changed: told.reload }} />`}
    </div>
    <${Shown} reading=${told}>
      ${(data: History) => html`<${Banners} publishing=${data.publishing} />
        <div class="cards channel">
          ${data.publishing && html`<${Tiles} publishing=${data.publishing} />`}
          ${data.publishing && data.publishing.backlog > 0 && html`<${BacklogCard} publishing=${data.publishing} />`}
          ${data.publishing?.state === 'shadow' && may('reconciliation:read') && html`<${GoLiveCard} channel=${channel} />`}
          ${
            data.publishing === undefined
              ? html`<div class="card"><${Empty} title="Nothing is published to it" text="It has no connector: it reads its figures from the API." /></div>`
              : html`<${ToldCard} events=${data.events} />
                <${RefusedCard} ...${{ channel, refused: data.refused, changed: told.reload }} />`
          }
          <${Shown} reading=${policy}>${(one: ChannelPolicy) => html`<${PolicyCard} of=${one} />`}</${Shown}>
        </div>`}
    </${Shown}>`;
}

function Banners({ publishing }: { readonly publishing: Publishing | undefined }) {
  if (publishing === undefined) return null;
  const { paused, failing, lastError, state, node } = publishing;
  const isDown = state === 'open' || state === 'failed';
  return html`${
    (node || state === 'elsewhere') &&
    html`<div class="banner" role="status">
        <span>${state === 'elsewhere' ? 'Told by another node: ' : 'Told by this node: '}<strong>${node ?? 'none now'}</strong></span>
      </div>`
  }${
    paused &&
    html`<div class="banner warn" role="status">
        <span>Paused by <strong>${paused.by}</strong> ${ago(paused.at, now.value)}${paused.reason && `: ${paused.reason}`}</span>
      </div>`
  }
    ${
      (failing || isDown) &&
      html`<div class="banner bad" role="status">
        <span>${failing ? `It counts as failing by its policy: ${failing}.` : 'It does not take our calls.'} ${lastError ?? ''}</span>
      </div>`
    }`;
}

function Tiles({ publishing }: { readonly publishing: Publishing }) {
  const { lag, backlog, inFlight, oldestBacklogAgeMs, lanes, deadLetters, budget, readBack } = publishing;
  const waiting = backlog + inFlight;
  const urgent = lanes?.urgent;
  return html`<div class="tiles">
    <${Tile} name="Lag p50" value=${duration(lag?.p50Ms)} note="half of the last 1,000 updates" />
    <${Tile} name="Lag p99" value=${duration(lag?.p99Ms)} note="99 of 100 were faster" />
    <${Tile} name="Backlog" value=${short(waiting)} note=${waiting === 0 ? 'it knows everything' : `the oldest for ${duration(oldestBacklogAgeMs)}`} />
    <${Tile} name="Rate" value=${urgent === undefined ? '–' : `${figure(urgent.ratePerSecond)}`} note=${urgent && `calls / s, learned; limit ${rate(urgent.ratePerSecondMax)}`} />
    <${Tile} name="Refused now" value=${short(deadLetters)} tone=${deadLetters > 0 ? 'bad' : undefined} note="values it will not take" />
    ${lanes?.bulk && html`<${Tile} name="Bulk" value=${lanes.bulk.state} note=${`${rate(lanes.bulk.ratePerSecond)} of ${rate(lanes.bulk.ratePerSecondMax)}`} />`}
    ${budget && html`<${Tile} name="Daily budget" value=${count(budget.leastLeft)} note=${`calls left for the SKU with the fewest; ${plural(budget.thin, 'SKU')} only for stock-outs`} />`}
    ${readBack && html`<${Tile} name="To be seen" value=${count(readBack.waiting)} note=${`accepted, not shown yet; ${count(readBack.lost)} lost`} />`}
  </div>`;
}

/** In the order in which they leave. */
function BacklogCard({ publishing: { byUrgency } }: { readonly publishing: Publishing }) {
  if (byUrgency === undefined) return null;
  const parts = [
    { name: 'stock-outs: it may sell what is not there', value: byUrgency['to-zero'], level: 4 },
    { name: 'it shows too many', value: byUrgency.decrease, level: 2 },
    { name: 'it shows too few', value: byUrgency.increase, level: 1 },
  ];
  return html`<section class="card" aria-labelledby="backlog-title">
    <h2 id="backlog-title">Backlog by priority</h2>
    <${SplitBar} label="Backlog by priority" parts=${parts} />
  </section>`;
}

function PolicyCard({ of: { policy, connector } }: { readonly of: ChannelPolicy }) {
  const { version, on, locations, buffer, percentage, cap } = policy;
  const pairs: readonly Pair[] = [
    ['Sells from', locations.join(', ')],
    ['Buffer', plural(buffer, 'unit')],
    ['Share', `${percentage} %`],
    ['Cap', cap === undefined ? 'none' : plural(cap, 'unit')],
    ['Switched', on ? 'on' : 'off: shows 0 of everything'],
    ['Adapter', connector ?? 'none'],
    ['Policy version', version],
  ];
  return html`<section class="card" aria-labelledby="policy-title">
    <h2 id="policy-title">Policy</h2>
    <${Pairs} pairs=${pairs} />
  </section>`;
}

// The channels of the overview: state, lag against its budget, backlog and its age, what failed.
import { html } from 'htm/preact';
import type { History, Overview } from '../../api/watching.ts';
import { count } from '../../format.ts';
import { BACKLOG, CHANNEL, OLDEST, STATE } from '../../parts/channel-columns.ts';
import { LagBar } from '../../parts/lag-bar.ts';
import { Sparkline } from '../../parts/sparkline.ts';
import { Empty } from '../../parts/states.ts';
import { type Column, Table } from '../../parts/table.ts';

type Row = Overview['channels'][number];

export function ChannelsCard({ overview, history }: { readonly overview: Overview; readonly history: History }) {
  const { channels } = overview;
  const slowest = Math.max(
    ...channels.map(({ publishing, budgetMs }) => Math.max(publishing?.lag?.p99Ms ?? 0, 1.25 * (budgetMs ?? 0))),
  );
  return html`<section class="card" aria-labelledby="channels-title">
    <h2 id="channels-title">Channels <small>lag p50 / p99 of the last 1,000 updates</small></h2>
    <${Table} caption="Channels" columns=${columns(slowest, history)} rows=${channels} keyOf=${({ channel }: Row) => channel}
      empty=${html`<${Empty} title="No channels" text="The policy has none that this key may see." />`} />
  </section>`;
}

function columns(slowest: number, history: History): readonly Column<Row>[] {
  return [
    CHANNEL,
    STATE,
    {
      key: 'lag',
      title: 'Lag',
      by: ({ publishing }) => publishing?.lag?.p99Ms,
      cell({ publishing, budgetMs }) {
        const lag = publishing?.lag;
        const full = budgetMs === undefined ? slowest : Math.max(1.25 * budgetMs, lag?.p99Ms ?? 0);
        return lag && html`<${LagBar} ...${lag} budgetMs=${budgetMs} fullMs=${full} />`;
      },
    },
    BACKLOG,
    {
      key: 'course',
      title: 'half an hour',
      isMinor: true,
      cell({ channel }) {
        const values = history.channels[channel]?.backlog.map((one) => one ?? 0);
        return values && html`<${Sparkline} values=${values} label=${`Backlog of ${channel}, the last half hour`} />`;
      },
    },
    OLDEST,
    {
      key: 'failed',
      title: 'Failed',
      isFigure: true,
      by: failedOf,
      cell: (row) => row.publishing && count(failedOf(row)),
    },
    {
      key: 'refused',
      title: 'Refused now',
      isFigure: true,
      by: ({ publishing }) => publishing?.deadLetters,
      cell({ publishing }) {
        if (publishing === undefined) return undefined;
        const { deadLetters } = publishing;
        return html`<span class=${deadLetters > 0 ? 'bad-text strong' : ''}>${count(deadLetters)}</span>`;
      },
    },
  ];
}

function failedOf({ updates }: Row): number {
  return updates.refused + updates.unknown + updates.postponed;
}

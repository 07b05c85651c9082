// All channels, and how publishing to each goes.
import { html } from 'htm/preact';
import { useReading } from '../api/reading.ts';
import { ago, count, duration, figure, rate } from '../format.ts';
import type { Publishing } from '../parts/channel-badge.ts';
import { BACKLOG, CHANNEL, OLDEST, STATE } from '../parts/channel-columns.ts';
import { Empty, Shown } from '../parts/states.ts';
import { type Column, Table } from '../parts/table.ts';
import { now } from '../shell/now.ts';
import type { PageProps } from '../shell/page.ts';
import { Channel } from './channel/channel.ts';

interface Row {
  readonly channel: string;
  readonly connector?: string;
  readonly publishing?: Publishing;
}

const COLUMNS: readonly Column<Row>[] = [
  CHANNEL,
  STATE,
  {
    key: 'lag',
    title: 'Lag p50 / p99',
    isFigure: true,
    by: ({ publishing }) => publishing?.lag?.p99Ms,
    cell: ({ publishing }) =>
      publishing?.lag && `${duration(publishing.lag.p50Ms)} / ${duration(publishing.lag.p99Ms)}`,
  },
  BACKLOG,
  OLDEST,
  {
    key: 'refused',
    title: 'Refused',
    isFigure: true,
    by: ({ publishing }) => publishing?.deadLetters,
    cell: ({ publishing }) => publishing && count(publishing.deadLetters),
  },
  {
    key: 'rate',
    title: 'Rate of limit',
    isFigure: true,
    isMinor: true,
    by: ({ publishing }) => publishing?.lanes?.urgent.ratePerSecond,
    cell({ publishing }) {
      const lane = publishing?.lanes?.urgent;
      return lane && `${figure(lane.ratePerSecond)} of ${rate(lane.ratePerSecondMax)}`;
    },
  },
  {
    key: 'acknowledged',
    title: 'Last told',
    isMinor: true,
    by: ({ publishing }) => publishing?.lastAcknowledgedAt,
    cell: ({ publishing }) => publishing && ago(publishing.lastAcknowledgedAt, now.value),
  },
];

export function View({ parts: [channel] }: PageProps) {
  return channel === undefined ? html`<${All} />` : html`<${Channel} key=${channel} channel=${channel} />`;
}

function All() {
  const reading = useReading<{ readonly channels: readonly Row[] }>('/v1/channels', 2_000);
  return html`<h1>Channels</h1>
    <${Shown} reading=${reading}>
      ${({ channels }: { readonly channels: readonly Row[] }) => html`<${Table} caption="Channels" columns=${COLUMNS}
        rows=${channels} keyOf=${({ channel }: Row) => channel}
        empty=${html`<${Empty} title="No channels" text="The policy has none that this key may see." />`} />`}
    </${Shown}>`;
}

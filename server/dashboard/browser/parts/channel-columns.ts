// Columns that every table of channels has.
import { html } from 'htm/preact';
import { count, duration } from '../format.ts';
import { hrefOf } from '../shell/route.ts';
import { ChannelBadge, type Publishing } from './channel-badge.ts';
import type { Column } from './table.ts';

interface Row {
  readonly channel: string;
  readonly publishing?: Publishing | undefined;
}

export const CHANNEL: Column<Row> = {
  key: 'channel',
  title: 'Channel',
  by: ({ channel }) => channel,
  cell: ({ channel }) => html`<a href=${hrefOf('channels', channel)}>${channel}</a>`,
};

export const STATE: Column<Row> = {
  key: 'state',
  title: 'State',
  by: ({ publishing }) => publishing?.state ?? 'reads',
  cell: ({ publishing }) => html`<${ChannelBadge} publishing=${publishing} />`,
};

export const BACKLOG: Column<Row> = {
  key: 'backlog',
  title: 'Backlog',
  isFigure: true,
  by: ({ publishing }) => publishing && publishing.backlog + publishing.inFlight,
  cell: ({ publishing }) => publishing && count(publishing.backlog + publishing.inFlight),
};

export const OLDEST: Column<Row> = {
  key: 'age',
  title: 'Oldest',
  isFigure: true,
  by: ({ publishing }) => publishing?.oldestBacklogAgeMs,
  cell: ({ publishing }) => (publishing?.oldestBacklogAgeMs ? duration(publishing.oldestBacklogAgeMs) : '–'),
};

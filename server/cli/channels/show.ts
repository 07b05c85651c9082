// `evenstock channels list | show`: how publishing goes, for people.
import { plural } from '../../../domain/plural.ts';
import { askServer, type ServerOptions } from '../ask-server.ts';
import { printJson, printTable } from '../print-table.ts';

export interface ChannelRow {
  readonly channel: string;
  readonly connector?: string;
  readonly publishing?: {
    readonly state: string;
    readonly node?: string;
    readonly backlog: number;
    readonly inFlight: number;
    readonly oldestBacklogAgeMs: number;
    readonly lagMs: number;
    readonly deadLetters: number;
    readonly lastError?: string;
    readonly failing?: string;
    readonly paused?: { readonly at: string; readonly by: string; readonly reason?: string };
  };
}

type Options = ServerOptions & { readonly json?: boolean };

export async function listChannels(options: Options): Promise<void> {
  const answer = (await askServer('/v1/channels', options)) as { readonly channels: readonly ChannelRow[] };
  if (options.json) return printJson(answer);
  const rows = answer.channels.map((row) => {
    const { publishing: now } = row;
    if (now === undefined) return [row.channel, row.connector ?? '', 'not published to', '', '', '', ''];
    const waits = String(now.backlog + now.inFlight);
    return [
      row.channel,
      row.connector ?? '',
      `${now.paused === undefined ? now.state : 'paused'}${now.node === undefined ? '' : ` (${now.node})`}`,
      waits,
      seconds(now.oldestBacklogAgeMs),
      seconds(now.lagMs),
      now.paused?.reason ?? now.failing ?? now.lastError ?? '',
    ];
  });
  printTable(['channel', 'connector', 'state', 'waits', 'oldest', 'lag', ''], rows, 'no channels');
}

export async function showChannel(channel: string, options: Options): Promise<void> {
  const answer = (await askServer(`/v1/channels/${encodeURIComponent(channel)}`, options)) as ChannelRow;
  if (options.json) return printJson(answer);
  process.stdout.write(`${channel}: ${stateText(answer)}\n`);
  const { publishing: now } = answer;
  if (now === undefined) return;
  const rows = Object.entries(now).map(([name, value]) => [
    name,
    typeof value === 'object' ? JSON.stringify(value) : String(value),
  ]);
  printTable(['publishing', ''], rows, '');
}

/** What holds now, in one line. */
export function stateText({ publishing: now }: ChannelRow): string {
  if (now === undefined) return 'nothing is published to it';
  const waits = `${plural(now.backlog + now.inFlight, 'SKU waits', 'SKUs wait')} to be told`;
  if (now.paused === undefined) return `${now.state}, ${waits}`;
  const { by, at, reason } = now.paused;
  return `paused by ${by} at ${at}${reason === undefined ? '' : ` (${reason})`}, ${waits}`;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

// `evenstock channels pause | resume | republish`: asks the server, and says what became of it.
import { askServer, type ServerOptions } from '../ask-server.ts';
import { printJson } from '../print-table.ts';
import { type ChannelRow, stateText } from './show.ts';

export type SteeringJson =
  | { readonly action: 'pause'; readonly reason: string }
  | { readonly action: 'resume'; readonly reason?: string | undefined }
  | {
      readonly action: 'republish';
      readonly reason?: string | undefined;
      readonly skus?: readonly string[] | undefined;
    };

interface Answer extends ChannelRow {
  readonly changed: boolean;
}

export async function steerChannel(
  channel: string,
  steering: SteeringJson,
  options: ServerOptions & { readonly json?: boolean },
): Promise<void> {
  const path = `/v1/channels/${encodeURIComponent(channel)}/publishing`;
  const answer = (await askServer(path, options, steering)) as Answer;
  if (options.json) return printJson(answer);
  process.stdout.write(`${channel}: ${answer.changed ? '' : 'nothing to do; '}${stateText(answer)}\n`);
}

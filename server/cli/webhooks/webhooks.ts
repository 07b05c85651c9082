// `evenstock webhooks status` and `replay`: what a running server knows of its webhooks.
import type { webhookView } from '../../routes/webhooks.ts';
import { askServer, type ServerOptions } from '../ask-server.ts';
import { printJson, printTable } from '../print-table.ts';

export interface WebhookOptions extends ServerOptions {
  readonly json?: boolean;
  readonly after?: string;
  readonly from?: string;
  readonly reason?: string;
}

type Status = ReturnType<typeof webhookView>;

export async function showWebhooks(id: string | undefined, options: WebhookOptions): Promise<void> {
  if (id === undefined) {
    const { webhooks } = (await askServer('/v1/webhooks', options)) as { readonly webhooks: readonly Status[] };
    if (options.json) return printJson(webhooks);
    return printTable(HEAD, webhooks.map(row), 'the policy has no webhook');
  }
  const one = (await askServer(`/v1/webhooks/${encodeURIComponent(id)}`, options)) as Status;
  if (options.json) return printJson(one);
  printTable(HEAD, [row(one)], '');
  if (one.lastError !== undefined) process.stdout.write(`last error: ${one.lastError}\n`);
  const rows = one.lastSetAside.map(({ event, type, position, reason }) => [event, type, position, reason]);
  if (rows.length > 0) printTable(['set aside', 'type', 'position', 'reason'], rows, '');
}

export async function replayWebhook(id: string, options: WebhookOptions): Promise<void> {
  const { after, from, reason } = options;
  const path = `/v1/webhooks/${encodeURIComponent(id)}/replay`;
  const answer = (await askServer(path, options, { after, from, reason })) as { readonly after?: string };
  if (options.json) return printJson(answer);
  const place = answer.after === undefined ? 'from the beginning' : `after position ${answer.after}`;
  process.stdout.write(`${id} is told of events ${place} once more\n`);
}

const HEAD = ['webhook', 'state', 'waiting', 'oldest', 'delivered', 'set aside', 'next try'];

function row({ webhook, state, waiting, oldestWaitingMs, delivered, setAside, nextTryAt }: Status): string[] {
  const oldest = waiting === 0 ? '' : `${Math.round(oldestWaitingMs / 1_000)} s`;
  return [webhook, state, waiting, oldest, delivered, setAside, nextTryAt ?? ''].map(String);
}

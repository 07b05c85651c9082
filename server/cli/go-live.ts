// `evenstock go-live`: may a channel leave shadow mode? Compares it, then prints the checklist with what is to be done.
// Exit code 0: all of it holds · 1: something does not, or it could not be looked at.
import { callServer } from './ask-server.ts';
import { compareWith, type ReconcileOptions, summaryText } from './reconcile.ts';

export interface GoLiveOptions extends Pick<ReconcileOptions, 'url' | 'key' | 'statement' | 'asOf'> {
  readonly mismatchPercent: string;
  /** false: `--no-compare`. */
  readonly compare: boolean;
  readonly json?: boolean;
}

interface Checklist {
  readonly ready: boolean;
  readonly live: boolean;
  readonly checks: readonly {
    readonly name: string;
    readonly ok: boolean;
    readonly detail: string;
    readonly todo?: string;
  }[];
}

export async function goLive(channel: string, options: GoLiveOptions): Promise<void> {
  if (options.compare) {
    const { json, mismatchPercent: _, compare: __, ...server } = options;
    const run = await compareWith(channel, { ...server, complete: true, correct: false, format: 'text' });
    if (!json) process.stdout.write(summaryText(run));
  }
  const query = new URLSearchParams({ mismatchPercentMax: options.mismatchPercent });
  const text = await callServer(`/v1/channels/${encodeURIComponent(channel)}/go-live?${query}`, options);
  const list = JSON.parse(text) as Checklist;
  if (options.json) process.stdout.write(`${text}\n`);
  else process.stdout.write(checklistText(channel, list));
  process.exitCode = list.ready ? 0 : 1;
}

function checklistText(channel: string, { ready, live, checks }: Checklist): string {
  const lines = checks.flatMap(({ name, ok, detail, todo }) => [
    `${ok ? 'ok ' : 'NO '} ${name.padEnd(11)} ${detail}`,
    ...(todo === undefined ? [] : [`                → ${todo}`]),
  ]);
  const verdict = ready
    ? live
      ? `${channel} is live.`
      : `${channel} can go live.`
    : `${channel} should not go live yet.`;
  return `\n${lines.join('\n')}\n\n${verdict}\n`;
}

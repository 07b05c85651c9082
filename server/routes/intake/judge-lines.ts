// Judges some of many lines together: sent to the actors without waiting in between, so that their events share commits,
// and answered in their order. A bad line costs no other.
import type { Answer } from '../../actors/answer.ts';
import type { Client } from '../../auth/keys.ts';
import type { Api } from '../api.ts';
import { answerLine, badLine } from './answer-json.ts';
import type { BadCommand, Checked } from './check-command.ts';
import type { StrictJson } from './strict-json.ts';

export interface CheckedLines {
  readonly count: number;
  /** The place of the n-th in what was sent, from 1. */
  lineNumber(n: number): number;
  /** The n-th, from 0. */
  check(n: number): Checked;
}

export interface Sending {
  readonly client: Client;
  readonly lines: CheckedLines;
  readonly traceparent: string | undefined;
}

export interface Judged {
  /** NDJSON, a line each. */
  readonly text: string;
  /** Set when a line failed and is to be sent again. */
  readonly retryAfterMs: number | undefined;
  /** Undefined: the line was bad. */
  readonly answers: readonly (Answer | undefined)[];
}

export async function judgeLines(
  { actors }: Pick<Api, 'actors'>,
  { client, lines, traceparent }: Sending,
  from: number,
  to: number,
): Promise<Judged> {
  const ids: string[] = [];
  const pending: (Promise<Answer> | string)[] = [];
  for (let n = from; n < to; n += 1) {
    const checked = lines.check(n);
    if ('bad' in checked) {
      ids.push('');
      pending.push(badLine(lines.lineNumber(n), checked.bad));
    } else {
      const { command } = checked;
      ids.push(command.id);
      pending.push(actors.submit({ command, client: client.id, traceparent }));
    }
  }
  const answers = await Promise.all(pending);
  let text = '';
  let retryAfterMs: number | undefined;
  answers.forEach((answer, at) => {
    if (typeof answer === 'string') text += answer;
    else {
      text += answerLine(lines.lineNumber(from + at), ids[at]!, answer);
      if (answer.outcome === 'failed') retryAfterMs = answer.retryAfterMs;
    }
  });
  return { text, retryAfterMs, answers: answers.map((answer) => (typeof answer === 'string' ? undefined : answer)) };
}

export function malformed({ rule, message }: Extract<StrictJson, { ok: false }>): BadCommand {
  return { reason: 'invalid-json', detail: `The line ${message}`, errors: [{ path: '', rule, message }] };
}

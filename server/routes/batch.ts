// POST /v1/commands/batch: up to 10,000 commands, a verdict per line as NDJSON, in the order of the lines, streamed
// while later ones are still being judged. Lines are sent to the actors 500 at a time without waiting in between,
// so their events share commits; a bad line costs no other. When the sender goes away the rest is not begun.

import type { Position } from '../../domain/event-log.ts';
import type { Client } from '../auth/keys.ts';
import { type Api, type ApiContext, admit, charge, headerOf, traceparentOf } from './api.ts';
import { answerInPieces } from './intake/answer-in-pieces.ts';
import { type BatchLines, batchLines } from './intake/batch-lines.ts';
import { bodyFormat, readBody } from './intake/body.ts';
import { type Checked, checkCommand } from './intake/check-command.ts';
import { answerOnce, fingerprintOf } from './intake/idempotency.ts';
import { type Judged, judgeLines, malformed, type Sending } from './intake/judge-lines.ts';

/** Lines judged together: half of what one actor keeps waiting, so that a batch for one hot SKU always fits. */
const CHUNK_LINES = 500;

/** Pieces of so many lines under way at once, of all batches: two keep the disk busy while the next is judged. */
export const PIECES_AT_ONCE = 2;
/** Pieces that are not in the figures yet, of all batches. Without it 30 s of overload left the figures 20 s behind. */
export const PIECES_AHEAD = 8;

const FORMATS = ['json', 'ndjson'] as const;
const NDJSON = { status: 200, headers: { 'content-type': 'application/x-ndjson' } } as const;

export async function postBatch(api: Api, c: ApiContext, traceparent = traceparentOf(c)): Promise<Response> {
  const client = admit(api, c, 'commands:write', 0);
  const format = bodyFormat(c, FORMATS);
  const leave = api.batches.enter(client.id);
  let isStreaming = false;
  try {
    const bytes = await readBody(c, api.limits.batchBytesMax);
    const lines = batchLines(bytes, format, api.limits.batchLinesMax);
    const checked = { ...lines, check: (n: number) => checkLine(api, client, lines, n) };
    const batch: Sending = { client, lines: checked, traceparent };
    const idempotencyKey = headerOf(c, 'idempotency-key');
    if (idempotencyKey !== undefined) {
      const fingerprint = fingerprintOf('/v1/commands/batch', format, bytes);
      return await answerOnce(api.idempotency, client.id, idempotencyKey, fingerprint, () => answerWhole(api, batch));
    }
    charge(api, client, lines.count);
    if (lines.count <= CHUNK_LINES) return new Response((await judgeInTurn(api, batch, 0, lines.count)).text, NDJSON);
    isStreaming = true;
    return new Response(streamed(api, batch, leave), NDJSON);
  } finally {
    if (!isStreaming) leave();
  }
}

/** All lines in one body, because the answer is to be kept. One that failed in part is not (it asks for a repeat). */
async function answerWhole(api: Api, batch: Sending): Promise<Response> {
  charge(api, batch.client, batch.lines.count);
  let body = '';
  let retryAfterMs: number | undefined;
  for (let from = 0; from < batch.lines.count; from += CHUNK_LINES) {
    const judged = await judgeInTurn(api, batch, from, Math.min(from + CHUNK_LINES, batch.lines.count));
    body += judged.text;
    retryAfterMs = judged.retryAfterMs ?? retryAfterMs;
  }
  if (retryAfterMs === undefined) return new Response(body, NDJSON);
  const retryAfter = String(Math.max(1, Math.ceil(retryAfterMs / 1_000)));
  return new Response(body, { status: 200, headers: { ...NDJSON.headers, 'retry-after': retryAfter } });
}

function streamed(api: Api, batch: Sending, leave: () => void): ReadableStream<Uint8Array> {
  const judge = async (from: number, to: number) => (await judgeInTurn(api, batch, from, to)).text;
  return answerInPieces({ count: batch.lines.count, size: CHUNK_LINES, judge, leave });
}

/**
 * All open batches at once would make one turn of the event loop of seconds, in which nothing else is answered. And they
 * stay near to what the figures show: a place is free again when the piece is folded. Resolves when it is durable.
 */
function judgeInTurn(api: Api, batch: Sending, from: number, to: number): Promise<Judged> {
  const { promise, resolve, reject } = Promise.withResolvers<Judged>();
  const work = async () => {
    const judged = await api.pieces.pass(() => judgeLines(api, batch, from, to));
    resolve(judged);
    const position = lastPosition(judged);
    if (position !== undefined) await api.availability.waitFor(position, FOLDED_MS_MAX);
  };
  api.piecesAhead.pass(work).catch(reject);
  return promise;
}
/** Figures that stand still hold batches up, and do not stop them. */
const FOLDED_MS_MAX = 1_000;

function lastPosition({ answers }: Judged): Position | undefined {
  let last: Position | undefined;
  for (const answer of answers)
    if (answer !== undefined && 'position' in answer && (last === undefined || answer.position > last))
      last = answer.position;
  return last;
}

function checkLine(api: Api, client: Client, lines: BatchLines, n: number): Checked {
  const parsed = lines.parse(n);
  return parsed.ok ? checkCommand(api, client, parsed.value) : { bad: malformed(parsed) };
}

// One command for many cases, in pieces, so that the page can say how far it is. A piece without an answer is sent again under
// the same command id, which has no second effect; what is given up on stays known case by case.
import type { z } from 'zod';
import type { BulkCaseAnswer } from '../../../../routes/openapi/case-documents.ts';
import type { Refusal } from '../../api/call.ts';

export type Result = z.infer<typeof BulkCaseAnswer>['results'][number];

export interface BulkOutcome {
  /** Taken, by id. */
  readonly taken: readonly string[];
  /** Not taken, with why. */
  readonly not: readonly { readonly id: string; readonly why: string }[];
}

export interface Bulk {
  readonly cases: readonly string[];
  /** @throws whatever `refusalOf` can read */
  send(cases: readonly string[]): Promise<readonly Result[]>;
  refusalOf(error: unknown): Pick<Refusal, 'status' | 'reason' | 'message' | 'retryAfterMs'>;
  /** After each piece: how many were answered. */
  onProgress(answered: number): void;
  pause(ms: number): Promise<void>;
  /** Nothing more is sent once it aborts. */
  readonly stop: AbortSignal;
}

/** Cases of one request: an answer every second or so. */
export const PIECE = 100;
const TRIES_MAX = 4;
const PAUSE_MS = 1_000;
const PAUSE_MS_MAX = 20_000;

/** Resolves in any case. */
export async function inPieces(bulk: Bulk): Promise<BulkOutcome> {
  const { cases, onProgress, stop } = bulk;
  const answered = new Map<string, string | undefined>();
  let given: string | undefined;
  for (let at = 0; at < cases.length && given === undefined; at += PIECE) {
    if (stop.aborted) given = 'stopped before it was sent';
    else given = await onePiece(bulk, cases.slice(at, at + PIECE), answered);
    onProgress(answered.size);
  }
  const ofAll = cases.map((id) => ({ id, why: answered.has(id) ? answered.get(id) : given }));
  return {
    taken: ofAll.flatMap(({ id, why }) => (why === undefined ? [id] : [])),
    not: ofAll.flatMap(({ id, why }) => (why === undefined ? [] : [{ id, why }])),
  };
}

/** Puts into `answered` why a case was not taken, undefined when it was. Returns why all the rest is given up. */
async function onePiece(
  { send, refusalOf, pause, stop }: Bulk,
  piece: readonly string[],
  answered: Map<string, string | undefined>,
): Promise<string | undefined> {
  let left = piece;
  for (let tries = 1; ; tries += 1) {
    let pauseMs = PAUSE_MS * 2 ** (tries - 1);
    try {
      const results = await send(left);
      for (const result of results) answered.set(result.case, whyNot(result));
      const failed = results.filter(({ outcome }) => outcome === 'failed');
      if (failed.length === 0 || tries === TRIES_MAX || stop.aborted) return undefined;
      left = failed.map((result) => result.case);
    } catch (error) {
      const { status, message, retryAfterMs } = refusalOf(error);
      const isPassing = status === 0 || status === 429 || status >= 500;
      if (!isPassing || tries === TRIES_MAX || stop.aborted) return message;
      pauseMs = retryAfterMs ?? pauseMs;
    }
    await pause(Math.min(PAUSE_MS_MAX, pauseMs));
  }
}

function whyNot({ outcome, detail, reason }: Result): string | undefined {
  return outcome === 'accepted' ? undefined : (detail ?? reason ?? outcome);
}

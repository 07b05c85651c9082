// Where an import sends its commands: a batch in, one result a command out. The results tell definite from not:
// only what is definite moves the import on, everything else is sent again, which its command ids make harmless.
import { setTimeout as delay } from 'node:timers/promises';
import type { StockCommandJson } from '../../../domain/stock/commands.ts';

export type LineResult =
  | { readonly outcome: 'accepted' | 'parked'; readonly duplicate: boolean }
  | { readonly outcome: 'refused' | 'invalid'; readonly reason: string; readonly detail: string }
  /** Not decided, or not known to be recorded: send it again after `retryAfterMs`. */
  | { readonly outcome: 'failed'; readonly reason: string; readonly detail: string; readonly retryAfterMs: number };

export type DefiniteResult = Exclude<LineResult, { outcome: 'failed' }>;

export interface ImportTarget {
  /**
   * One result for each command, in their order.
   * @throws ImportError when sending again cannot help (a wrong key, a wrong address)
   */
  submitBatch(commands: readonly StockCommandJson[], signal?: AbortSignal): Promise<readonly LineResult[]>;
}

/** Waits, injected. */
export interface Patience {
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** 0 ≤ random < 1. */
  readonly random: () => number;
}

export const patience: Patience = {
  sleep: (ms, signal) => delay(ms, undefined, { signal }).catch(() => {}),
  random: Math.random,
};

/** Attempts in a row that settle nothing before the import stops; with backoff about two minutes. */
const FRUITLESS_ATTEMPTS_MAX = 10;
const BACKOFF_BASE_MS = 100;
const BACKOFF_MS_MAX = 20_000;
/** A Retry-After beyond this is not waited for: the import stops and can be resumed. */
export const RETRY_AFTER_MS_MAX = 300_000;

export type Settled =
  | { readonly results: readonly DefiniteResult[] }
  | { readonly unsettled: { readonly reason: string; readonly detail: string } };

/** Sends a batch until every command has a definite result; gives up after a bounded time or when told to stop. */
export async function settleBatch(
  commands: readonly StockCommandJson[],
  target: ImportTarget,
  { sleep, random }: Patience,
  signal?: AbortSignal,
): Promise<Settled> {
  const results: (DefiniteResult | undefined)[] = commands.map(() => undefined);
  let open = commands.map((_, n) => n);
  for (let fruitless = 0; ; fruitless++) {
    const answers = await target.submitBatch(
      open.map((n) => commands[n]!),
      signal,
    );
    const failed: number[] = [];
    let failure: Extract<LineResult, { outcome: 'failed' }> | undefined;
    open.forEach((n, at) => {
      const answer = answers[at]!;
      if (answer.outcome !== 'failed') results[n] = answer;
      else {
        failed.push(n);
        if (failure === undefined || answer.retryAfterMs > failure.retryAfterMs) failure = answer;
      }
    });
    if (failure === undefined) return { results: results as DefiniteResult[] };
    if (failed.length < open.length) fruitless = 0;
    open = failed;
    const { reason, detail, retryAfterMs } = failure;
    if (fruitless >= FRUITLESS_ATTEMPTS_MAX || retryAfterMs > RETRY_AFTER_MS_MAX || signal?.aborted) {
      return { unsettled: { reason, detail } };
    }
    // Full jitter on top of what was asked for, so that batches sent together do not come back together.
    await sleep(retryAfterMs + random() * Math.min(BACKOFF_MS_MAX, BACKOFF_BASE_MS * 2 ** fruitless), signal);
  }
}

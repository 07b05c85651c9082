// Reads a channel's statement through its adapter, page by page: slowly enough to leave the channel's rate to publishing,
// patiently while it says later, and never beyond the limits. What it cannot get whole is not compared.
import type { ReadStatement, StatementReply } from '../../adapters/channels/statement.ts';
import { STATEMENT_ROWS_MAX, type Statement, type StatementRow } from '../../domain/reconciliation/statement.ts';
import { type Clock, type Instant, MINUTE, SECOND } from '../../domain/time.ts';

export interface ReadingRoom {
  readonly clock: Clock;
  readonly random: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}

export interface ReadingLimits {
  /** Pause between two pages, ms. */
  readonly pageEveryMs: number;
  /** Tries of one page before the statement is given up. */
  readonly triesMax: number;
  /** For the whole statement, ms. */
  readonly msMax: number;
}
export const READING_LIMITS: ReadingLimits = { pageEveryMs: 100, triesMax: 6, msMax: 15 * MINUTE };

/** A fifth of the channel's rate: a statement must not slow its publications down. */
export function pageEveryMs(ratePerSecond: number): number {
  return Math.min(5 * SECOND, Math.ceil((5 * SECOND) / ratePerSecond));
}

/** The statement could not be read; the message says why, for people. */
export class StatementUnread extends Error {
  override readonly name = 'StatementUnread';
}

const BACKOFF_BASE_MS = SECOND;
const BACKOFF_MS_MAX = MINUTE;

/** @throws StatementUnread */
export async function readStatement(
  read: ReadStatement,
  { clock, random, sleep }: ReadingRoom,
  limits: ReadingLimits,
  signal: AbortSignal,
): Promise<Statement> {
  const begun = clock.now();
  const rows = new Map<string, StatementRow>();
  let asOf: Instant | undefined;
  let cursor: string | undefined;
  for (;;) {
    const askedAt = clock.now();
    const page = await patiently(read, cursor);
    asOf = Math.min(asOf ?? Number.POSITIVE_INFINITY, page.asOf ?? askedAt);
    // A listing that moved to a later page meanwhile is told twice: the later row is the newer one.
    for (const row of page.rows) rows.set(row.sku, row);
    if (rows.size > STATEMENT_ROWS_MAX) throw new StatementUnread(`it has more than ${STATEMENT_ROWS_MAX} rows`);
    if (page.next === undefined) break;
    if (page.next === cursor) throw new StatementUnread(`its page after ${cursor} leads to itself`);
    cursor = page.next;
    await sleep(limits.pageEveryMs, signal);
  }
  return { rows: [...rows.values()], asOf: asOf ?? begun, isComplete: true };

  async function patiently(
    readPage: ReadStatement,
    at: string | undefined,
  ): Promise<Extract<StatementReply, { kind: 'page' }>> {
    for (let tries = 1; ; tries += 1) {
      if (signal.aborted) throw new StatementUnread('the server stopped meanwhile');
      if (clock.now() - begun > limits.msMax)
        throw new StatementUnread(`it took more than ${limits.msMax / MINUTE} min`);
      const reply = await readPage(at, signal);
      if (reply.kind === 'page') return reply;
      const where = at === undefined ? 'the first page' : `the page after ${at}`;
      if (reply.kind !== 'later') throw new StatementUnread(`${where}: ${reply.reason}`);
      if (tries >= limits.triesMax) throw new StatementUnread(`${where}, tried ${tries} times: ${reply.reason}`);
      const asked = Math.min(BACKOFF_MS_MAX, reply.afterMs ?? 0);
      await sleep(Math.max(asked, random() * Math.min(BACKOFF_MS_MAX, BACKOFF_BASE_MS * 2 ** tries)), signal);
    }
  }
}

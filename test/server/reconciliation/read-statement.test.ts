// Reading a channel's statement: page after page at a fifth of its rate, with patience, and within limits.
import { describe, expect, it } from 'vitest';
import type { StatementReply } from '../../../adapters/channels/statement.ts';
import { MINUTE, SECOND } from '../../../domain/time.ts';
import {
  pageEveryMs,
  READING_LIMITS,
  readStatement,
  StatementUnread,
} from '../../../server/reconciliation/read-statement.ts';

const T = Date.UTC(2026, 10, 23);
const page = (skus: readonly string[], next?: string, fields: object = {}): StatementReply => ({
  ...{ kind: 'page', asOf: undefined, next },
  rows: skus.map((sku) => ({ sku, units: 1, asOf: T, ...fields })),
});

function reading(replies: readonly StatementReply[], limits = READING_LIMITS) {
  let now = T;
  const slept: number[] = [];
  const asked: (string | undefined)[] = [];
  const read = (cursor: string | undefined) => {
    asked.push(cursor);
    return Promise.resolve(replies[Math.min(asked.length, replies.length) - 1]!);
  };
  const sleep = async (ms: number) => {
    slept.push(ms);
    now += ms;
  };
  const room = { clock: { now: () => now }, random: () => 0.5, sleep };
  return { slept, asked, statement: readStatement(read, room, limits, new AbortController().signal) };
}

describe('a statement', () => {
  it('is read page after page, with a pause between, as of its earliest page', async () => {
    const first = { ...page(['A', 'B'], 'B'), asOf: T + 5 } as StatementReply;
    const { statement, asked, slept } = reading([first, page(['C'], 'C'), page(['D'])]);
    expect(await statement).toMatchObject({ isComplete: true, asOf: T + 5 });
    expect((await statement).rows.map(({ sku }) => sku)).toEqual(['A', 'B', 'C', 'D']);
    expect([asked, slept]).toEqual([
      [undefined, 'B', 'C'],
      [100, 100],
    ]);
  });

  it('that tells an SKU on two pages means the later', async () => {
    const { statement } = reading([page(['A', 'B'], 'B'), page(['A'], undefined, { units: 7 })]);
    expect((await statement).rows).toMatchObject([
      { sku: 'A', units: 7 },
      { sku: 'B', units: 1 },
    ]);
  });

  it('that comes later is waited for, as long as the channel asks', async () => {
    const later: StatementReply = { kind: 'later', reason: 'HTTP 429', afterMs: 30 * SECOND };
    const { statement, slept } = reading([later, { ...later, afterMs: 60 * MINUTE }, page(['A'])]);
    expect((await statement).rows).toHaveLength(1);
    expect(slept).toEqual([30 * SECOND, MINUTE]);
  });

  it.each<readonly [string, readonly StatementReply[], RegExp]>([
    ['never comes', [{ kind: 'later', reason: 'HTTP 503' }], /tried 6 times: HTTP 503/],
    ['is denied', [{ kind: 'denied', reason: 'HTTP 403' }], /the first page: HTTP 403/],
    ['is not understood', [page(['A'], 'A'), { kind: 'malformed', reason: 'no JSON' }], /page after A: no JSON/],
    ['goes round', [page(['A'], 'A')], /leads to itself/],
  ])('that %s is not compared', async (_, replies, reason) => {
    const { statement } = reading(replies);
    await expect(statement).rejects.toThrow(StatementUnread);
    await expect(statement).rejects.toThrow(reason);
  });

  it('that takes too long is given up', async () => {
    const endless = Array.from({ length: 100 }, (_, n) => page([`A${n}`], `A${n}`));
    const { statement } = reading(endless, { ...READING_LIMITS, pageEveryMs: MINUTE });
    await expect(statement).rejects.toThrow(/more than 15 min/);
  });

  it('takes a fifth of the rate of its channel', () => {
    expect([pageEveryMs(5), pageEveryMs(200), pageEveryMs(0.1)]).toEqual([1_000, 25, 5_000]);
  });
});

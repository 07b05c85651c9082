// A command for a thousand cases: sent in pieces, each again when it got no answer, and of every case it is known what came of it.
import { describe, expect, it } from 'vitest';
import { type Bulk, inPieces, PIECE, type Result } from '../../server/dashboard/browser/pages/cases/bulk.ts';

const CASES = Array.from({ length: 1_000 }, (_, n) => `shortfall-${n}`);
const taken = (id: string): Result => ({ case: id, outcome: 'accepted' });

class Refused extends Error {
  readonly status: number;
  readonly retryAfterMs: number | undefined;
  readonly reason = 'r';
  constructor(status: number, message: string, retryAfterMs?: number) {
    super(message);
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

function bulkOf(send: (cases: readonly string[], call: number) => readonly Result[], stop = new AbortController()) {
  const sent: (readonly string[])[] = [];
  const progress: number[] = [];
  const pauses: number[] = [];
  const bulk: Bulk = {
    cases: CASES,
    async send(cases) {
      sent.push(cases);
      return send(cases, sent.length);
    },
    refusalOf: (error) => error as Refused,
    onProgress: (answered) => void progress.push(answered),
    async pause(ms) {
      pauses.push(ms);
    },
    stop: stop.signal,
  };
  return { bulk, sent, progress, pauses };
}

describe('a command for a thousand cases', () => {
  it('goes in pieces and says how far it is', async () => {
    const { bulk, sent, progress, pauses } = bulkOf((cases) => cases.map(taken));
    expect(await inPieces(bulk)).toEqual({ taken: CASES, not: [] });
    expect(sent.map(({ length }) => length)).toEqual(Array(10).fill(PIECE));
    expect(progress).toEqual([100, 200, 300, 400, 500, 600, 700, 800, 900, 1_000]);
    expect(pauses).toEqual([]);
  });

  it('sends a piece again that got no answer, after the time the server asks for', async () => {
    const { bulk, sent, pauses } = bulkOf((cases, call) => {
      if (call === 2) throw new Refused(429, 'too fast', 1_500);
      if (call === 3) throw new Refused(0, 'gone');
      return cases.map(taken);
    });
    expect((await inPieces(bulk)).taken).toEqual(CASES);
    expect(sent[1]).toEqual(sent[3]);
    expect(pauses).toEqual([1_500, 2_000]);
  });

  it('gives up after some tries and names every case that was not taken, with why', async () => {
    const { bulk, sent } = bulkOf((cases) => {
      if (cases[0] === CASES[300]) throw new Refused(503, 'the log cannot be reached');
      return cases.map(taken);
    });
    const { taken: done, not } = await inPieces(bulk);
    expect(sent).toHaveLength(3 + 4);
    expect(done).toEqual(CASES.slice(0, 300));
    expect(not).toEqual(CASES.slice(300).map((id) => ({ id, why: 'the log cannot be reached' })));
  });

  it('does not repeat what would be refused again', async () => {
    const { bulk, sent } = bulkOf(() => {
      throw new Refused(403, 'this needs another key');
    });
    expect((await inPieces(bulk)).not).toHaveLength(1_000);
    expect(sent).toHaveLength(1);
  });

  it('goes on past cases that are refused, and sends those again that failed', async () => {
    const closed = (id: string): Result => ({ case: id, outcome: 'refused', reason: 'case-closed', detail: 'closed' });
    const failed = (id: string): Result => ({ case: id, outcome: 'failed', reason: 'conflict' });
    let calls = 0;
    const { bulk, sent } = bulkOf((cases) => {
      calls += 1;
      return cases.map((id) => {
        if (id === CASES[5]) return closed(id);
        if (id === CASES[7] && calls === 1) return failed(id);
        return id === CASES[999] ? failed(id) : taken(id);
      });
    });
    const { taken: done, not } = await inPieces(bulk);
    expect(done).toHaveLength(998);
    expect(not).toEqual([
      { id: CASES[5], why: 'closed' },
      { id: CASES[999], why: 'conflict' },
    ]);
    expect(sent[1]).toEqual([CASES[7]]);
  });

  it('sends nothing more once it is stopped', async () => {
    const stop = new AbortController();
    const { bulk } = bulkOf((cases, call) => {
      if (call === 2) stop.abort();
      return cases.map(taken);
    }, stop);
    const { taken: done, not } = await inPieces(bulk);
    expect([done.length, not.length, not[0]!.why]).toEqual([200, 800, 'stopped before it was sent']);
  });
});

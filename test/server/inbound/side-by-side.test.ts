// How a page of messages is taken: different things at once, one thing in order. The scenario found that orders of a busy
// hour were taken one after the other, so that a poll fell hours behind.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InboundMessage } from '../../../adapters/inbound/inbound.ts';
import { SIDE_BY_SIDE_MAX, takeSideBySide } from '../../../server/inbound/side-by-side.ts';
import type { Verdict } from '../../../server/inbound/verdict.ts';

const message = (about: string): InboundMessage => ({ about, meaning: { kind: 'ignored', why: 'a test' } });
const turns = async (n: number) => {
  for (let turn = 0; turn < n; turn++) await new Promise(setImmediate);
};

describe('a page of messages', () => {
  // Seen failing: with every message as a thing of its own; with one worker.
  it('is taken side by side, and what is about one thing in its order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 60 }), async (things) => {
        const page = things.map((thing) => message(`order ${thing}`));
        const began: InboundMessage[] = [];
        const underWay = new Set<string>();
        let most = 0;
        const take = async (one: InboundMessage): Promise<Verdict> => {
          expect(underWay).not.toContain(one.about);
          underWay.add(one.about);
          began.push(one);
          most = Math.max(most, underWay.size);
          await turns(1 + (began.length % 3));
          underWay.delete(one.about);
          return { kind: 'taken' };
        };
        const settled: InboundMessage[] = [];
        expect(await takeSideBySide(page, { take }, (one) => void settled.push(one))).toBeUndefined();
        expect(settled).toHaveLength(page.length);
        for (const [about, messages] of Map.groupBy(page, (one) => one.about)) {
          expect(began.filter((one) => one.about === about)).toEqual(messages);
        }
        expect(most).toBe(Math.min(SIDE_BY_SIDE_MAX, new Set(things).size));
      }),
      { numRuns: 30 },
    );
  });

  it('ends with the first that must come again, when nothing is under way any more', async () => {
    let underWay = 0;
    let taken = 0;
    const take = async ({ about }: InboundMessage): Promise<Verdict> => {
      underWay += 1;
      taken += 1;
      await turns(about === 'order 3' ? 1 : 5);
      underWay -= 1;
      return about === 'order 3' ? { kind: 'busy', reason: 'later' } : { kind: 'taken' };
    };
    const page = Array.from({ length: 100 }, (_, n) => message(`order ${n}`));
    expect(await takeSideBySide(page, { take }, () => {})).toMatchObject({ kind: 'busy' });
    expect(underWay).toBe(0);
    expect(taken).toBe(SIDE_BY_SIDE_MAX);
  });
});

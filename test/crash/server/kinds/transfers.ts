// Transfers of two lines that arrive whole, in part with a loss, go back, or are called off.
import { expect } from 'vitest';
import { fact, got, type Happened, history, type Kind, post, type Step } from '../stories.ts';

const SKUS = ['T-A', 'T-B'];
const [FROM, TO] = ['warehouse', 'store-001'];
const RECEIVED = 100_000;
const lines = (quantity: number) => SKUS.map((sku) => ({ sku, quantity }));

/** Of 4 units asked for: told after the opening, and what is gone from the origin and has come to the destination. */
const COURSES = [
  {
    told: [
      ['dispatch', 4],
      ['receive', 1],
      ['receive', 3],
    ],
    gone: 4,
    come: 4,
  },
  {
    told: [
      ['dispatch', 4],
      ['receive', 3],
      ['short', 1],
    ],
    gone: 4,
    come: 3,
  },
  {
    told: [
      ['dispatch', 3],
      ['reject', 2],
      ['return', 2],
      ['receive', 1],
      ['cancel', 0],
    ],
    gone: 1,
    come: 1,
  },
  { told: [['cancel', 0]], gone: 0, come: 0 },
] as const;
const courseOf = (n: number) => COURSES[n % COURSES.length]!;

function told(n: number, [type, units]: readonly [string, number], at: number): Step {
  const reason = type === 'short' || type === 'reject' ? { reason: 'broken' } : {};
  const what = type === 'cancel' ? {} : { lines: lines(units), ...reason };
  return post(`/v1/transfers/t-${n}/commands`, { type, id: `t-${n}-${at}`, ...what });
}

export const TRANSFERS: Kind = {
  name: 'transfers',
  clients: 3,
  story: (n) => [
    ...SKUS.map((sku) =>
      fact({ type: 'receipt', id: `in-${sku}`, sku, location: FROM, quantity: RECEIVED, occurredAt: STARTED }),
    ),
    post('/v1/transfers', { id: `t-${n}-open`, transferId: `t-${n}`, from: FROM, to: TO, lines: lines(4) }),
    ...courseOf(n).told.map((step, at) => told(n, step, at)),
  ],
  async check(ask, stories) {
    let [gone, come] = [0, 0];
    for (let n = 0; n < stories; n++) {
      const transfer = await got(ask, `/v1/transfers/t-${n}`);
      expect(transfer, `t-${n}`).toMatchObject({ owed: 0, status: courseOf(n).gone === 0 ? 'cancelled' : 'completed' });
      gone += courseOf(n).gone;
      come += courseOf(n).come;
    }
    expect((await got(ask, '/v1/transfers'))['transfers']).toEqual([]);
    const none = { reserved: 0, inTransitIn: 0, inTransitOut: 0 };
    for (const sku of SKUS) {
      const [out, into] = [await history(ask, sku, FROM), await history(ask, sku, TO)];
      expect(out.at(-1)?.levels, sku).toMatchObject({ onHand: RECEIVED - gone, ...none });
      expect(into.at(-1)?.levels, sku).toMatchObject({ onHand: come, ...none });
      conserves(out, into);
    }
  },
};

const STARTED = new Date(Date.now() - 3_600_000).toISOString();

/** P7 at every position of the log, read from the stocks alone: no unit shows twice, and none is forgotten. */
function conserves(out: readonly Happened[], into: readonly Happened[]): void {
  const all = [...out.map((one) => ({ one, end: 0 })), ...into.map((one) => ({ one, end: 1 }))];
  all.sort((a, b) => Number(BigInt(a.one.position) - BigInt(b.one.position)));
  const levels = [NOTHING, NOTHING];
  let lost = 0;
  for (const { one, end } of all) {
    levels[end] = one.levels;
    if (one.event === 'TransferShort' && end === 0) lost += one.quantity!;
    const onHand = levels[0]!.onHand + levels[1]!.onHand + lost + levels[0]!.inTransitIn;
    expect(onHand + levels[1]!.inTransitIn, `shown twice at ${one.position}`).toBeLessThanOrEqual(RECEIVED);
    expect(onHand + levels[0]!.inTransitOut, `forgotten at ${one.position}`).toBeGreaterThanOrEqual(RECEIVED);
  }
}

const NOTHING: Happened['levels'] = { onHand: 0, reserved: 0, inTransitIn: 0, inTransitOut: 0 };

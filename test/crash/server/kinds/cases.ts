// Cases: SKUs that are sold before they were received. Somebody says something to each; every second cause is then gone.
import { expect } from 'vitest';
import { type Ask, fact, got, type Kind, minutesAgo, post, type Step } from '../stories.ts';

const LOCATION = 'store-001';
const skuOf = (n: number) => `X-${n}`;
const isCured = (n: number) => n % 2 === 1;

type Case = Readonly<Record<'id' | 'status' | 'occurrence' | 'comments' | 'subject', unknown>>;

const casesOf = async (ask: Ask, n: number): Promise<readonly Case[] | undefined> => {
  const answer = await ask(`/v1/cases?kind=shortfall&status=all&sku=${skuOf(n)}`);
  return answer?.status === 200 ? (answer.body['cases'] as readonly Case[]) : undefined;
};

/** Waits for the case first: it follows the sale. */
function comment(n: number): Step {
  return async (ask) => {
    const id = (await casesOf(ask, n))?.[0]?.id;
    if (id === undefined) return 'again';
    const said = { type: 'comment', id: `x-${n}-note`, text: `who sold ${skuOf(n)}?` };
    return post(`/v1/cases/${id}/commands`, said)(ask);
  };
}

export const CASES: Kind = {
  name: 'cases',
  clients: 2,
  story(n) {
    const stock = { sku: skuOf(n), location: LOCATION };
    const later = minutesAgo(50);
    return [
      fact({ ...stock, type: 'sale', id: `x-${n}-sale-1`, quantity: 2 }),
      fact({ ...stock, type: 'sale', id: `x-${n}-sale-2`, quantity: 1 }),
      comment(n),
      ...(isCured(n) ? [fact({ ...stock, type: 'receipt', id: `x-${n}-in`, quantity: 3, occurredAt: later })] : []),
    ];
  },
  async check(ask, stories) {
    for (let n = 0; n < stories; n++) {
      const status = isCured(n) ? 'cleared' : 'open';
      const wanted = [{ status, occurrence: 1, comments: 1 }];
      await expect.poll(() => casesOf(ask, n), { timeout: 5_000, message: skuOf(n) }).toMatchObject(wanted);
      const [{ id }] = (await casesOf(ask, n)) as [Case];
      const happened = (await got(ask, `/v1/cases/${id}`))['history'] as { event: string }[];
      const counted = (event: string) => happened.filter((one) => one.event === event).length;
      expect([counted('CaseOpened'), counted('CaseCommented'), counted('CaseReopened')], skuOf(n)).toEqual([1, 1, 0]);
    }
  },
};

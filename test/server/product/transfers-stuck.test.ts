// A transfer that nobody tells anything of becomes a case by itself, also when the server was restarted meanwhile, and the
// case closes by itself when something is heard.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type TransferStore, transferStore } from '../../support/transfer-store.ts';

let store: TransferStore;
beforeEach(async () => {
  // 1.7 seconds.
  store = await transferStore({ policy: { transfers: { stuckAfterDays: 0.000_02 } } });
  await store.receive('dc', { A: 10 });
});
afterEach(() => store.close());

const stuck = async () => {
  const { body } = await store.product.get('/v1/transfers?stuck=true');
  return (body['transfers'] as { id: string }[]).map(({ id }) => id);
};
const cases = async (status: string) => {
  const { body } = await store.product.get(`/v1/cases?kind=stuck-transfer&status=${status}`);
  return body['cases'] as Record<string, unknown>[];
};

it('is found after its time, over a restart, and closes its case when it is heard of', async () => {
  await store.open({ A: 4 });
  await store.send('dispatch', { A: 4 });
  await store.restart();
  await expect.poll(stuck, { timeout: 10_000 }).toEqual(['t-1']);
  const inTransit = { kind: 'stuck-transfer', subject: { transferId: 't-1', location: 'store-1' } };
  await expect.poll(() => cases('open'), { timeout: 10_000 }).toMatchObject([inTransit]);
  const [opened] = await cases('open');
  expect((await store.transfer())['stuck']).toBe(true);

  expect(await store.send('receive', { A: 4 })).toMatchObject({
    body: { transfer: { status: 'completed', stuck: false } },
  });
  await expect.poll(() => cases('open'), { timeout: 10_000 }).toEqual([]);
  expect(await cases('all')).toMatchObject([{ id: opened!['id'] }]);
  expect(await stuck()).toEqual([]);
});

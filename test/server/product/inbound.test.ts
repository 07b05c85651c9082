// What channels tell, over real HTTP: by webhook and by poll, twice and in any order, of names that nobody knows, garbled,
// while the channel is away and through a restart.
import { afterEach, expect, test } from 'vitest';
import { canarySecret } from '../../support/canary.ts';
import { type Product, startProduct } from '../../support/product.ts';
import { signedNow, startToyChannel, type ToyOrder } from '../../support/toy-channel.ts';

const SECRET = canarySecret('toy');
const NEXT_SECRET = canarySecret('toy-next');

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function room(env: Record<string, string> = {}) {
  const toy = await startToyChannel();
  open.push(toy);
  for (const item of ['red', 'blue']) toy.items.set(item, item.toUpperCase());
  const connector = { type: 'toy', url: toy.url, secretEnv: 'TOY' };
  const product = await startProduct({
    vendors: [toy.vendor],
    env: { TOY_WEBHOOK: SECRET, TOY_WEBHOOK_NEXT: NEXT_SECRET, ...env },
    policy: {
      locations: [{ id: 'warehouse' }],
      channels: [{ id: 'toy', locations: ['warehouse'], connector }],
    },
  });
  const room = { toy, product };
  open.push({ close: () => room.product.close() });
  for (const sku of ['RED', 'BLUE']) await product.command({ type: 'receipt', sku, quantity: 10 });
  return room;
}

const hook = (product: Product, order: unknown, secret = SECRET) => {
  const body = JSON.stringify(order);
  return post(product, 'toy', body, signedNow(secret, body));
};
const post = (product: Product, channel: string, body: string | Buffer<ArrayBuffer>, headers: Record<string, string>) =>
  fetch(`${product.evenstock.url}/v1/hooks/${channel}`, { method: 'POST', body, headers });

const ORDER: ToyOrder = { id: '1001', lines: [{ item: 'red', quantity: 3 }] };

async function until<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
  for (let n = 0; n < 400; n++) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`not within 10 s: ${what}`);
}

const order = async (product: Product, id: string) => {
  const { status, body } = await product.get(`/v1/orders/${id}`);
  return status === 200 ? (body as { status: string; lines: unknown[]; revision: number }) : undefined;
};
const reserved = async (product: Product, sku: string) => {
  const head = await product.evenstock.log.head();
  return (await product.get(`/v1/stock/${sku}/warehouse?after=${head}`)).body['reserved'];
};
const intake = async (product: Product) =>
  (await product.get('/v1/channels/toy')).body['inbound'] as {
    waiting: number;
    oldest: { about: string; why: string }[];
    poll: { state: string; watermark?: string; failures: number; isSilent: boolean };
    webhook: { received: number; unverified: number };
  };
const cases = async (product: Product, query: string) =>
  (await product.get(`/v1/cases?${query}`)).body['cases'] as {
    id: string;
    kind: string;
    status: string;
    detail: string;
  }[];

test('one order, told by webhook ten times at once and by poll, is one order', async () => {
  const { toy, product } = await room();
  toy.orders.push(ORDER);
  const answers = await Promise.all(Array.from({ length: 10 }, () => hook(product, ORDER)));
  expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
  await until('the poll is there', async () => (await intake(product)).poll.watermark === '1');
  expect(await reserved(product, 'RED')).toBe(3);
  const before = await order(product, 'toy-1001');
  expect(before).toMatchObject({ status: 'confirmed' });
  expect((await hook(product, ORDER)).status).toBe(200);
  expect(await order(product, 'toy-1001')).toEqual(before);
  expect(await reserved(product, 'RED')).toBe(3);
});

test('what overtakes what it follows ends the same: sent and cancelled come before placed', async () => {
  const { product } = await room();
  const sent = { ...ORDER, sent: [{ id: 's1', item: 'red', quantity: 1 }] };
  expect((await hook(product, { ...sent, cancelled: true })).status).toBe(200);
  expect((await hook(product, sent)).status).toBe(200);
  expect((await hook(product, ORDER)).status).toBe(200);
  expect(await order(product, 'toy-1001')).toMatchObject({ status: 'cancelled' });
  expect(await reserved(product, 'RED')).toBe(0);
  expect((await product.get('/v1/stock/RED/warehouse')).body).toMatchObject({ onHand: 9 });
  expect(await intake(product)).toMatchObject({ waiting: 0 });
});

test('an item that nobody mapped: kept, one case, taken when it is mapped and retried', async () => {
  const { toy, product } = await room();
  const green = (id: string): ToyOrder => ({ id, lines: [{ item: 'green', quantity: 2 }] });
  expect((await hook(product, green('1'))).status).toBe(200);
  expect((await hook(product, green('1'))).status).toBe(200);
  toy.orders.push(green('2'), ORDER);
  await until('the poll is past it', async () => (await intake(product)).poll.watermark === '2');
  expect(await intake(product)).toMatchObject({ waiting: 2, oldest: [{ why: 'unmapped' }, { why: 'unmapped' }] });
  // It held up nothing.
  expect(await order(product, 'toy-1001')).toMatchObject({ status: 'confirmed' });
  const [found, ...others] = await until('a case', async () => {
    const all = await cases(product, 'status=open&kind=unmapped-sku');
    return all.length > 0 && all;
  });
  expect(others).toEqual([]);
  expect(found!.detail).toContain('sku green, which is not mapped');

  toy.items.set('green', 'GREEN');
  await product.command({ type: 'receipt', sku: 'GREEN', quantity: 5 });
  await product.post(`/v1/cases/${found!.id}/commands`, { id: 'retry-1', type: 'retry' });
  expect(await reserved(product, 'GREEN')).toBe(4);
  expect(await intake(product)).toMatchObject({ waiting: 0 });
  await until('the case closes', async () => (await cases(product, 'status=open&kind=unmapped-sku')).length === 0);
});

test('what is garbled is tried three times, then a case; dismissed, it is given up', async () => {
  const { toy, product } = await room();
  const body = '{"id": "1001", "lines": []}';
  expect((await post(product, 'toy', body, signedNow(SECRET, body))).status).toBe(200);
  const [found] = await until('a case', async () => {
    const all = await cases(product, 'status=open&kind=poison-message');
    return all.length > 0 && all;
  });
  expect(toy.calls.translations).toBe(3);
  expect(await intake(product)).toMatchObject({ waiting: 1, oldest: [{ why: 'malformed' }] });
  const retried = await product.post(`/v1/cases/${found!.id}/commands`, { id: 'retry-1', type: 'retry' });
  expect(retried.body).toMatchObject({ case: { status: 'open', lastRetry: '0 of 1 messages were taken' } });
  await product.post(`/v1/cases/${found!.id}/commands`, { id: 'dismiss-1', type: 'dismiss', reason: 'a test' });
  await until('it is given up', async () => (await intake(product)).waiting === 0);
});

test('more sent than is reserved is refused to the order, and a case; taken by itself when it fits', async () => {
  const { product } = await room();
  const many: ToyOrder = {
    id: '7',
    lines: [{ item: 'blue', quantity: 12 }],
    sent: [{ id: 's', item: 'blue', quantity: 12 }],
  };
  expect((await hook(product, many)).status).toBe(200);
  expect(await intake(product)).toMatchObject({ waiting: 1, oldest: [{ about: 'order 7', why: 'refused' }] });
  const [found] = await until('a case', async () => {
    const all = await cases(product, 'status=open&kind=poison-message');
    return all.length > 0 && all;
  });
  await product.command({ type: 'receipt', sku: 'BLUE', quantity: 5 });
  await product.post('/v1/orders/toy-7/commands', { id: 'look-again', type: 'source' });
  await product.post(`/v1/cases/${found!.id}/commands`, { id: 'retry-1', type: 'retry' });
  expect(await order(product, 'toy-7')).toMatchObject({ status: 'fulfilled' });
  expect(await intake(product)).toMatchObject({ waiting: 0 });
});

test('a translation that takes longer than a channel waits is answered in time, and taken', async () => {
  const { toy, product } = await room();
  toy.answers.translateMs = 3_200;
  const startedAt = performance.now();
  expect((await hook(product, ORDER)).status).toBe(200);
  expect(performance.now() - startedAt).toBeLessThan(5_000);
  expect(await intake(product)).toMatchObject({ waiting: 1, oldest: [{ why: 'later' }] });
  await until('it is taken', async () => (await order(product, 'toy-1001'))?.status === 'confirmed');
  await until('it waits no more', async () => (await intake(product)).waiting === 0);
});

test('the watermark moves on success alone; a channel that is away is asked again, one that denies rests', async () => {
  const { toy, product } = await room();
  toy.answers.status = 503;
  toy.orders.push(ORDER, { ...ORDER, id: '1002' }, { ...ORDER, id: '1003' });
  await until('it fails', async () => (await intake(product)).poll.failures >= 2);
  expect((await intake(product)).poll).toMatchObject({ state: 'failing' });
  expect((await intake(product)).poll.watermark).toBe('0');
  toy.answers.status = 200;
  await until('all pages', async () => (await intake(product)).poll.watermark === '3');
  expect(await reserved(product, 'RED')).toBe(9);
  toy.answers.status = 401;
  await until('it is denied', async () => (await intake(product)).poll.state === 'denied');
  const { polls } = toy.calls;
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(toy.calls.polls).toBe(polls);
});

test('a channel that does not answer for longer than patience is a case, which closes when it answers', async () => {
  const { toy, product } = await room({ CASE_PATIENCE_MS: '500' });
  toy.answers.status = 503;
  await until('a case', async () => (await cases(product, 'status=open&kind=breaker-open')).length === 1);
  expect((await intake(product)).poll.isSilent).toBe(true);
  toy.answers.status = 200;
  // It is asked later and later: `retry` asks at once.
  const [found] = await cases(product, 'status=open&kind=breaker-open');
  await product.post(`/v1/cases/${found!.id}/commands`, { id: 'retry-1', type: 'retry' });
  await until('it closes', async () => (await cases(product, 'status=open&kind=breaker-open')).length === 0);
});

test('through a restart: the watermark, what waits, and what was told before', async () => {
  const opened = await room();
  const { toy } = opened;
  toy.orders.push(ORDER);
  await until('the poll', async () => (await intake(opened.product)).poll.watermark === '1');
  expect((await hook(opened.product, { id: '9', lines: [{ item: 'green', quantity: 1 }] })).status).toBe(200);
  opened.product = await opened.product.restart();
  const { product } = opened;
  const before = await order(product, 'toy-1001');
  expect((await intake(product)).poll.watermark).toBe('1');
  expect((await hook(product, ORDER)).status).toBe(200);
  expect(await order(product, 'toy-1001')).toEqual(before);
  expect(await reserved(product, 'RED')).toBe(3);
  expect(await intake(product)).toMatchObject({ waiting: 1, oldest: [{ about: 'order 9', why: 'unmapped' }] });
});

// The Idempotency-Key header: the same key and body get the first answer, bounded in time, entries and bytes.
import { expect, test } from 'vitest';
import { DAY } from '../../domain/time.ts';
import type { Answer, StockActors } from '../../server/actors/answer.ts';
import { createIdempotencyStore } from '../../server/routes/intake/idempotency.ts';
import { KEYS, problemOf, sale, shop } from './support/shop.ts';

const withKey = (key: string) => ({ headers: { 'idempotency-key': key } });

test('a repeat is answered from memory, byte for byte, and marked', async () => {
  const { command } = shop();
  const fields = sale();
  const first = await command(fields, withKey('k1'));
  const again = await command(fields, withKey('"k1"'));
  expect(again.headers.get('idempotency-replayed')).toBe('true');
  expect(first.headers.get('idempotency-replayed')).toBeNull();
  expect(again.status).toBe(first.status);
  expect(await again.text()).toBe(await first.text());
});

test('another body with the key is a 422; another client or 24 h later it is a new key', async () => {
  const room = shop();
  const fields = sale();
  await room.command(fields, withKey('k'));
  expect(await problemOf(await room.command(sale(), withKey('k')))).toMatchObject({ status: 422 });
  expect((await room.command(sale(), { ...withKey('k'), key: KEYS.writer })).status).toBe(200);
  room.now += DAY;
  expect((await room.command(sale(), withKey('k'))).headers.get('idempotency-replayed')).toBeNull();
});

test('a bad request is kept too; a malformed key is a 400', async () => {
  const { command } = shop();
  const bad = sale({ quantity: 0 });
  expect((await command(bad, withKey('b'))).status).toBe(422);
  const again = await command(bad, withKey('b'));
  expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([422, 'true']);
  expect(again.headers.get('content-type')).toBe('application/problem+json');
  expect((await command(sale(), withKey('a b'))).status).toBe(400);
  expect((await command(sale(), withKey('x'.repeat(129)))).status).toBe(400);
});

test('in flight the key is a 409 with Retry-After; an answer that asks for a repeat is not kept', async () => {
  const answers: ((answer: Answer) => void)[] = [];
  const actors: StockActors = {
    submit: () => new Promise((resolve) => void answers.push(resolve)),
    stats: () => ({ resident: 0, waiting: 0 }),
    async close() {},
  };
  const { command } = shop({ actors });
  const fields = sale();
  const first = command(fields, withKey('k'));
  await expect.poll(() => answers.length).toBe(1);
  const second = await command(fields, withKey('k'));
  expect([second.status, second.headers.get('retry-after')]).toEqual([409, '1']);
  answers[0]!({ outcome: 'failed', reason: 'unavailable', detail: '', retryAfterMs: 100 });
  expect((await first).status).toBe(503);
  const third = command(fields, withKey('k'));
  await expect.poll(() => answers.length).toBe(2);
  answers[1]!({ outcome: 'refused', reason: 'not-due', detail: '' });
  expect((await third).status).toBe(409);
  expect((await command(fields, withKey('k'))).headers.get('idempotency-replayed')).toBe('true');
});

test('a batch is kept whole', async () => {
  const { send, log } = shop();
  const body = Array.from({ length: 700 }, () => JSON.stringify(sale())).join('\n');
  const options = { body, headers: { 'content-type': 'application/x-ndjson', 'idempotency-key': 'day-1' } };
  const first = await (await send('POST', '/v1/commands/batch', options)).text();
  const again = await send('POST', '/v1/commands/batch', options);
  expect(again.headers.get('idempotency-replayed')).toBe('true');
  expect(await again.text()).toBe(first);
  expect(await log.head()).toBe(699n);
});

test('the store holds no more than its entries and bytes, and lets the least recently used go', () => {
  const store = createIdempotencyStore(3, 10_000, { now: () => 0 });
  const answer = (body: string) => ({ status: 200, contentType: 'text/plain', body });
  const put = (key: string, body = 'x') => {
    const turn = store.begin('c', key, 'f');
    if ('finish' in turn) turn.finish(answer(body));
    return 'replay' in turn;
  };
  for (const key of ['a', 'b', 'c']) put(key);
  expect(put('a')).toBe(true);
  put('d');
  expect(store.size().entries).toBe(3);
  expect(put('a')).toBe(true);
  expect(put('b')).toBe(false);
  put('large', 'x'.repeat(4_000));
  expect(store.size().bytes).toBeLessThanOrEqual(10_000);
  put('too large', 'x'.repeat(6_000));
  expect(put('too large', 'x'.repeat(6_000))).toBe(false);
});

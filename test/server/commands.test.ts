// POST /v1/commands with real actors: what is accepted, refused, kept, repeated; and what a failure is answered.
import { expect, test } from 'vitest';
import { DAY } from '../../domain/time.ts';
import type { Answer, Envelope, FailureReason, StockActors } from '../../server/actors/answer.ts';
import { CommandAnswer } from '../../server/routes/openapi/schemas.ts';
import { NOON, problemOf, receipt, sale, shop } from './support/shop.ts';

test('an accepted command is answered with its event, position and the stock after it', async () => {
  const { command } = shop();
  await command(receipt({ id: 'r1' }));
  const response = await command(sale({ id: 's1', quantity: 3, channel: 'web' }));
  expect(response.status).toBe(200);
  const answer = CommandAnswer.parse(await response.json());
  expect(answer).toMatchObject({ commandId: 's1', outcome: 'accepted', duplicate: false, event: 'UnitsSold' });
  expect(answer).toMatchObject({ revision: 1, position: '1', stock: { onHand: 7, available: 7 } });
});

test('the same command again has no effect and gets its first answer', async () => {
  const { command, log } = shop();
  const first = await command(sale({ id: 'once' }));
  const again = await command(sale({ id: 'once' }));
  expect(again.status).toBe(first.status);
  expect(await again.json()).toEqual({ ...((await first.json()) as object), duplicate: true });
  expect(await log.head()).toBe(0n);
});

test('a fact outside the window is kept and answered 202', async () => {
  const { command } = shop();
  const response = await command(sale({ occurredAt: new Date(NOON - 60 * DAY).toISOString() }));
  expect(response.status).toBe(202);
  expect(CommandAnswer.parse(await response.json())).toMatchObject({ outcome: 'parked', event: 'FactParked' });
});

test('a refused request is a 409 with its literal reason, and nothing is written', async () => {
  const { command, log } = shop();
  const expiresAt = new Date(NOON + 60_000).toISOString();
  const response = await command(
    sale({ type: 'reservation.make', id: 'q', reservationId: 'r', owner: 'o', channel: 'web', expiresAt, quantity: 5 }),
  );
  expect(response.status).toBe(409);
  expect(response.headers.get('retry-after')).toBeNull();
  expect(await problemOf(response)).toMatchObject({ reason: 'insufficient-available', commandId: 'q' });
  expect(await log.head()).toBe(-1n);
});

test('a command id with quotation marks and backslashes comes back as it was', async () => {
  const id = 'a"b\\c"';
  const response = await shop().command(sale({ id }));
  expect(CommandAnswer.parse(await response.json()).commandId).toBe(id);
});

test.each([
  ['location', { location: 'store-9' }, 'unknown-location'],
  ['sku', { sku: 'Z' }, 'unknown-sku'],
  ['to', { type: 'transfer.request', transferId: 't', to: 'store-9', occurredAt: undefined }, 'unknown-location'],
  ['from', { type: 'transfer.receive', transferId: 't', from: 'store-9' }, 'unknown-location'],
])('an unknown %s is a 422 before any actor sees it', async (field, fields, reason) => {
  const rejected: string[] = [];
  const observe = { rejected: (why: string) => rejected.push(why) };
  const { command, log } = shop({ policy: { skus: ['A'] }, dependencies: { observe } });
  const response = await command(sale(fields));
  expect(response.status).toBe(422);
  expect(await problemOf(response)).toMatchObject({ reason, errors: [{ path: `/${field}`, rule: reason }] });
  expect(rejected).toEqual([reason]);
  expect(await log.head()).toBe(-1n);
});

test('a reservation names a known channel; a sale may name one that is gone', async () => {
  const { command } = shop();
  const expiresAt = new Date(NOON + 60_000).toISOString();
  const hold = { type: 'reservation.make', reservationId: 'r', owner: 'o', channel: 'gone', expiresAt };
  expect(await problemOf(await command(sale(hold)))).toMatchObject({ status: 422, reason: 'unknown-sales-channel' });
  expect((await command(sale({ channel: 'gone' }))).status).toBe(200);
});

/** Actors that answer what they are told: only failures, which real ones give under faults, are tested with them. */
function answering(answer: Answer, seen: Envelope[] = []): StockActors {
  return {
    async submit(envelope) {
      seen.push(envelope);
      return answer;
    },
    stats: () => ({ resident: 0, waiting: 0 }),
    async close() {},
  };
}

test.each<readonly [FailureReason, number]>([
  ['conflict', 409],
  ['unavailable', 503],
  ['overloaded', 503],
  ['shutting-down', 503],
  ['unknown-outcome', 504],
  ['disk-full', 507],
])('a failure %s is a %i that says when to send the same again', async (reason, status) => {
  const { command } = shop({ actors: answering({ outcome: 'failed', reason, detail: 'why', retryAfterMs: 1_200 }) });
  const response = await command(sale({ id: 'f' }));
  expect(response.status).toBe(status);
  expect(response.headers.get('retry-after')).toBe('2');
  const body = await problemOf(response);
  expect(body).toMatchObject({ reason, commandId: 'f', retryAfterMs: 1_200 });
  expect(body['detail']).toContain('the same command again');
});

test('the client and a well-formed trace context travel with the command; a malformed one does not', async () => {
  const seen: Envelope[] = [];
  const refused: Answer = { outcome: 'refused', reason: 'not-due', detail: '' };
  const { command } = shop({ actors: answering(refused, seen) });
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  await command(sale(), { headers: { traceparent } });
  await command(sale(), { headers: { traceparent: 'ff-zz' } });
  expect(seen.map((envelope) => [envelope.client, envelope.traceparent])).toEqual([
    ['admin', traceparent],
    ['admin', undefined],
  ]);
});

test('a span begins with each request, passes its trace context on and ends with the status', async () => {
  const seen: Envelope[] = [];
  const spans: string[] = [];
  const begin = (route: string) => ({
    traceparent: 'of-the-span',
    end: (s: number) => void spans.push(`${route} ${s}`),
  });
  const refused: Answer = { outcome: 'refused', reason: 'not-due', detail: '' };
  const { command, send } = shop({ actors: answering(refused, seen), dependencies: { observe: { begin } } });
  await command(sale());
  await send('GET', '/v1/stock/A/store-1', { key: null });
  expect(spans).toEqual(['POST /v1/commands 409', 'GET /v1/stock/:sku/:location 401']);
  expect(seen[0]?.traceparent).toBe('of-the-span');
});

test('an unexpected error is a 500 that shows nothing of it, and is reported', async () => {
  const errors: unknown[] = [];
  const actors = { ...answering({ outcome: 'refused', reason: 'not-due', detail: '' }) };
  const broken: StockActors = { ...actors, submit: () => Promise.reject(new Error('secret path /var/x')) };
  const { command } = shop({ actors: broken, dependencies: { observe: { error: (e) => errors.push(e) } } });
  const response = await command(sale());
  expect(response.status).toBe(500);
  expect(JSON.stringify(await problemOf(response))).not.toContain('secret');
  expect(errors).toHaveLength(1);
});

// Webhooks over real HTTP with a receiver that misbehaves: every event arrives at least once, in order per stream, signed.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { START } from '../../../domain/event-log.ts';
import type { DelivererRoom } from '../../../server/webhooks/deliverer.ts';
import { canariesIn } from '../../support/canary.ts';
import { openReceiver, type Receiver } from '../../support/webhook-receiver.ts';
import { fastTime, type WebhookRoom, webhookRoom } from '../../support/webhook-room.ts';

let room: WebhookRoom;
let receiver: Receiver;

beforeEach(async () => {
  room = webhookRoom();
  receiver = await openReceiver();
});
afterEach(async () => {
  await room.close();
  await receiver.close();
});

const PATIENT = { timeout: 30_000, interval: 10 };
const eventually = (check: () => Promise<void> | void) => vi.waitFor(check, PATIENT);
const takenIds = () => receiver.taken.map(({ event }) => event.id);
/** Without repeats, as a receiver that remembers ids sees them. */
const once = () => [...new Set(takenIds())];
const ids = async () => (await room.events()).map(({ id }) => id);

// Seen failing: where a webhook is told of its own events.
test('events arrive in log order, each with its id and a signature that verifies', async () => {
  room.start(receiver);
  await room.happens('stock-A~s1', 'order-1', 'stock-A~s1', 'policy');
  const all = await ids();
  await eventually(() => expect(takenIds()).toEqual(all));
  expect(receiver.unverified).toEqual([]);
  expect(receiver.taken.every(({ id, event }) => id === event.id)).toBe(true);
});

// Seen failing: with an event taken off the queue whatever the answer.
test('a receiver that is down, slow, busy or loses answers gets every event, in order per stream, across restarts', async () => {
  const troubles = [500, 'reset', 'lost', 'silent', { status: 429, headers: { 'retry-after': '2' } }, 503] as const;
  receiver.manner = (call) => (call % 3 === 0 ? troubles[(call / 3) % troubles.length] : undefined);
  for (let restart = 0; restart < 4; restart += 1) {
    const { deliverer, crash } = room.start(receiver, { timeoutMs: 500 });
    await room.happens('stock-A~s1', 'stock-B~s1', 'order-1', 'stock-A~s1', 'stock-B~s1');
    await eventually(() => expect(receiver.taken.length).toBeGreaterThan(restart * 5));
    if (restart % 2 === 0) crash();
    await deliverer.close(0);
  }
  room.start(receiver, { timeoutMs: 500 });
  const all = await ids();
  await eventually(() => expect(new Set(once())).toEqual(new Set(all)));
  expect(once()).toEqual(all);
  expect(receiver.unverified).toEqual([]);
});

// Seen failing: where 410 held whatever the policy.
test('410 ends it, also over a restart, until its policy is another', async () => {
  receiver.manner = () => 410;
  await room.happens('stock-A~s1');
  const first = room.start(receiver);
  await eventually(() => expect(first.deliverer.status().state).toBe('gone'));
  await first.deliverer.close(0);
  receiver.manner = () => undefined;
  const again = room.start(receiver);
  await eventually(() => expect(again.deliverer.status().state).toBe('gone'));
  expect(receiver.calls).toHaveLength(1);
  expect(room.raised).toMatchObject([{ kind: 'breaker-open', key: 'webhook:crm' }]);
  await again.deliverer.close(0);
  room.start(receiver, { timeoutMs: 10_001 });
  await eventually(() => expect(receiver.taken).toHaveLength(1));
  await eventually(() => expect(room.cleared).toContain('breaker-open webhook:crm'));
});

// Seen failing: where a replay forgets what was not written yet; where what was taken since stays listed.
test('what the receiver refuses three times is set aside as a case, and the rest goes on; a replay that is taken closes it', async () => {
  await room.happens('stock-A~s1', 'stock-A~s1', 'stock-A~s1');
  const [first, second, third] = await ids();
  receiver.manner = (_, id) => (id === second ? 422 : undefined);
  const { deliverer } = room.start(receiver);
  await eventually(() => expect(takenIds()).toEqual([first, third]));
  expect(receiver.calls.filter((id) => id === second)).toHaveLength(3);
  await eventually(() => expect(deliverer.status()).toMatchObject({ setAside: 1, lastSetAside: [{ event: second }] }));
  expect(room.raised).toMatchObject([{ kind: 'poison-message', key: `webhook:crm:${second}` }]);
  receiver.manner = () => undefined;
  expect(await deliverer.replay({ after: START, by: 'anna', reason: 'it is mended' })).toEqual({ kind: 'begun' });
  await eventually(() => expect(takenIds()).toEqual([first, third, first, second, third]));
  await eventually(() => expect(room.cleared).toContain(`poison-message webhook:crm:${second}`));
  await eventually(() => expect(deliverer.status()).toMatchObject({ setAside: 1, lastSetAside: [], delivered: 5 }));
});

// Seen failing: with a call in an outage.
test('what was set aside is sent again by itself when somebody asks, between two others, and not in an outage', async () => {
  await room.happens('stock-A~s1', 'stock-A~s1');
  const [first, second] = await room.events();
  receiver.manner = (_, id) => (id === first!.id ? 422 : undefined);
  const { deliverer } = room.start(receiver);
  await eventually(() => expect(takenIds()).toEqual([second!.id]));
  expect(await deliverer.resend(first!)).toEqual({ kind: 'refused', reason: 'it answered 422' });
  expect(deliverer.status()).toMatchObject({ setAside: 1, lastSetAside: [{ event: first!.id }] });

  const answer = Promise.withResolvers<undefined>();
  receiver.manner = () => answer.promise;
  await room.happens('stock-A~s1');
  const third = (await ids())[2];
  await eventually(() => expect(receiver.calls.at(-1)).toBe(third));
  const resent = deliverer.resend(first!);
  answer.resolve(undefined);
  expect(await resent).toEqual({ kind: 'taken' });
  expect(takenIds()).toEqual([second!.id, third, first!.id]);
  await eventually(() => expect(deliverer.status()).toMatchObject({ lastSetAside: [], delivered: 3 }));
  const written = await room.log.read('webhook-crm', 0, 100);
  expect(written.find(({ type }) => type === 'WebhookResent')?.data).toMatchObject({ event: first!.id });

  receiver.manner = () => 401;
  await room.happens('stock-A~s1');
  await eventually(() => expect(deliverer.status().state).toBe('outage'));
  const calls = receiver.calls.filter((id) => id === first!.id).length;
  expect(await deliverer.resend(first!)).toEqual({ kind: 'away', reason: 'it answered 401' });
  expect(receiver.calls.filter((id) => id === first!.id)).toHaveLength(calls);
  await deliverer.close(0);
  expect(await deliverer.resend(first!)).toMatchObject({ kind: 'away' });
});

test('a receiver that refuses everything loses at most ten events to cases: then it is an outage', async () => {
  await room.happens(...Array.from({ length: 15 }, () => 'stock-A~s1'));
  receiver.manner = () => 400;
  const { deliverer } = room.start(receiver);
  await eventually(() => expect(deliverer.status().state).toBe('outage'));
  await eventually(() => expect(receiver.calls.length).toBeGreaterThan(34));
  expect(deliverer.status()).toMatchObject({ setAside: 10, waiting: 5 });
});

test('a redirect is not followed', async () => {
  const other = await openReceiver();
  receiver.manner = () => ({ status: 307, headers: { location: other.url } });
  await room.happens('stock-A~s1');
  const { deliverer } = room.start(receiver);
  await eventually(() => expect(deliverer.status().lastError).toMatch(/307: redirects are not followed/));
  expect(other.calls).toEqual([]);
  await other.close();
});

// Seen failing: without the judgement in the look-up (localhost was called).
test('an address that is not public is not called where the operator does not name its host', async () => {
  await room.happens('stock-A~s1');
  const { deliverer } = room.start(receiver, {}, {}, ['*']);
  await eventually(() => expect(deliverer.status().lastError).toMatch(/127\.0\.0\.1 is not a public address/));
  const named = room.start({ url: receiver.url.replace('127.0.0.1', 'localhost') }, { id: 'other' }, {}, ['*']);
  await eventually(() => expect(named.deliverer.status().lastError).toMatch(/localhost is at .* not a public address/));
  expect(receiver.calls).toEqual([]);
});

test('a replay repeats from its place on, is in the log with who asked and why, and cannot skip ahead', async () => {
  await room.happens('stock-A~s1', 'stock-B~s1', 'stock-A~s1', 'stock-B~s1');
  const events = await room.events();
  const all = events.map(({ id }) => id);
  const { deliverer } = room.start(receiver);
  await eventually(() => expect(takenIds()).toEqual(all));
  const after = events[1]!.position;
  expect(await deliverer.replay({ after, by: 'anna', reason: 'lost a disk' })).toEqual({ kind: 'begun' });
  await eventually(() => expect(takenIds()).toEqual([...all, ...all.slice(2)]));
  expect(await deliverer.replay({ after: 10n ** 12n, by: 'anna', reason: 'x' })).toMatchObject({ kind: 'ahead' });
  const written = await room.log.read('webhook-crm', 0, 100);
  expect(written.find(({ type }) => type === 'WebhookReplayAsked')?.data).toMatchObject({
    ...{ after: String(after), by: 'anna', reason: 'lost a disk' },
  });
});

// Seen failing: where what comes of the call under way still counts.
test('a replay asked while a call is under way is not undone by its answer', async () => {
  await room.happens('stock-A~s1', 'stock-A~s1');
  const [first, second] = await ids();
  const answer = Promise.withResolvers<410>();
  receiver.manner = (call) => (call === 2 ? answer.promise : undefined);
  const { deliverer } = room.start(receiver);
  await eventually(() => expect(receiver.calls).toHaveLength(2));
  expect(await deliverer.replay({ after: START, by: 'anna', reason: 'once more' })).toEqual({ kind: 'begun' });
  answer.resolve(410);
  await eventually(() => expect(takenIds()).toEqual([first, first, second]));
  expect(deliverer.status()).toMatchObject({ state: expect.stringMatching(/current|sending/), setAside: 0 });
});

test('only what the policy lets through is sent', async () => {
  room.start(receiver, { kinds: ['stock', 'orders'], locations: ['s1'] });
  await room.happens('stock-A~s1', 'stock-A~s2', 'case-1', 'policy', 'stock-B~s1');
  const events = await room.events();
  const wanted = events.filter(({ stream }) => stream.endsWith('~s1')).map(({ id }) => id);
  await eventually(() => expect(takenIds()).toEqual(wanted));
});

// Seen failing: without the wait for whoever holds the stream.
test('two processes: only one tells, and the other takes over when it is gone', async () => {
  const shared = { soleWriter: false };
  const first = room.start(receiver, {}, shared);
  await room.happens('stock-A~s1');
  await eventually(() => expect(receiver.taken).toHaveLength(1));
  const second = room.start(receiver, {}, shared);
  await room.happens('stock-A~s1');
  await eventually(() => expect(once()).toHaveLength(2));
  expect(second.deliverer.status().state).toBe('starting');
  first.crash();
  await first.deliverer.close(0);
  await room.happens('stock-A~s1');
  const all = await ids();
  await eventually(() => expect(once()).toEqual(all));
});

// Seen failing: without the look whether it holds the stream still, before the call.
test('a process that was away while another took over does not call any more', async () => {
  const shared = { soleWriter: false };
  let isAway = Promise.resolve();
  const sleep: DelivererRoom['time']['sleep'] = async (ms, signal) => {
    await fastTime.sleep(ms, signal);
    await isAway;
  };
  const first = room.start(receiver, {}, { ...shared, time: { ...fastTime, sleep } });
  await room.happens('stock-A~s1');
  const written = async () => (await room.log.read('webhook-crm', 0, 100)).map(({ type }) => type);
  await eventually(async () => expect(await written()).toContain('WebhookDelivered'));
  const back = Promise.withResolvers<void>();
  isAway = back.promise;
  const second = room.start(receiver, {}, shared);
  await eventually(() => expect(second.deliverer.status().state).toBe('current'));
  await room.happens('stock-A~s1', 'stock-B~s1');
  const all = await ids();
  await eventually(() => expect(receiver.calls).toEqual(all));
  await eventually(() => expect(first.deliverer.status().waiting).toBe(2));
  back.resolve();
  await eventually(() => expect(first.deliverer.status().state).toBe('starting'));
  expect(receiver.calls).toEqual(all);
});

test('no secret is in what is written', async () => {
  receiver.manner = (call) => [401, 422, 500, 'reset' as const][call % 4];
  await room.happens('stock-A~s1', 'stock-A~s1');
  const { deliverer } = room.start(receiver);
  await eventually(() => expect(receiver.calls.length).toBeGreaterThan(3));
  await deliverer.close(0);
  const all = JSON.stringify([...(await room.log.readAll(START, 1_000))].map((one) => ({ ...one, position: '' })));
  const told =
    all + JSON.stringify(room.raised.map((one) => ({ ...one, position: '' }))) + JSON.stringify(deliverer.status());
  expect(canariesIn(told)).toEqual([]);
  expect(told).toContain('webhook-crm');
});

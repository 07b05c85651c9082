// The whole product with a webhook: what a sale does is told over HTTP, shown by the API and on the command line, told once
// more on request, and refused to whoever may not ask.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CaseList, CaseWithHistory } from '../../../server/routes/openapi/case-documents.ts';
import { WebhookList, WebhookWithHistory } from '../../../server/routes/openapi/webhook-documents.ts';
import { type Product, startProduct } from '../../support/product.ts';
import { openReceiver, type Receiver, WEBHOOK_SECRET } from '../../support/webhook-receiver.ts';

const KEY = `evs_${'w'.repeat(43)}`;
const LIMITED = `evs_${'l'.repeat(43)}`;
const CLI = fileURLToPath(new URL('../../../server/cli/evenstock.ts', import.meta.url));
let product: Product;
let receiver: Receiver;

beforeEach(async () => {
  receiver = await openReceiver();
  const scopes = ['webhooks:read' as const, 'webhooks:write' as const];
  product = await startProduct({
    env: { CRM_SECRET: WEBHOOK_SECRET, WEBHOOK_HOSTS: '127.0.0.1' },
    policy: { webhooks: [{ id: 'crm', url: receiver.url, secretEnv: 'CRM_SECRET', kinds: ['stock'] }] },
    clients: [
      { id: 'cli', key: KEY, scopes, locations: 'all', channels: 'all' },
      { id: 'store', key: LIMITED, scopes, locations: ['warehouse'], channels: 'all' },
    ],
  });
  await eventually(async () => expect((await status()).state).toBe('current'));
});
afterEach(async () => {
  await product.close();
  await receiver.close();
});

const PATIENT = { timeout: 30_000, interval: 20 };
const eventually = (check: () => Promise<void> | void) => vi.waitFor(check, PATIENT);
const status = async () => WebhookWithHistory.parse((await product.get('/v1/webhooks/crm')).body);
const replay = (body: object) => product.post('/v1/webhooks/crm/replay', body);
const cli = (...args: string[]) =>
  new Promise<{ code: number; out: string; err: string }>((resolve) => {
    const all = [CLI, 'webhooks', ...args, '--url', product.evenstock.url, '--key', KEY];
    execFile(process.execPath, all, (error, out, err) => resolve({ code: Number(error?.code ?? 0), out, err }));
  });

test('tells what happened as the feed shows it, and tells it once more on request', async () => {
  const before = Date.now();
  await product.command({ type: 'adjustment', quantity: 10, reason: 'found' });
  await product.command({ type: 'sale', quantity: 3, channel: 'webshop' });
  await eventually(() => expect(receiver.taken).toHaveLength(2));
  const { body } = await product.get('/v1/events?limit=1000');
  const shown = (body['events'] as { stream: string }[]).filter(({ stream }) => stream === 'stock-A~warehouse');
  expect(receiver.taken.map(({ event }) => event)).toEqual(shown);
  expect(receiver.unverified).toEqual([]);
  await eventually(async () => expect(await status()).toMatchObject({ delivered: 2, waiting: 0, state: 'current' }));
  expect(WebhookList.parse((await product.get('/v1/webhooks')).body).webhooks).toHaveLength(1);

  const { position } = receiver.taken[0]!.event;
  expect(await replay({ after: position, reason: 'lost it' })).toMatchObject({
    status: 200,
    body: { after: position },
  });
  await eventually(() => expect(receiver.taken).toHaveLength(3));
  expect(receiver.taken[2]).toEqual(receiver.taken[1]);
  const again = await cli('replay', 'crm', '--from', new Date(before - 1).toISOString(), '--reason', 'all of it');
  expect(again).toMatchObject({ code: 0, out: expect.stringContaining('once more') });
  await eventually(() => expect(receiver.taken).toHaveLength(5));
  expect((await cli('status')).out).toMatch(/crm +(current|sending) +0/);
});

// Seen failing: where what is written forgets when (after the restart); where the oldest of the stream are shown.
test('shows when it took one last, also over a restart, and what happened to it last, newest first', async () => {
  await product.command({ type: 'adjustment', quantity: 10, reason: 'found' });
  await eventually(() => expect(receiver.taken).toHaveLength(1));
  await replay({ reason: 'from the beginning' });
  await eventually(() => expect(receiver.taken).toHaveLength(2));
  const { lastDeliveredAt } = await status();
  const age = () => Date.now() - Date.parse(lastDeliveredAt!);
  expect(age()).toBeLessThan(PATIENT.timeout);
  product = await product.restart();
  await eventually(async () => expect((await status()).state).toBe('current'));
  const after = await status();
  expect(Date.parse(after.lastDeliveredAt!)).toBeGreaterThanOrEqual(Date.parse(lastDeliveredAt!));
  const told = after.history.map(({ event }) => event);
  expect(told[0]).toBe('WebhookStarted');
  expect(told.slice(1, 3)).toEqual(['WebhookStopped', 'WebhookDelivered']);
  expect(told.at(-1)).toBe('WebhookStarted');
  const asked = after.history.find(({ event }) => event === 'WebhookReplayAsked');
  expect(asked).toMatchObject({ by: 'test', detail: 'from the beginning' });
  expect(asked).not.toHaveProperty('after');
  for (let n = 0; n < 60; n += 1) await replay({ reason: `again ${n}` });
  expect((await status()).history[0]).toMatchObject({ detail: 'again 59' });
});

test('a case of it can be retried: what it refused is sent by itself, and one that is gone is called', async () => {
  const openCase = async (kind: string) => {
    const { body } = await product.get(`/v1/cases?kind=${kind}&source=crm`);
    const [one] = CaseList.parse(body).cases;
    expect(one?.subject).toMatchObject({ source: 'crm' });
    return one!;
  };
  const retry = async (id: string, n: number) => {
    const answer = await product.post(`/v1/cases/${id}/commands`, { type: 'retry', id: `retry-${n}` });
    expect(answer.status).toBe(200);
    return CaseWithHistory.parse((await product.get(`/v1/cases/${id}`)).body);
  };
  receiver.manner = (_, id) => (id === receiver.calls[0] ? 422 : undefined);
  await product.command({ type: 'adjustment', quantity: 10, reason: 'found' });
  await product.command({ type: 'sale', quantity: 3, channel: 'webshop' });
  await eventually(() => expect(receiver.taken).toHaveLength(1));
  const poison = await vi.waitFor(() => openCase('poison-message'), PATIENT);
  expect((await product.get('/v1/cases?source=others')).body).toMatchObject({ counts: { total: 0 } });
  expect((await retry(poison.id, 1)).lastRetry).toContain('crm does not take it: it answered 422');
  receiver.manner = () => undefined;
  expect(await retry(poison.id, 2)).toMatchObject({ status: 'cleared' });
  expect(receiver.taken[1]!.id).toBe(receiver.calls[0]);

  receiver.manner = () => 410;
  await product.command({ type: 'sale', quantity: 1, channel: 'webshop' });
  const silent = await vi.waitFor(() => openCase('breaker-open'), PATIENT);
  expect((await status()).state).toBe('gone');
  receiver.manner = () => undefined;
  await retry(silent.id, 3);
  await eventually(() => expect(receiver.taken).toHaveLength(3));
  await eventually(async () => {
    expect((await product.get(`/v1/cases/${silent.id}`)).body).toMatchObject({ status: 'cleared' });
  });
});

test('says what is wrong with a replay, and who may not ask', async () => {
  expect(await replay({ after: '1', from: '2026-01-01T00:00:00Z', reason: 'x' })).toMatchObject({ status: 422 });
  expect(await replay({ after: '99999999999', reason: 'x' })).toMatchObject({ status: 400 });
  expect(await replay({ after: '0' })).toMatchObject({ status: 422 });
  expect(await product.post('/v1/webhooks/none/replay', { reason: 'x' })).toMatchObject({ status: 404 });
  const limited = await fetch(`${product.evenstock.url}/v1/webhooks`, {
    headers: { authorization: `Bearer ${LIMITED}` },
  });
  expect(limited.status).toBe(403);
});

test('goes on where it was after a restart', async () => {
  await product.command({ type: 'adjustment', quantity: 10, reason: 'found' });
  await eventually(() => expect(receiver.taken).toHaveLength(1));
  product = await product.restart();
  await product.command({ type: 'sale', quantity: 3, channel: 'webshop' });
  await eventually(() => expect(receiver.taken).toHaveLength(2));
  expect(new Set(receiver.calls).size).toBe(2);
});

test('a node that tells nobody says so: it is not unknown', async () => {
  const [webhook, env] = [{ id: 'crm', url: receiver.url, secretEnv: 'CRM_SECRET' }, { NODE_ROLE: 'api' }];
  const other = await startProduct({ env, policy: { webhooks: [webhook] } });
  expect(await other.get('/v1/webhooks/crm')).toMatchObject({ status: 503 });
  expect(await other.post('/v1/webhooks/crm/replay', { reason: 'x' })).toMatchObject({ status: 503 });
  expect(await other.get('/v1/webhooks/none')).toMatchObject({ status: 404 });
  await other.close();
});

// GET /v1/events: pages and the live feed, resumed without loss or repeat, limited to what a key may see.
import { expect, test } from 'vitest';
import { EventPage } from '../../server/routes/openapi/schemas.ts';
import { KEYS, problemOf, type Shop, sale, shop } from './support/shop.ts';

async function sold(room: Shop, ...commands: readonly [id: string, location?: string][]): Promise<void> {
  for (const [id, location = 'store-1'] of commands) {
    expect((await room.command(sale({ id, location }))).status).toBe(200);
  }
}
async function page(room: Shop, query: string, key: string = KEYS.admin): Promise<Page> {
  const response = await room.send('GET', `/v1/events${query}`, { key });
  expect(response.status).toBe(200);
  return EventPage.parse(await response.json());
}
type Page = ReturnType<typeof EventPage.parse>;
const idsOf = (events: Page['events']) => events.map(({ data }) => data['commandId']);

test('pages follow each other by position until the head', async () => {
  const room = shop();
  await sold(room, ['1'], ['2', 'store-2'], ['3']);
  const first = await page(room, '?limit=2');
  expect([idsOf(first.events), first.next, first.atHead]).toEqual([['1', '2'], '1', false]);
  expect(first.events[0]).toMatchObject({ sku: 'A', location: 'store-1', type: 'UnitsSold', revision: 0 });
  const second = await page(room, `?limit=2&after=${first.next}`);
  expect([idsOf(second.events), second.next, second.atHead]).toEqual([['3'], '2', true]);
  expect(await page(room, '?after=latest')).toEqual({ events: [], next: '2', atHead: true });
  expect(await page(shop(), '')).toEqual({ events: [], atHead: true });
});

test('a position ahead of the log is a 400', async () => {
  const room = shop();
  await sold(room, ['1']);
  expect((await problemOf(await room.send('GET', '/v1/events?after=1'))).reason).toBe('position-ahead');
  const headers = { accept: 'text/event-stream', 'last-event-id': '7' };
  expect((await problemOf(await room.send('GET', '/v1/events', { headers }))).reason).toBe('position-ahead');
});

// Seen failing with `sees` not asked in getEvents.
test('a key limited to a location sees its events only, and still gets to the head', async () => {
  const room = shop();
  await sold(room, ['1'], ['2', 'store-2'], ['3'], ['4', 'store-2'], ['5']);
  const all = await page(room, '', KEYS.store2);
  expect([idsOf(all.events), all.next, all.atHead]).toEqual([['2', '4'], '4', true]);
  const first = await page(room, '?limit=1', KEYS.store2);
  expect([idsOf(first.events), first.next]).toEqual([['2'], '1']);
});

/** Reads frames of the feed until `count` events have come; closes it. */
async function live(
  room: Shop,
  count: number,
  headers: Record<string, string> = {},
  path = '/v1/events',
  key = KEYS.admin as string,
) {
  const response = await room.send('GET', path, { key, headers: { accept: 'text/event-stream', ...headers } });
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  let text = '';
  while ((text.match(/^data: /gm) ?? []).length < count) {
    const { done, value } = await reader.read();
    if (done) break;
    text += Buffer.from(value).toString();
  }
  await reader.cancel();
  return text;
}
const idsIn = (text: string) =>
  [...text.matchAll(/^data: (.*)$/gm)].map(
    ([, data]) => (JSON.parse(data!) as { data: { commandId: string } }).data.commandId,
  );

test('the live feed gives what was, then what comes, and resumes after the last id', async () => {
  const room = shop();
  await sold(room, ['1'], ['2']);
  const reading = live(room, 4);
  await sold(room, ['3'], ['4']);
  const text = await reading;
  expect(idsIn(text)).toEqual(['1', '2', '3', '4']);
  expect(text).toContain('id: 0\nevent: UnitsSold\ndata: {');
  expect(idsIn(await live(room, 2, { 'last-event-id': '1' }))).toEqual(['3', '4']);
  expect(idsIn(await live(room, 1, { 'last-event-id': '2' }, '/v1/events?after=0'))).toEqual(['4']);
  const later = live(room, 1, {}, '/v1/events?after=latest');
  await sold(room, ['5']);
  expect(idsIn(await later)).toEqual(['5']);
});

test('a feed that shows nothing still carries the position on', async () => {
  const room = shop();
  await sold(room, ['1', 'store-2'], ['2'], ['3']);
  const response = await room.send('GET', '/v1/events', { key: KEYS.store2, headers: { accept: 'text/event-stream' } });
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  let text = '';
  while (!text.includes('id: 2\n\n')) text += Buffer.from((await reader.read()).value!).toString();
  await reader.cancel();
  expect(idsIn(text)).toEqual(['1']);
});

test('silence is broken by heartbeats, and what comes after one is not lost', async () => {
  const room = shop({ limits: { feedHeartbeatMs: 5 } });
  const response = await room.send('GET', '/v1/events', { headers: { accept: 'text/event-stream' } });
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  let text = '';
  const readUntil = async (wanted: string) => {
    while (!text.includes(wanted)) text += Buffer.from((await reader.read()).value!).toString();
  };
  await readUntil(': heartbeat\n\n: heartbeat\n\n');
  await sold(room, ['1']);
  await readUntil('"commandId":"1"');
  await reader.cancel();
});

test('feeds end when the server stops, and are limited for each client', async () => {
  const room = shop({ limits: { feedsOpenPerClientMax: 1 } });
  const open = () => room.send('GET', '/v1/events', { headers: { accept: 'text/event-stream' } });
  const reader = (await open()).body!.getReader();
  const second = await open();
  expect([second.status, (await problemOf(second)).reason]).toEqual([429, 'too-many-open']);
  await reader.read();
  const reading = reader.read();
  room.stopping.abort();
  expect((await reading).done).toBe(true);
});

// Seen failing with the feed opened whatever the method: its place was never free again.
test('HEAD opens no feed', async () => {
  const room = shop({ limits: { feedsOpenPerClientMax: 1 } });
  const headers = { accept: 'text/event-stream' };
  for (let n = 0; n < 3; n += 1) expect((await room.send('HEAD', '/v1/events', { headers })).status).toBe(200);
});

// Seen failing with `hasLeft` not asked: the closed stream was closed again, which is an error.
test('a reader that leaves while nothing comes is no error', async () => {
  const errors: unknown[] = [];
  const room = shop({ dependencies: { observe: { error: (error) => errors.push(error) } } });
  const response = await room.send('GET', '/v1/events', { headers: { accept: 'text/event-stream' } });
  const reader = response.body!.getReader();
  await reader.read();
  const reading = reader.read();
  await new Promise((resolve) => setTimeout(resolve, 10));
  await reader.cancel();
  expect((await reading).done).toBe(true);
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(errors).toEqual([]);
});

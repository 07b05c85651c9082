// Over real sockets: bodies that are too large or broken off, bytes that are no HTTP, streams, and stopping.
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { Answer, StockActors } from '../../server/actors/answer.ts';
import { type HttpServer, listen } from '../../server/serve.ts';
import { KEYS, problemOf, type Shop, sale, shop } from './support/shop.ts';

const servers: HttpServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close(0)));
});

async function serving(room: Shop): Promise<HttpServer> {
  const server = await listen(room.app, { host: '127.0.0.1', port: 0, connectionsMax: 100 });
  servers.push(server);
  return server;
}
const headers = { authorization: `Bearer ${KEYS.admin}`, 'content-type': 'application/json' };
const post = (
  { url }: HttpServer,
  body: NonNullable<RequestInit['body']>,
  more: RequestInit & { duplex?: 'half' } = {},
) => fetch(`${url}/v1/commands`, { method: 'POST', headers, body, ...more });

/** Sends bytes as they are and gives what comes back. */
async function raw({ port }: HttpServer, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.end(text);
  let answer = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    answer += chunk;
  });
  await once(socket, 'close');
  return answer;
}

test('a command, its duplicate and a read over the wire', async () => {
  const room = shop();
  const server = await serving(room);
  const fields = JSON.stringify(sale({ sku: 'A/B +' }));
  const answers = [await post(server, fields), await post(server, fields)].map((response) => response.json());
  expect(await Promise.all(answers)).toMatchObject([{ duplicate: false }, { duplicate: true }]);
  const read = await fetch(`${server.url}/v1/stock/A%2FB%20+/store-1?after=0`, { headers });
  expect(await read.json()).toMatchObject({ sku: 'A/B +', onHand: -1, oversold: 1 });
});

test('10 MB are a 413 that the sender gets to read, announced or not, and the connection goes on', async () => {
  const server = await serving(shop());
  const body = Buffer.alloc(10_000_000, 0x20);
  expect((await problemOf(await post(server, body))).reason).toBe('too-large');
  let sent = 0;
  const endless = new ReadableStream({
    pull(controller) {
      sent += 1;
      controller.enqueue(new Uint8Array(100_000));
      if (sent === 100) controller.close();
    },
  });
  const response = await post(server, endless, { duplex: 'half' });
  expect((await problemOf(response)).reason).toBe('too-large');
  expect((await post(server, JSON.stringify(sale()))).status).toBe(200);
});

test('a body in many pieces is put together, also in the middle of a letter', async () => {
  const server = await serving(shop());
  const text = Buffer.from(JSON.stringify(sale({ id: 'pieces', type: 'adjustment', quantity: -1, reason: 'naß €' })));
  const body = new ReadableStream({
    async start(controller) {
      for (const byte of text) {
        controller.enqueue(new Uint8Array([byte]));
        if (byte > 0x7f) await new Promise((resolve) => setTimeout(resolve, 5));
      }
      controller.close();
    },
  });
  expect((await post(server, body, { duplex: 'half' })).status).toBe(200);
});

test('a sender that breaks off in the middle of its body leaves nothing behind', async () => {
  const room = shop();
  const server = await serving(room);
  const broken = request(`${server.url}/v1/commands`, {
    method: 'POST',
    headers: { ...headers, 'content-length': 500 },
  });
  broken.on('error', () => {});
  broken.write('{"type":"sale"');
  await new Promise((resolve) => setTimeout(resolve, 50));
  broken.destroy();
  expect((await post(server, JSON.stringify(sale()))).status).toBe(200);
  expect(await room.log.head()).toBe(0n);
});

test.each([
  ['no HTTP', 'hello\r\n\r\n', 400, 'malformed-request'],
  ['a broken header', 'GET / HTTP/1.1\r\nHost: a\r\nbad header\r\n\r\n', 400, 'malformed-request'],
  ['no Host', 'GET /healthz HTTP/1.0\r\n\r\n', 400, 'malformed-request'],
  ['a Host that is none', 'GET /healthz HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n', 400, 'malformed-request'],
  ['20 KB of headers', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'headers-too-large'],
  [
    'two lengths',
    'POST /v1/commands HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
    400,
    'malformed-request',
  ],
  [
    'length and chunks',
    'POST /v1/commands HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    400,
    'malformed-request',
  ],
])('%s is a problem too', async (_, text, status, reason) => {
  const answer = await raw(await serving(shop()), text);
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(answer.toLowerCase()).toContain('content-type: application/problem+json');
  expect(answer).toContain(`"reason":"${reason}"`);
});

test('a path with a backslash or a NUL does not leave the table of routes', async () => {
  const server = await serving(shop());
  for (const target of [
    '/..\\..\\etc',
    '/docs/..%2f..%2fpackage.json',
    '/docs/%2e%2e/%2e%2e/package.json',
    '/docs/%00',
  ]) {
    const answer = await raw(server, `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1.1 40[04] /);
  }
});

test('a large batch is streamed, and a reader that leaves stops it', async () => {
  const room = shop();
  const server = await serving(room);
  const lines = (count: number) => Array.from({ length: count }, () => JSON.stringify(sale())).join('\n');
  const batch = (body: string, signal: AbortSignal | null = null) =>
    fetch(`${server.url}/v1/commands/batch`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/x-ndjson' },
      body,
      signal,
    });
  const answer = await (await batch(lines(3_000))).text();
  expect(answer.trimEnd().split('\n')).toHaveLength(3_000);
  const abort = new AbortController();
  const left = await batch(lines(10_000), abort.signal);
  await left.body!.getReader().read();
  abort.abort();
  expect((await batch(lines(1))).status).toBe(200);
});

test('the live feed over the wire, ended by stopping', async () => {
  const room = shop();
  const server = await serving(room);
  await post(server, JSON.stringify(sale({ id: 'first' })));
  const feed = await fetch(`${server.url}/v1/events`, { headers: { ...headers, accept: 'text/event-stream' } });
  const reader = feed.body!.getReader();
  let text = '';
  while (!text.includes('"commandId":"first"')) text += Buffer.from((await reader.read()).value!).toString();
  room.stopping.abort();
  const started = performance.now();
  await server.close(5_000);
  expect(performance.now() - started).toBeLessThan(2_000);
  expect((await reader.read()).done).toBe(true);
});

// Fault row 7. Seen failing with `server.closeAllConnections()` at once: the command in flight got no answer.
test('closing lets a command in flight finish, takes no new one, and is done in time', async () => {
  let answer: ((answer: Answer) => void) | undefined;
  const actors: StockActors = {
    submit: () =>
      new Promise((resolve) => {
        answer = resolve;
      }),
    stats: () => ({ resident: 0, waiting: 0 }),
    async close() {},
  };
  const server = await serving(shop({ actors }));
  const inFlight = post(server, JSON.stringify(sale()));
  await expect.poll(() => answer).toBeDefined();
  const closed = server.close(5_000);
  await expect(post(server, JSON.stringify(sale()))).rejects.toThrow();
  answer!({ outcome: 'refused', reason: 'not-due', detail: '' });
  expect((await inFlight).status).toBe(409);
  const started = performance.now();
  await closed;
  expect(performance.now() - started).toBeLessThan(1_000);
});

test('closing cuts what does not finish by its deadline', async () => {
  const actors: StockActors = {
    submit: () => new Promise(() => {}),
    stats: () => ({ resident: 0, waiting: 0 }),
    async close() {},
  };
  const server = await serving(shop({ actors }));
  const hanging = post(server, JSON.stringify(sale())).catch((error: unknown) => error);
  await new Promise((resolve) => setTimeout(resolve, 100));
  await server.close(100);
  expect(await hanging).toBeInstanceOf(Error);
});

test('a port in use is an error that names it', async () => {
  const { port } = await serving(shop());
  await expect(listen(shop().app, { host: '127.0.0.1', port, connectionsMax: 1 })).rejects.toThrow(String(port));
});

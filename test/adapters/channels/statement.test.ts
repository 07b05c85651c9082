// Reading back what a channel shows: page by page, signed, and never half understood.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createHttpChannel } from '../../../adapters/channels/http.ts';
import { type RunningMarketplace, startMarketplace } from '../../../adapters/channels/marketplace-simulator/server.ts';
import type { StatementReply } from '../../../adapters/channels/statement.ts';
import { systemClock } from '../../../adapters/platform.ts';
import { channelPolicy } from '../../support/marketplace/world.ts';

const SECRET = 'a-secret-of-the-tests';
const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

const readerOf = (url: string, secret = SECRET) => {
  const connector = { ...channelPolicy('shop', { timeoutMs: 500 }).connector!, url };
  return createHttpChannel({ channel: 'shop', connector, secret, clock: systemClock }).readStatement!;
};
const read = (url: string, cursor?: string, secret?: string): Promise<StatementReply> =>
  readerOf(url, secret)(cursor, new AbortController().signal);

async function aMarketplace(): Promise<RunningMarketplace> {
  const marketplace = await startMarketplace({ secrets: [SECRET] });
  opened.push(marketplace);
  return marketplace;
}

/** A server that answers the same to everything. */
async function answering(status: number, body: string, headers: Record<string, string> = {}): Promise<string> {
  const server = createServer((_, response) => response.writeHead(status, headers).end(body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  opened.push({ close: () => server.close() });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/availability`;
}

describe('the statement of the HTTP channel', () => {
  it('comes in pages that together are what the channel shows', async () => {
    const { url, listings } = await aMarketplace();
    for (let n = 0; n < 1_500; n += 1) listings.apply(`S-${n}`, n, 7n, 1_700_000_000_000);
    const first = await read(`${url}/availability`);
    if (first.kind !== 'page') throw new Error(first.reason);
    expect(first.rows).toHaveLength(1_000);
    const second = await read(`${url}/availability`, first.next);
    if (second.kind !== 'page') throw new Error(second.reason);
    expect(second.next).toBeUndefined();
    const rows = [...first.rows, ...second.rows];
    expect(new Set(rows.map(({ sku }) => sku)).size).toBe(1_500);
    expect(rows.find(({ sku }) => sku === 'S-42')).toMatchObject({
      units: 42,
      version: 7n,
      changedAt: 1_700_000_000_000,
      asOf: first.asOf,
    });
  });

  it('is given to nobody who cannot sign for it', async () => {
    const { url } = await aMarketplace();
    expect((await fetch(`${url}/availability`)).status).toBe(401);
    expect(await read(`${url}/availability`, undefined, 'another-secret-16')).toMatchObject({ kind: 'denied' });
  });

  it.each([
    [429, '', { 'retry-after': '3' }, { kind: 'later', afterMs: 3_000 }],
    [503, 'down', {}, { kind: 'later', reason: 'HTTP 503: down' }],
    [404, 'nothing here', {}, { kind: 'denied' }],
    [307, '', { location: '/elsewhere' }, { kind: 'denied' }],
    [200, '<html>', {}, { kind: 'malformed' }],
    [200, '{"listings":[{"sku":"A","units":-1}]}', {}, { kind: 'malformed' }],
    [200, '{"listings":[{"sku":"A","units":1.5}]}', {}, { kind: 'malformed' }],
    [200, '{"listings":[{"sku":"\\u0410","units":1}]}', {}, { kind: 'malformed' }],
    [200, '{"listings":[],"asOf":"yesterday"}', {}, { kind: 'malformed' }],
  ] as const)('answers to %d %s %o with a reason', async (status, body, headers, expected) => {
    expect(await read(await answering(status, body, headers))).toMatchObject(expected);
  });

  it('does not wait for ever, and says when there is nobody', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    opened.push({
      close() {
        silent.closeAllConnections();
        silent.close();
      },
    });
    expect(await read(`http://127.0.0.1:${(silent.address() as AddressInfo).port}/a`)).toMatchObject({ kind: 'later' });
    expect(await read('http://127.0.0.1:9/a')).toMatchObject({ kind: 'later' });
  });

  it('takes the time of the call where the channel does not say as of when', async () => {
    const before = Date.now();
    const page = await read(await answering(200, '{"listings":[{"sku":"A","units":1}]}'));
    if (page.kind !== 'page') throw new Error(page.reason);
    expect(page.rows[0]!.asOf).toBeGreaterThanOrEqual(before);
  });
});

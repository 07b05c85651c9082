// The generic HTTP channel against a real server that misbehaves (fault row 17): what each fault is taken for, and that
// the shop shows the right figures once the faults stop.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Batch, Reply } from '../../../adapters/channels/channel.ts';
import { createHttpChannel } from '../../../adapters/channels/http.ts';
import { type RunningMarketplace, startMarketplace } from '../../../adapters/channels/marketplace-simulator/server.ts';
import type { FaultsJson } from '../../../adapters/channels/simulator/faults.ts';
import { systemClock } from '../../../adapters/platform.ts';
import { callWithDeadline } from '../../../adapters/publishing/call.ts';
import { systemTimers } from '../../../adapters/publishing/timers.ts';

const SECRET = 'a-secret-of-the-tests';
const closing = new AbortController().signal;
const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const server of opened.splice(0)) await server.close();
});

async function aMarketplace(
  options: Partial<Parameters<typeof startMarketplace>[0]> = {},
): Promise<RunningMarketplace> {
  const marketplace = await startMarketplace({ secrets: [SECRET], ...options });
  opened.push(marketplace);
  return marketplace;
}

function channelAt(url: string, secret = SECRET) {
  const connector = {
    type: 'http',
    url,
    secretEnv: 'S',
    batchSize: 100,
    ratePerSecond: 5,
    burst: 5,
    timeoutMs: 300,
  } as const;
  return createHttpChannel({ channel: 'shop', connector, secret, clock: systemClock });
}

function aBatch(
  version = 7n,
  updates: Batch['updates'] = [
    { sku: 'A', units: 3 },
    { sku: 'B', units: 0 },
  ],
): Batch {
  return { batchId: `b-${version}`, version, updates };
}

const publish = (url: string, batch = aBatch(), secret = SECRET): Promise<Reply> =>
  callWithDeadline(channelAt(url, secret), batch, 300, systemTimers, closing);

function kinds(reply: Reply): string {
  if (reply.kind !== 'answered') return reply.kind;
  return [...reply.outcomes.values()].map(({ kind }) => kind).join(' ');
}

describe('HTTP channel', () => {
  it('is confirmed per SKU by a channel that is well', async () => {
    const marketplace = await aMarketplace();
    const reply = await publish(`${marketplace.url}/availability`);
    expect(kinds(reply)).toBe('confirmed confirmed');
    const shown = await fetch(`${marketplace.url}/listings/A`).then((answer) => answer.json());
    expect(shown).toMatchObject({ sku: 'A', units: 3, version: '7' });
  });

  it.each<[string, FaultsJson, string, boolean]>([
    ['429', { kind: 'throttle' }, 'throttled', false],
    ['429 with seconds', { kind: 'throttle', retryAfter: '7' }, 'throttled', false],
    ['429 with an absurd time', { kind: 'throttle', retryAfter: '99999999999999999999' }, 'throttled', false],
    ['503 with Retry-After', { kind: 'unavailable', retryAfter: '3' }, 'unavailable', false],
    ['503 that promises nothing', { kind: 'unavailable' }, 'unknown', false],
    ['500', { kind: 'error' }, 'unknown', false],
    ['connection reset', { kind: 'reset' }, 'unknown', false],
    ['half an answer', { kind: 'half-answer' }, 'unknown', true],
    ['JSON that is none', { kind: 'invalid-json' }, 'unknown', true],
    ['200 with errors inside', { kind: 'errors-inside' }, 'retryLater retryLater', false],
    ['timeout after success', { kind: 'timeout-after-success' }, 'unknown', true],
    ['401', { kind: 'unauthorised' }, 'denied', false],
    ['redirect', { kind: 'redirect' }, 'denied', false],
    ['one refused SKU', { refusedSkus: ['B'] }, 'confirmed refused', true],
    ['whole batch refused', { refusedSkus: ['B'], refuseWholeBatch: true }, 'batchRefused', false],
  ])('takes %s for what it is', async (_, faults, expected, applied) => {
    const marketplace = await aMarketplace({ faults });
    const reply = await publish(`${marketplace.url}/availability`);
    expect(kinds(reply)).toBe(expected);
    expect(marketplace.listings.get('A')?.units).toBe(applied ? 3 : undefined);
  });

  it('reads how long to wait', async () => {
    const marketplace = await aMarketplace();
    const wait = async (retryAfter: string) => {
      marketplace.setFaults({ kind: 'throttle', retryAfter });
      const reply = await publish(`${marketplace.url}/availability`);
      return reply.kind === 'throttled' ? reply.afterMs : 'not throttled';
    };
    expect(await wait('7')).toBe(7_000);
    expect(await wait('1.5')).toBe(1_500);
    expect(await wait('soon')).toBeUndefined();
    expect(await wait('-5')).toBeUndefined();
    expect(await wait('Mon, 01 Jan 2001 00:00:00 GMT')).toBe(0);
    const inAMinute = await wait(new Date(Date.now() + 60_000).toUTCString());
    expect(inAMinute).toBeGreaterThan(55_000);
    expect(inAMinute).toBeLessThanOrEqual(60_000);
  });

  it('knows that nothing was sent when nobody listens', async () => {
    const marketplace = await aMarketplace();
    await marketplace.close();
    expect(await publish(`${marketplace.url}/availability`)).toMatchObject({
      kind: 'unavailable',
      reason: 'ECONNREFUSED',
    });
  });

  it('is denied where the address is wrong', async () => {
    const marketplace = await aMarketplace();
    expect(kinds(await publish(`${marketplace.url}/elsewhere`))).toBe('denied');
  });

  it('has its signature checked, and the old and the new secret pass while one replaces the other', async () => {
    const marketplace = await aMarketplace({ secrets: ['the-secret-before', SECRET] });
    const url = `${marketplace.url}/availability`;
    expect(kinds(await publish(url, aBatch(), SECRET))).toBe('confirmed confirmed');
    expect(kinds(await publish(url, aBatch(8n), 'the-secret-before'))).toBe('confirmed confirmed');
    expect(kinds(await publish(url, aBatch(9n), 'someone-elses-secret'))).toBe('denied');
    expect(marketplace.statistics.unauthenticated).toBe(1);
  });

  it('never replaces a newer value by an older one, however late it comes', async () => {
    const marketplace = await aMarketplace({ faults: { kind: 'late', lateMs: 100 } });
    const url = `${marketplace.url}/availability`;
    expect(kinds(await publish(url, aBatch(7n, [{ sku: 'A', units: 9 }])))).toBe('unknown');
    marketplace.setFaults({});
    expect(kinds(await publish(url, aBatch(8n, [{ sku: 'A', units: 1 }])))).toBe('confirmed');
    await expect.poll(() => marketplace.statistics.stale).toBe(1);
    expect(marketplace.listings.get('A')).toMatchObject({ units: 1, version: 8n });
  });
});

describe('HTTP channel: what it makes of an answer', () => {
  async function answering(body: string, headers: Record<string, string> = {}): Promise<string> {
    const server: Server = createServer((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    opened.push(server);
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  }
  const results = (...list: unknown[]) => JSON.stringify({ results: list });

  it.each([
    ['nothing', '', 'unknown'],
    ['null', 'null', 'unknown'],
    ['an HTML page', '<html>ok</html>', 'unknown'],
    ['results that are no list', '{"results":{}}', 'unknown'],
    ['a status it does not know', results({ sku: 'A', status: 'done' }), ''],
    ['SKUs that were not asked for', results({ sku: 'Z', status: 'applied' }), ''],
    ['two answers for one SKU', results({ sku: 'A', status: 'applied' }, { sku: 'A', status: 'refused' }), 'unknown'],
    ['one that is older than what it shows', results({ sku: 'A', status: 'stale' }), 'refused'],
    ['more than was agreed', results({ sku: 'A', status: 'applied', colour: 'red' }), 'confirmed'],
  ])('%s', async (_, body, expected) => {
    expect(kinds(await publish(await answering(body)))).toBe(expected);
  });

  it('takes over a pace the channel states', async () => {
    const url = await answering(results({ sku: 'A', status: 'applied' }), {
      'ratelimit-policy': '"burst";q=100;w=1, "hour";q=3600;w=3600',
    });
    expect(await publish(url)).toMatchObject({ limit: { ratePerSecond: 1 } });
  });

  it('does not read an endless answer', async () => {
    const server = createServer((request, response) => {
      request.resume();
      const write = (): void => {
        while (response.write(' '.repeat(65_536)));
        response.once('drain', write);
      };
      write();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    opened.push({ close: () => server.closeAllConnections() }, server);
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const reply = await callWithDeadline(channelAt(url), aBatch(), 5_000, systemTimers, closing);
    expect(reply).toMatchObject({ kind: 'unknown', reason: expect.stringMatching(/not the JSON/) });
  });
});

// GET /v1/operations/overview through the whole product: the figures are those of what happened, a key sees its part, the
// stream lives and ends with its key.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { generateKey, type Scope } from '../../../server/auth/keys.ts';
import { createSseReader } from '../../../server/dashboard/browser/api/sse.ts';
import { OverviewDocument } from '../../../server/routes/openapi/overview-document.ts';
import { PublishingHistory } from '../../../server/routes/openapi/publishing-history.ts';
import { type Product, startProduct } from '../../support/product.ts';

type Overview = z.infer<typeof OverviewDocument>;
const KEYS = { narrow: generateKey(), wrong: generateKey(), all: generateKey() };
const holder = (id: keyof typeof KEYS, scopes: Scope[], limits: 'all' | string[]) => {
  return { id, key: KEYS[id], scopes, locations: limits === 'all' ? limits : ['warehouse'], channels: limits } as const;
};
let product: Product;
beforeEach(async () => {
  product = await startProduct({
    env: { CASE_PATIENCE_MS: '400' },
    policy: { freshness: [{ channel: 'marketplace', withinSeconds: 30 }] },
    clients: [
      holder('narrow', ['availability:read', 'cases:read', 'reconciliation:read'], ['marketplace']),
      holder('wrong', ['commands:write'], 'all'),
      holder('all', ['availability:read'], 'all'),
    ],
  });
});
afterEach(() => product.close());

const PATH = '/v1/operations/overview';
const as = (key: string, accept = 'application/json') => {
  return { headers: { authorization: `Bearer ${key}`, accept } };
};
const overview = async (init?: RequestInit) => OverviewDocument.parse(await (await product.send(PATH, init)).json());

describe('the overview', () => {
  it('counts what happened: taken, duplicates, refused, oversold, cases, updates and their lag', async () => {
    const receipt = { id: 'once', type: 'receipt', sku: 'B', quantity: 9 };
    await product.command(receipt);
    await product.command(receipt);
    await product.command({ type: 'sale', sku: 'A', quantity: 3 });
    const hold = {
      reservationId: 'r',
      owner: 'o',
      channel: 'webshop',
      quantity: 99,
      expiresAt: new Date(Date.now() + 60_000).toISOString(),
    };
    expect((await product.command({ type: 'reservation.make', sku: 'B', ...hold })).status).toBe(409);
    await product.shows('B', 7);
    await expect.poll(async () => (await overview()).cases?.open, { timeout: 20_000 }).toBe(1);
    const { commands, oversold, cases, channels, reconciliation, erps, history } = await overview();
    expect(commands).toMatchObject({ taken: 2, duplicates: 1, refused: 1, failed: 0, conflicts: 0 });
    expect(oversold).toEqual({ stocks: 1, units: 3 });
    expect(cases).toMatchObject({ byKind: { shortfall: 1 }, byAge: { 'under-1h': 1, 'over-7d': 0 }, overdue: 0 });
    expect(channels.map(({ channel, publishing }) => [channel, publishing?.state])).toEqual([
      ['webshop', undefined],
      ['marketplace', 'running'],
    ]);
    const marketplace = async () => (await overview()).channels[1];
    await expect.poll(marketplace, { timeout: 20_000 }).toMatchObject({
      budgetMs: 30_000,
      updates: { confirmed: expect.any(Number), refused: 0 },
      publishing: { backlog: 0, lag: { p50Ms: expect.any(Number) }, byUrgency: { 'to-zero': 0 } },
    });
    expect([reconciliation, erps]).toEqual([[], []]);
    expect(history?.at.length).toBe(history?.commandsPerSecond?.length);
  });

  it('shows a key its part of it', async () => {
    await product.command({ type: 'receipt', quantity: 9 });
    const narrow = await overview(as(KEYS.narrow));
    expect(narrow.channels.map(({ channel }) => channel)).toEqual(['marketplace']);
    expect(narrow).not.toHaveProperty('commands');
    expect(narrow).not.toHaveProperty('oversold');
    // Counts over all channels and locations are for those who may see all.
    expect(narrow).not.toHaveProperty('cases');
    expect(narrow).not.toHaveProperty('erps');
    expect(narrow.reconciliation).toEqual([]);
    expect(Object.keys((await overview(as(KEYS.all))).commands ?? {})).toContain('taken');
    expect(await overview(as(KEYS.all))).not.toHaveProperty('reconciliation');
    expect((await product.send(PATH, as(KEYS.wrong))).status).toBe(403);
    expect((await product.send(PATH, as(generateKey()))).status).toBe(401);
    expect((await product.send(`${PATH}?more=1`)).status).toBe(400);
  });

  it('lives: newest figures about once a second, a history at first, no more streams than its limit', async () => {
    const stop = new AbortController();
    const open = () => product.send(PATH, { ...as(KEYS.all, 'text/event-stream'), signal: stop.signal });
    const streams = await Promise.all(Array.from({ length: 10 }, open));
    expect((await open()).status).toBe(429);
    const seen: Overview[] = [];
    const reading = follow(streams[0]!, (one) => seen.push(one));
    await expect.poll(() => seen.length, { timeout: 10_000 }).toBeGreaterThan(0);
    await product.command({ type: 'receipt', quantity: 9 });
    await expect.poll(() => seen.at(-1)?.commands?.taken, { timeout: 10_000 }).toBe(1);
    expect(seen[0]).toHaveProperty('history');
    expect(seen.at(-1)).not.toHaveProperty('history');
    const spanMs = Date.parse(seen.at(-1)!.at) - Date.parse(seen[0]!.at);
    expect(seen.length).toBeLessThanOrEqual(spanMs / 1_000 + 2);
    stop.abort();
    await reading;
    await expect.poll(async () => (await product.send(PATH, as(KEYS.all))).status, { timeout: 10_000 }).toBe(200);
    const again = new AbortController();
    await expect
      .poll(
        async () => (await product.send(PATH, { ...as(KEYS.all, 'text/event-stream'), signal: again.signal })).status,
      )
      .toBe(200);
    again.abort();
  });

  it('ends its stream with the server', async () => {
    const response = await product.send(PATH, as(KEYS.all, 'text/event-stream'));
    const reading = follow(response, () => {});
    const [restarted] = await Promise.all([product.restart(), reading]);
    product = restarted;
  });
});

async function follow(response: Response, seen: (overview: Overview) => void): Promise<void> {
  const reader = createSseReader();
  const decoder = new TextDecoder();
  try {
    for await (const piece of response.body!) {
      const events = reader.push(decoder.decode(piece, { stream: true }));
      for (const { data } of events) seen(OverviewDocument.parse(JSON.parse(data)));
    }
  } catch (error) {
    if ((error as Error).name !== 'AbortError') throw error;
  }
}

describe('what a channel was told', () => {
  const PUBLISHING = '/v1/channels/marketplace/publishing';
  const told = async () => PublishingHistory.parse((await product.get(`${PUBLISHING}?limit=50`)).body);

  it('is its stream, newest first: batches with outcomes, and who had it paused and why', async () => {
    product.marketplace.setFaults({ refusedSkus: ['C'] });
    await product.command({ type: 'receipt', sku: 'B', quantity: 9 });
    await product.command({ type: 'receipt', sku: 'C', quantity: 9 });
    await product.shows('B', 7);
    await expect.poll(async () => (await told()).refused, { timeout: 10_000 }).toMatchObject([{ sku: 'C', units: 7 }]);
    await product.post(PUBLISHING, { action: 'pause', reason: 'a move' });
    const { events, publishing } = await told();
    expect(events[0]).toMatchObject({ event: 'PublishingPaused', by: 'test', detail: 'a move' });
    expect(events.at(-1)).toMatchObject({ event: 'PublishingStarted' });
    const sums = { confirmed: 0, refused: 0 };
    for (const { outcomes } of events) {
      sums.confirmed += outcomes?.['confirmed'] ?? 0;
      sums.refused += outcomes?.['refused'] ?? 0;
    }
    expect(sums).toEqual({ confirmed: 1, refused: 1 });
    expect(publishing?.paused).toMatchObject({ by: 'test', reason: 'a move' });
  });

  it('is nothing for a channel that is told nothing, and 404 for one that is not there', async () => {
    const { body } = await product.get('/v1/channels/webshop/publishing');
    expect(PublishingHistory.parse(body)).toEqual({ channel: 'webshop', refused: [], events: [] });
    expect((await product.get('/v1/channels/nowhere/publishing')).status).toBe(404);
    expect((await product.get('/v1/channels/marketplace/publishing?limit=101')).status).toBe(400);
  });
});

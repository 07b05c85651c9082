// The typed client against the real server: it sends what its types say, gives what the schemas say, sends again only what
// may be sent again, and refuses at compile time what the API does not have. Its example runs as documented.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest';
import { generateKey } from '../../../server/auth/keys.ts';
import { createClient, type EvenstockClient } from '../../../server/client/client.ts';
import { EvenstockProblem } from '../../../server/client/problem.ts';
import { type Product, startProduct } from '../../support/product.ts';

const KEY = generateKey();
let product: Product;
let url: string;
let client: EvenstockClient;
beforeAll(async () => {
  product = await startProduct({
    clients: [{ id: 'shop', scopes: ['admin'], locations: 'all', channels: 'all', key: KEY }],
  });
  url = product.evenstock.url;
  client = createClient({ url, key: KEY });
});
afterAll(() => product.close());

const now = () => new Date().toISOString();
const receipt = (id: string, sku: string) =>
  ({ type: 'receipt', id, sku, location: 'warehouse', quantity: 3, occurredAt: now() }) as const;

describe('calls', () => {
  it('sends a command, and reads what came of it in the types of the schemas', async () => {
    const answer = await client.post('/v1/commands', {}, receipt('in-1', 'A/B 1+'));
    expect(answer).toMatchObject({ commandId: 'in-1', duplicate: false });
    expectTypeOf(answer.position).toEqualTypeOf<string>();
    const stock = await client.get(
      '/v1/stock/{sku}/{location}',
      { sku: 'A/B 1+', location: 'warehouse' },
      { after: answer.position },
    );
    expect(stock).toMatchObject({ sku: 'A/B 1+', onHand: 3 });
    expectTypeOf(stock.onHand).toEqualTypeOf<number>();
  });

  it('gives a batch as a verdict a line', async () => {
    const lines = await client.post('/v1/commands/batch', {}, [
      receipt('b-1', 'B'),
      receipt('b-2', 'B'),
      receipt('b-1', 'B'),
    ]);
    expect(lines.map(({ outcome }) => outcome)).toEqual(['accepted', 'accepted', 'accepted']);
    expect(lines.at(-1)).toMatchObject({ duplicate: true });
  });

  it('throws the problem of a refusal, with the places that are wrong', async () => {
    const wrong = client.post('/v1/commands', {}, { ...receipt('bad', 'A'), quantity: 0 });
    await expect(wrong).rejects.toMatchObject({
      status: 422,
      reason: 'invalid-command',
      faults: [{ path: '/quantity' }],
      mayRepeat: false,
    });
    await expect(wrong).rejects.toBeInstanceOf(EvenstockProblem);
  });

  it('knows what the API does not have', () => {
    // @ts-expect-error there is no such path
    void (() => client.get('/v1/nothing', {}));
    // @ts-expect-error a parameter is missing
    void (() => client.get('/v1/stock/{sku}/{location}', { sku: 'A' }));
    // @ts-expect-error there is no such command
    void (() => client.post('/v1/commands', {}, { ...receipt('x', 'A'), type: 'steal' }));
    // @ts-expect-error there is no such query
    void (() => client.get('/v1/orders', {}, { stauts: 'held' }));
  });
});

describe('repeats', () => {
  const answering = (...answers: readonly (() => Response)[]) => {
    const calls: string[] = [];
    const fetch = (async (input: URL) => {
      calls.push(`${input.pathname}${input.search}`);
      return (answers[calls.length - 1] ?? (() => Response.json({ sources: [] })))();
    }) as typeof globalThis.fetch;
    return { calls, client: createClient({ url, fetch, repeatsMax: 3 }) };
  };
  const problem = (status: number, reason: string) => () =>
    Response.json({ reason, detail: reason, retryAfterMs: 1 }, { status });
  const reset = () => {
    throw new TypeError('fetch failed');
  };

  it.each([
    ['429', problem(429, 'rate-limited')],
    ['503', problem(503, 'overloaded')],
    ['504', problem(504, 'unknown-outcome')],
    ['507', problem(507, 'disk-full')],
    ['a conflict', problem(409, 'conflict')],
    ['no answer', reset],
    ['a proxy', () => new Response('<html>bad gateway</html>', { status: 502 })],
  ])('sends again after %s', async (_, answer) => {
    const { calls, client: repeating } = answering(answer, answer);
    await repeating.get('/v1/sources', {});
    expect(calls).toHaveLength(3);
  });

  it('not after a refusal, and not for ever', async () => {
    const refused = answering(problem(409, 'insufficient-available'));
    await expect(refused.client.get('/v1/sources', {})).rejects.toMatchObject({ reason: 'insufficient-available' });
    expect(refused.calls).toHaveLength(1);
    const down = answering(...Array.from({ length: 9 }, () => problem(503, 'unavailable')));
    await expect(down.client.get('/v1/sources', {})).rejects.toMatchObject({ status: 503 });
    expect(down.calls).toHaveLength(4);
  });
});

it('has an example that runs', { timeout: 60_000 }, async () => {
  const example = new URL('../../../docs/examples/sell-once.ts', import.meta.url).pathname;
  const { stdout } = await promisify(execFile)(process.execPath, [example, url], {
    env: { ...process.env, EVENSTOCK_KEY: KEY },
  });
  expect(stdout).toMatch(/^UnitsReceived: 1 on hand\nheld · sold out\n/);
  expect(stdout).toMatch(/warehouse: 1 on hand, 1 reserved, 0 to sell/);
});

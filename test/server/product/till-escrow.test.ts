// Offline escrow over real HTTP: what is lent to a till leaves every channel's figure, only it may sell it, its upload is
// taken from it first, beyond it shows as oversold, and what is left goes back by hand or by time.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ServedProduct, serveProduct } from '../../support/served-product.ts';

let product: ServedProduct;
beforeAll(async () => {
  product = await serveProduct({ env: { RATE_PER_SECOND: 'off' } });
}, 30_000);
afterAll(async () => {
  await product.stop();
});

const now = () => new Date().toISOString();
const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();
let ids = 0;
const id = () => {
  ids += 1;
  return `c-${ids}`;
};
const command = (fields: object) => product.post('/v1/commands', { id: id(), location: 'warehouse', ...fields });
const escrow = (device: string, fields: object) =>
  product.post(`/v1/tills/${device}/escrow`, { id: id(), location: 'warehouse', ...fields });
const lend = (device: string, lines: readonly object[], fields: object = {}) =>
  escrow(device, { type: 'lend', channel: 'webshop', expiresAt: inMs(3_600_000), lines, ...fields });
const lentTo = async (device: string) => (await product.get(`/v1/tills/${device}`)).body['lent'];
const stock = async (sku: string) => {
  const { onHand, reserved, available, oversold } = (await product.get(`/v1/stock/${sku}/warehouse`)).body;
  return { onHand, reserved, available, oversold };
};
const figure = async (channel: string, sku: string, after: unknown) =>
  (await product.get(`/v1/availability/${channel}/${sku}?after=${after}`)).body['units'];

async function received(sku: string, quantity: number): Promise<void> {
  expect((await command({ type: 'receipt', sku, quantity, occurredAt: now() })).status).toBe(200);
}

async function upload(device: string, rows: readonly string[]) {
  const response = await fetch(`${product.url}/v1/tills/${device}/upload?location=warehouse&channel=webshop`, {
    method: 'POST',
    headers: { 'content-type': 'text/csv' },
    body: ['counter,type,sku,quantity,occurredAt', ...rows].join('\n'),
  });
  const lines = (await response.text())
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  return lines.at(-1).summary;
}

test("what is lent is the till's alone, its sales come out of it first, the rest goes back", async () => {
  await received('TEE', 8);
  const lent = await lend('till-1', [
    { sku: 'TEE', quantity: 5 },
    { sku: 'NONE', quantity: 1 },
  ]);
  expect(lent.body).toMatchObject({
    escrow: 'escrow:till-1',
    lines: [
      { sku: 'TEE', outcome: 'accepted', quantity: 5 },
      { sku: 'NONE', outcome: 'refused', reason: 'insufficient-available' },
    ],
  });
  const { body: position } = await command({ type: 'receipt', sku: 'OTHER', quantity: 1, occurredAt: now() });
  expect(await figure('webshop', 'TEE', position['position'])).toBe(3);
  expect(await figure('marketplace', 'TEE', position['position'])).toBe(3);
  expect(await lentTo('till-1')).toMatchObject([{ sku: 'TEE', location: 'warehouse', quantity: 5 }]);

  const hold = { owner: 'o', channel: 'webshop', expiresAt: inMs(3_600_000) };
  const wanted = (quantity: number) =>
    command({ type: 'reservation.make', sku: 'TEE', reservationId: `w-${quantity}`, quantity, ...hold });
  expect((await wanted(4)).body['reason']).toBe('insufficient-available');
  expect((await wanted(3)).status).toBe(200);

  const rows = [1, 2, 3].map((counter) => `${counter},sale,TEE,1,${now()}`);
  expect(await upload('till-1', rows)).toMatchObject({ accepted: 3 });
  expect(await upload('till-1', rows)).toMatchObject({ accepted: 0, duplicates: 3 });
  expect(await stock('TEE')).toEqual({ onHand: 5, reserved: 5, available: 0, oversold: 0 });
  expect(await lentTo('till-1')).toMatchObject([{ quantity: 2 }]);

  const back = { id: 'back', type: 'return' };
  expect((await escrow('till-1', back)).body['lines']).toMatchObject([
    { sku: 'TEE', outcome: 'accepted', duplicate: false },
  ]);
  expect(await stock('TEE')).toEqual({ onHand: 5, reserved: 3, available: 2, oversold: 0 });
  expect(await lentTo('till-1')).toEqual([]);
  expect((await escrow('till-1', { type: 'return' })).body['lines']).toEqual([]);
});

test('beyond what was lent a sale is a fact, and shows as oversold', async () => {
  await received('CUP', 2);
  await lend('till-2', [{ sku: 'CUP', quantity: 2 }]);
  expect(await upload('till-2', [`1,sale,CUP,3,${now()}`])).toMatchObject({ accepted: 1, refused: 0 });
  expect(await stock('CUP')).toEqual({ onHand: -1, reserved: 0, available: -1, oversold: 1 });
});

test('what was not sold goes back by itself when its time has come, and can be kept longer', async () => {
  await received('MUG', 4);
  await lend('till-3', [{ sku: 'MUG', quantity: 4 }], { expiresAt: inMs(1_500) });
  await received('HAT', 4);
  await lend('till-3', [{ sku: 'HAT', quantity: 3 }], { expiresAt: inMs(1_500) });
  const renewed = await escrow('till-3', { type: 'renew', skus: ['HAT'], expiresAt: inMs(3_600_000) });
  expect(renewed.body['lines']).toMatchObject([{ sku: 'HAT', outcome: 'accepted' }]);
  await expect.poll(() => stock('MUG'), { timeout: 10_000 }).toMatchObject({ reserved: 0, available: 4 });
  expect(await lentTo('till-3')).toMatchObject([{ sku: 'HAT', quantity: 3 }]);
  // The till comes back after that: its sales are facts all the same.
  expect(await upload('till-3', [`1,sale,MUG,2,${now()}`])).toMatchObject({ accepted: 1 });
  expect(await stock('MUG')).toEqual({ onHand: 2, reserved: 0, available: 2, oversold: 0 });
});

test('the same command lends nothing twice, and nobody else takes from it', async () => {
  await received('PEN', 5);
  const twice = { id: 'lend-once' };
  expect((await lend('till-4', [{ sku: 'PEN', quantity: 2 }], twice)).body['lines']).toMatchObject([
    { duplicate: false },
  ]);
  expect((await lend('till-4', [{ sku: 'PEN', quantity: 2 }], twice)).body['lines']).toMatchObject([
    { duplicate: true },
  ]);
  expect((await lend('till-4', [{ sku: 'PEN', quantity: 2 }])).body['lines']).toMatchObject([
    { reason: 'reservation-exists' },
  ]);
  const sale = { type: 'sale', sku: 'PEN', quantity: 1, occurredAt: now(), reservationId: 'escrow:till-4' };
  const stranger = await command({ ...sale, source: { id: 'till-5' } });
  expect([stranger.status, stranger.body['reason']]).toEqual([403, 'not-owner']);
  expect((await command({ type: 'reservation.release', sku: 'PEN', reservationId: 'escrow:till-4' })).status).toBe(403);
  // The till itself, back online, sells from it like anywhere else.
  expect((await command({ ...sale, source: { id: 'till-4' } })).status).toBe(200);
  expect(await stock('PEN')).toMatchObject({ onHand: 4, reserved: 1 });
});

test.each([
  ['for more than 31 days', { expiresAt: inMs(40 * 86_400_000) }, 422, 'hold-too-long'],
  [
    'an SKU twice',
    {
      lines: [
        { sku: 'A', quantity: 1 },
        { sku: 'A', quantity: 1 },
      ],
    },
    422,
    'invalid-command',
  ],
  ['nothing', { lines: [] }, 422, 'invalid-command'],
  ['no units', { lines: [{ sku: 'A', quantity: 0 }] }, 422, 'invalid-command'],
  ['something else', { price: 1 }, 422, 'invalid-command'],
])('is refused whole: %s', async (_, fields, status, reason) => {
  const { status: answered, body } = await lend('till-6', [{ sku: 'A', quantity: 1 }], fields);
  expect([answered, body['reason']]).toEqual([status, reason]);
});

test('a line alone is refused: a time that has passed, a location and a channel that nobody knows', async () => {
  const lines = [{ sku: 'A', quantity: 1 }];
  const reasons = [
    await lend('till-6', lines, { expiresAt: inMs(-1_000) }),
    await lend('till-6', lines, { location: 'nowhere' }),
    await lend('till-6', lines, { channel: 'nobody' }),
  ].map(({ body }) => (body['lines'] as { reason: string }[])[0]!.reason);
  expect(reasons).toEqual(['expiry-not-in-future', 'unknown-location', 'unknown-sales-channel']);
});

// Fault row 24: a delivery that cannot prove itself is answered 401 without a word of why, whatever is wrong with it, and
// leaves nothing behind; the next secret is as good as the current one.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canarySecret } from '../../support/canary.ts';
import { type Product, startProduct } from '../../support/product.ts';
import { signedNow, startToyChannel, type ToyChannel } from '../../support/toy-channel.ts';

const SECRET = canarySecret('toy');
const NEXT = canarySecret('toy-next');
const OTHER = canarySecret('other');
const BODY = JSON.stringify({ id: '1001', lines: [{ item: 'RED', quantity: 1 }], note: 'é' });

let toy: ToyChannel;
let product: Product;
beforeAll(async () => {
  toy = await startToyChannel();
  toy.items.set('RED', 'RED');
  const channel = (id: string, secretEnv: string) => {
    return { id, locations: ['warehouse'], connector: { type: 'toy', url: toy.url, secretEnv } };
  };
  product = await startProduct({
    vendors: [toy.vendor],
    env: { TOY_WEBHOOK: SECRET, TOY_WEBHOOK_NEXT: NEXT, OTHER_WEBHOOK: OTHER },
    policy: {
      locations: [{ id: 'warehouse' }],
      channels: [
        channel('toy', 'TOY'),
        channel('other', 'OTHER'),
        channel('secretless', 'NOWHERE'),
        { id: 'web', locations: ['warehouse'] },
      ],
    },
  });
  // What is written at the start is written: from now on the log grows by what comes in alone.
  for (let head = -2n; head !== (await product.evenstock.log.head()); ) {
    head = await product.evenstock.log.head();
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
});
afterAll(async () => {
  await product.close();
  await toy.close();
});

const post = (channel: string, body: string | Buffer<ArrayBuffer>, headers: Record<string, string>) =>
  fetch(`${product.evenstock.url}/v1/hooks/${channel}`, { method: 'POST', body, headers });

const flipped = Buffer.from(BODY);
flipped[20]! ^= 1;
const signed = () => signedNow(SECRET, BODY);
const SIGNATURE = 'evenstock-signature';

const FORGED: readonly (readonly [string, () => Promise<Response>])[] = [
  ['a bit flipped', () => post('toy', flipped, signed())],
  ['parsed and written again', () => post('toy', JSON.stringify(JSON.parse(BODY), undefined, 1), signed())],
  ['a byte more', () => post('toy', `${BODY}\n`, signed())],
  ['nothing', () => post('toy', '', signed())],
  ['ten minutes old', () => post('toy', BODY, signedNow(SECRET, BODY, Date.now() - 600_000))],
  ['301 seconds old', () => post('toy', BODY, signedNow(SECRET, BODY, Date.now() - 301_000))],
  ['301 seconds ahead', () => post('toy', BODY, signedNow(SECRET, BODY, Date.now() + 302_000))],
  ['signed by another channel', () => post('toy', BODY, signedNow(OTHER, BODY))],
  ['for another channel', () => post('other', BODY, signed())],
  ['another time than was signed', () => post('toy', BODY, { ...signed(), 'evenstock-timestamp': '1' })],
  ['no signature', () => post('toy', BODY, {})],
  ['an empty signature', () => post('toy', BODY, { ...signed(), [SIGNATURE]: '' })],
  ['a signature cut short', () => post('toy', BODY, { ...signed(), [SIGNATURE]: signed()[SIGNATURE]!.slice(0, -1) })],
  ['a channel without its secret', () => post('secretless', BODY, signed())],
  ['a channel without a connector', () => post('web', BODY, signed())],
  ['a channel that is not there', () => post('nowhere', BODY, signed())],
  ['no name of a channel', () => post('%00%F0%9F%A6%86', BODY, signed())],
  ['the key of a client', () => post('web', BODY, { authorization: `Bearer evs_${'a'.repeat(43)}` })],
];

describe('unverified', () => {
  test.each(FORGED)('%s', async (_, send) => {
    const head = await product.evenstock.log.head();
    const { translations } = toy.calls;
    const response = await send();
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({
      type: '/problems/unauthenticated',
      title: 'A valid API key is needed',
      status: 401,
      reason: 'unauthenticated',
      detail: 'It is not from the channel',
    });
    expect(await product.evenstock.log.head()).toBe(head);
    expect(toy.calls.translations).toBe(translations);
  });
});

describe('verified', () => {
  test('299 seconds old or ahead, by the current secret and by the next', async () => {
    for (const at of [Date.now() - 298_000, Date.now() + 298_000])
      expect((await post('toy', BODY, signedNow(SECRET, BODY, at))).status).toBe(200);
    expect((await post('toy', BODY, signedNow(NEXT, BODY))).status).toBe(200);
  });

  test('a repeat is 200 and has no effect', async () => {
    const { log } = product.evenstock;
    const written = async () => [
      ...(await log.read('order-toy-1001', 0, 100)),
      ...(await log.read('stock-RED~warehouse', 0, 100)),
      ...(await log.read('inbound-toy', 0, 100)),
    ];
    expect((await post('toy', BODY, signed())).status).toBe(200);
    const before = await written();
    expect(before.filter(({ type }) => type === 'OrderPlaced')).toHaveLength(1);
    expect((await post('toy', BODY, signed())).status).toBe(200);
    expect(await written()).toEqual(before);
  });
});

test('too large is 413, other methods are 405, and what is wrong with a secret is seen by operations alone', async () => {
  expect((await post('toy', 'x'.repeat(256 * 1024 + 1), {})).status).toBe(413);
  expect((await fetch(`${product.evenstock.url}/v1/hooks/toy`)).status).toBe(405);
  const stateOf = async (channel: string) => (await product.get(`/v1/channels/${channel}`)).body['inbound'];
  expect(await stateOf('toy')).toMatchObject({ webhook: { received: 5, unverified: 12 } });
  expect(await stateOf('secretless')).toMatchObject({
    webhook: { received: 0, failure: expect.stringContaining('NOWHERE_WEBHOOK_FILE') },
  });
  expect(await stateOf('web')).toBeUndefined();
});

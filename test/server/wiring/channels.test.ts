// How a policy's connector finds its adapter, its secret and its settings, and what is said when it does not.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { sameIdentifiers } from '../../../adapters/channels/identifiers.ts';
import { createVendor, type Vendor, type VendorChannel } from '../../../adapters/channels/vendor.ts';
import { VENDORS } from '../../../adapters/channels/vendors.ts';
import { systemClock } from '../../../adapters/platform.ts';
import { secretsOf } from '../../../adapters/secrets.ts';
import { PolicyDocument } from '../../../domain/channel/policy.ts';
import { type Channels, openChannels } from '../../../server/wiring/channels.ts';
import { type Product, startProduct } from '../../support/product.ts';

const SECRET = 'sixteen-letters-or-more';
let given: VendorChannel | undefined;

const bazaar: Vendor = createVendor({
  type: 'bazaar',
  settings: z.strictObject({ seller: z.string() }),
  identifiers: 'mapped',
  connect(channel) {
    given = channel;
    channel.secret('CLIENT_ID');
    return { declares: {} as never, publish: () => Promise.reject(new Error('not here')) };
  },
});

function channelsWith(environment: Record<string, string>): Channels {
  const identifiersOf = () => sameIdentifiers;
  return openChannels({
    ...{ vendors: [...VENDORS, bazaar], secrets: secretsOf(environment), identifiersOf, clock: systemClock },
  });
}

function documentWith(connector: object): PolicyDocument {
  return PolicyDocument.parse({
    version: 'v1',
    locations: [{ id: 'warehouse' }],
    channels: [{ id: 'shop', locations: ['warehouse'], connector }],
  });
}

const channelWith = (connector: object) => documentWith(connector).channels[0]!;
const http = { type: 'http', url: 'http://x.example', secretEnv: 'SHOP_SECRET' };
const ofBazaar = { type: 'bazaar', url: 'http://x.example', secretEnv: 'BAZAAR', settings: { seller: '7' } };

describe('a channel', () => {
  it('without a connector is not reached', () => {
    const [channel] = PolicyDocument.parse({
      version: 'v1',
      locations: [{ id: 'warehouse' }],
      channels: [{ id: 'till', locations: ['warehouse'] }],
    }).channels;
    expect(channelsWith({}).connect(channel!)).toBeUndefined();
  });

  it.each([
    ['is not set', {}, /shop: set .*SHOP_SECRET \(or SHOP_SECRET_FILE/],
    ['is too short', { SHOP_SECRET: 'short' }, /shop: give at least 16 characters to .*SHOP_SECRET/],
    ['is in a file that is not there', { SHOP_SECRET_FILE: '/nowhere/at-all' }, /shop: .*SHOP_SECRET_FILE.*ENOENT/],
  ])('whose secret %s fails with the name of the variable', (_, environment, message) => {
    expect(() => channelsWith(environment).connect(channelWith(http))).toThrow(message);
  });

  it('takes one of several secrets, from a file too, and parsed settings', () => {
    const directory = mkdtempSync(join(tmpdir(), 'evenstock-secret-'));
    try {
      writeFileSync(join(directory, 'id'), `${SECRET}\n`);
      const channels = channelsWith({ BAZAAR_CLIENT_ID_FILE: join(directory, 'id') });
      channels.connect(channelWith(ofBazaar));
      expect(given?.secret('CLIENT_ID')).toBe(SECRET);
      expect(() => channelsWith({}).connect(channelWith(ofBazaar))).toThrow(/BAZAAR_CLIENT_ID/);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('of the generic adapter has its limits where the policy has none', () => {
    expect(channelWith(http).connector).toMatchObject({ batchSize: 100, ratePerSecond: 5, burst: 5 });
    expect(channelWith({ ...http, batchSize: 7 }).connector).toMatchObject({ batchSize: 7, burst: 5 });
    expect(channelWith(ofBazaar).connector?.batchSize).toBeUndefined();
  });
});

describe('a policy', () => {
  const { misfit } = channelsWith({});

  it('fits when every connector has an adapter that takes its settings', () => {
    expect(misfit(documentWith(ofBazaar))).toBeUndefined();
    expect(misfit(documentWith(http))).toBeUndefined();
  });

  it.each([
    ['no such adapter', { ...http, type: 'souk' }, '/channels/0/connector/type', /no adapter souk; there is http/],
    ['a setting left out', { ...ofBazaar, settings: {} }, '/channels/0/connector/settings/seller', /seller: /],
    ['a setting too many', { ...http, settings: { a: 1 } }, '/channels/0/connector/settings', /settings: .*"a"/],
  ])('does not with %s', (_, connector, path, detail) => {
    expect(misfit(documentWith(connector))).toMatchObject({ path, detail: expect.stringMatching(detail) });
  });
});

describe('over HTTP', () => {
  let product: Product | undefined;
  afterEach(() => product?.close());

  it('a policy with a connector that nobody can make is refused, planned or applied, and nothing changes', async () => {
    product = await startProduct();
    const { body: before } = await product.get('/v1/policy');
    const document = { ...documentWith({ ...http, type: 'souk' }), version: 'test-2' };
    for (const path of ['/v1/policy/plan', '/v1/policy']) {
      const answer = await product.post(path, { document, ...(path.endsWith('plan') ? {} : { reason: 'try' }) });
      expect(answer).toMatchObject({
        status: 422,
        body: { errors: [{ path: '/document/channels/0/connector/type', rule: 'invalid-policy' }] },
      });
    }
    expect((await product.get('/v1/policy')).body).toEqual(before);
  });
});

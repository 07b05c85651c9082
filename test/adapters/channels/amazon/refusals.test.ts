// How Amazon refuses, operation by operation: each of its codes means the right thing, stands in the reason, and asks for
// no more than one new token. Seen failing: a new token for every refusal, a token used until it ends, two fetched at once,
// wrong credentials taken for an outage, an older sequence number taken for confirmed, an SKU in an address as it is.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AmazonRig, batchOf, connect, live, SECRETS, startRig } from '../../../support/amazon/rig.ts';

let rig: AmazonRig;
beforeEach(async () => {
  rig = await startRig();
  rig.simulator.listings.list('TEE', 9);
});
afterEach(() => rig.close());

const errors = (code: string, message = 'Something is wrong.', details = '') =>
  JSON.stringify({ errors: [{ code, message, details }] });
const answers = (status: number, body: string, headers = {}) =>
  rig.simulator.misbehaving.setFaults({ kind: 'answer', answer: { status, body, headers } });
const publish = (settings = {}) => connect(rig, { settings }).publish(batchOf({ TEE: 4 }), live());

describe('a refusal', () => {
  it.each([
    [400, 'InvalidInput', { kind: 'batchRefused', reason: 'HTTP 400: InvalidInput: Something is wrong.' }],
    [401, 'Unauthorized', { kind: 'denied', reason: 'HTTP 401: Unauthorized: Something is wrong.' }],
    [403, 'Unauthorized', { kind: 'denied', reason: 'HTTP 403: Unauthorized: Something is wrong.' }],
    [
      404,
      'NOT_FOUND',
      {
        kind: 'answered',
        outcomes: new Map([['TEE', { kind: 'refused', reason: 'HTTP 404: NOT_FOUND: Something is wrong.' }]]),
      },
    ],
    [413, 'PayloadTooLarge', { kind: 'batchRefused', reason: 'HTTP 413: PayloadTooLarge: Something is wrong.' }],
    [415, 'UnsupportedMediaType', { kind: 'denied', reason: 'HTTP 415: UnsupportedMediaType: Something is wrong.' }],
    [429, 'QuotaExceeded', { kind: 'throttled' }],
    [500, 'InternalFailure', { kind: 'unknown', reason: 'HTTP 500: InternalFailure: Something is wrong.' }],
    [503, 'ServiceUnavailable', { kind: 'unknown', reason: 'HTTP 503: ServiceUnavailable: Something is wrong.' }],
  ])('%i %s of a patch', async (status, code, reply) => {
    answers(status, errors(code));
    expect(await publish()).toEqual(reply);
  });

  it('no answer in time is unknown, in words', async () => {
    rig.simulator.misbehaving.setFaults({ kind: 'timeout' });
    expect(await connect(rig, { timeoutMs: 100 }).publish(batchOf({ TEE: 4 }), live())).toEqual({
      kind: 'unknown',
      reason: 'The operation was aborted due to timeout',
    });
  });

  it('404 from an address that is not Amazon’s is nobody’s SKU', async () => {
    answers(404, '<html>nginx</html>');
    expect(await publish()).toEqual({ kind: 'denied', reason: 'HTTP 404: <html>nginx</html>' });
  });

  it('of one of ten SKUs names its type', async () => {
    rig.simulator.listings.list('MUG', 3);
    rig.simulator.misbehaving.setFaults({ refusedSkus: ['MUG'] });
    const locations = connect(rig, { settings: { api: 'external-fulfillment' } });
    expect(await locations.publish(batchOf({ TEE: 4, MUG: 2, GONE: 1 }), live())).toEqual({
      kind: 'answered',
      outcomes: new Map([
        ['TEE', { kind: 'confirmed' }],
        [
          'MUG',
          {
            kind: 'refused',
            reason: 'INVALID_SKU: The requested Sku does not exist for the seller in requested marketplace.',
          },
        ],
        [
          'GONE',
          {
            kind: 'refused',
            reason: 'INVALID_SKU: The requested Sku does not exist for the seller in requested marketplace.',
          },
        ],
      ]),
    });
    expect(rig.judge?.violations ?? []).toEqual([]);
  });

  it.each([
    [429, 'SC_00007', 'retryLater'],
    [500, 'SC_00000', 'unknown'],
    [409, 'CONFLICT', 'refused'],
  ])('%i inside a batch', async (statusCode, errorType, kind) => {
    const body = { skuId: 'TEE', actionableErrors: [{ errorType, errorSubType: 'why' }] };
    answers(207, JSON.stringify({ responses: [{ status: { statusCode }, body }] }));
    expect(await publish({ api: 'external-fulfillment' })).toMatchObject({
      outcomes: new Map([['TEE', { kind, reason: `${errorType}: why` }]]),
    });
  });

  it.each([
    ['of another listing', { sku: 'MUG', status: 'ACCEPTED', submissionId: 'x' }],
    ['of a status that nobody knows', { sku: 'TEE', status: 'VALID', submissionId: 'x' }],
  ])('a submission %s is no answer', async (_, body) => {
    answers(200, JSON.stringify(body));
    expect(await publish()).toMatchObject({ outcomes: new Map([['TEE', { kind: 'unknown' }]]) });
  });

  it('says the pace that Amazon states, with a success and with a refusal', async () => {
    const limit = { ratePerSecond: 0.5 };
    answers(429, errors('QuotaExceeded'), { 'x-amzn-RateLimit-Limit': '0.5' });
    expect(await publish()).toEqual({ kind: 'throttled', limit });
    answers(200, JSON.stringify({ sku: 'TEE', status: 'ACCEPTED', submissionId: 'x' }), {
      'x-amzn-RateLimit-Limit': '0.5',
    });
    expect(await publish()).toMatchObject({ kind: 'answered', limit });
    for (const nonsense of ['fast', '-1', '0', '1e9', '']) {
      answers(200, JSON.stringify({ sku: 'TEE', status: 'ACCEPTED', submissionId: 'x' }), {
        'x-amzn-RateLimit-Limit': nonsense,
      });
      expect(await publish()).not.toHaveProperty('limit');
    }
  });
});

describe('the usage plans', () => {
  it('are kept by the simulator: the sixth patch at once is refused with QuotaExceeded', async () => {
    await rig.close();
    rig = await startRig({ speed: 1 });
    rig.simulator.listings.list('TEE', 9);
    const amazon = connect(rig);
    const kinds: string[] = [];
    for (let n = 0; n < 6; n += 1) kinds.push((await amazon.publish(batchOf({ TEE: n }), live())).kind);
    expect(kinds.slice(0, 5)).toEqual(['answered', 'answered', 'answered', 'answered', 'answered']);
    // A slow machine may give the bucket time for one more.
    if (kinds[5] === 'answered') kinds.push((await amazon.publish(batchOf({ TEE: 7 }), live())).kind);
    expect(kinds.at(-1)).toBe('throttled');
    // Each operation has a bucket of its own.
    expect((await amazon.readBack!(['TEE'], live())).kind).toBe('shown');
    expect(rig.judge?.violations ?? []).toEqual([]);
  });
});

describe('an access token', () => {
  it('is fetched once for many calls, also at the same time, and again shortly before it ends', async () => {
    const amazon = connect(rig);
    await Promise.all([1, 2, 3, 4].map((units) => amazon.publish(batchOf({ TEE: units }), live())));
    expect(rig.simulator.tokens.granted).toBe(1);
    rig.time.now += 3_539_000;
    await amazon.publish(batchOf({ TEE: 5 }), live());
    expect(rig.simulator.tokens.granted).toBe(1);
    rig.time.now += 2_000;
    await amazon.publish(batchOf({ TEE: 5 }), live());
    expect(rig.simulator.tokens.granted).toBe(2);
  });

  it('that is refused is replaced once, and the call goes on', async () => {
    const amazon = connect(rig);
    await amazon.publish(batchOf({ TEE: 1 }), live());
    rig.simulator.tokens.revoke();
    expect(await amazon.publish(batchOf({ TEE: 2 }), live())).toMatchObject({
      outcomes: new Map([['TEE', { kind: 'confirmed' }]]),
    });
    expect(rig.simulator.tokens.granted).toBe(2);
    rig.simulator.misbehaving.setFaults({ kind: 'unauthorised' });
    expect(await amazon.publish(batchOf({ TEE: 3 }), live())).toEqual({
      kind: 'denied',
      reason: expect.stringMatching(
        /^HTTP 403: Unauthorized: Access to requested resource is denied\. \(The access token/,
      ),
    });
    expect(rig.simulator.tokens.granted).toBe(3);
  });

  it.each([
    ['AMAZON_CLIENT_SECRET', 'invalid_client'],
    ['AMAZON_REFRESH_TOKEN', 'invalid_grant'],
  ])('is not given for a wrong %s: the channel is denied, and nothing was sent', async (name, code) => {
    const amazon = connect(rig, { secrets: { ...SECRETS, [name]: 'another-secret-entirely' } });
    const reply = await amazon.publish(batchOf({ TEE: 4 }), live());
    expect(reply).toEqual({ kind: 'denied', reason: expect.stringMatching(new RegExp(`^no access token: ${code}: `)) });
    expect(await amazon.readBack!(['TEE'], live())).toMatchObject({ kind: 'denied' });
    expect(rig.simulator.misbehaving.log.calls.filter(({ kind }) => kind !== 'token')).toEqual([]);
  });

  it.each(['throttle', 'error', 'reset', 'invalid-json', 'timeout'] as const)(
    'that cannot be had now (%s) is not a doubt about quantities',
    async (kind) => {
      rig.simulator.misbehaving.setFaults({ kind, on: ['token'] });
      const amazon = connect(rig, { timeoutMs: 300 });
      expect(await amazon.publish(batchOf({ TEE: 4 }), live())).toMatchObject({
        kind: 'unavailable',
        reason: expect.stringMatching(/^no access token: /),
      });
      rig.simulator.misbehaving.setFaults({});
      expect(await amazon.publish(batchOf({ TEE: 4 }), live())).toMatchObject({ kind: 'answered' });
    },
  );

  it('goes to nobody but the API: the file of a feed is stored without it', async () => {
    const { fetch } = globalThis;
    const seen: { url: string; token: string | null }[] = [];
    try {
      globalThis.fetch = (input, init) => {
        seen.push({ url: String(input), token: new Headers(init?.headers).get('x-amz-access-token') });
        return fetch(input, init);
      };
      await connect(rig).publishBulk!(batchOf({ TEE: 4 }), live());
    } finally {
      globalThis.fetch = fetch;
    }
    expect(seen.map(({ url, token }) => [new URL(url).pathname.split('/')[1], token !== null])).toEqual([
      ['auth', false],
      ['feeds', true],
      ['feed-documents', false],
      ['feeds', true],
    ]);
  });

  it('and the secrets are in no reason that a feed’s report gives later', async () => {
    const amazon = connect(rig);
    await amazon.publishBulk!(batchOf({ TEE: 4, GONE: 1 }), live());
    rig.time.now += 60_000;
    const [feed] = rig.simulator.feeds.all();
    const report = rig.simulator.feeds.documents.get(feed!.resultDocumentId!)!;
    report.content = report.content!.replace('This SKU', `\\u001b ${SECRETS.AMAZON_CLIENT_SECRET} This SKU`);
    const shown = await amazon.readBack!(['GONE'], live());
    const reason = shown.kind === 'shown' ? shown.refused?.get('GONE') : undefined;
    expect(reason).toMatch(/^13013: .*\[secret\] This SKU/);
  });

  it('is asked for with secrets that are there: what is missing is told when the channel is made', () => {
    const { AMAZON_REFRESH_TOKEN: _, ...secrets } = SECRETS;
    expect(() => connect(rig, { secrets })).toThrow(/AMAZON_REFRESH_TOKEN/);
  });
});

describe('External Fulfillment', () => {
  it('takes our version as its sequence number: an older one changes nothing and is refused', async () => {
    const locations = connect(rig, { settings: { api: 'external-fulfillment' } });
    expect(locations.declares).toMatchObject({ ordering: 'version', acknowledgement: 'applied', batchSizeMax: 10 });
    await locations.publish(batchOf({ TEE: 4 }, 2_000n), live());
    expect(await locations.publish(batchOf({ TEE: 7 }, 1_999n), live())).toMatchObject({
      outcomes: new Map([['TEE', { kind: 'refused', reason: 'the channel holds a newer version' }]]),
    });
    expect(rig.simulator.listings.shown('TEE')).toBe(4);
    expect(await locations.publish(batchOf({ TEE: 4 }, 2_000n), live())).toMatchObject({
      outcomes: new Map([['TEE', { kind: 'confirmed' }]]),
    });
    expect(await locations.publish(batchOf({ TEE: 4 }, 2n ** 53n), live())).toMatchObject({ kind: 'batchRefused' });
    expect(rig.judge?.violations ?? []).toEqual([]);
  });

  it('names an SKU with spaces and signs as it is', async () => {
    rig.simulator.listings.list('RED & BLUE/7+', 1);
    const locations = connect(rig, { settings: { api: 'external-fulfillment' } });
    await locations.publish(batchOf({ 'RED & BLUE/7+': 4 }), live());
    expect(rig.simulator.listings.shown('RED & BLUE/7+')).toBe(4);
    expect(await locations.readBack!(['RED & BLUE/7+'], live())).toMatchObject({
      units: new Map([['RED & BLUE/7+', 4]]),
    });
  });
});

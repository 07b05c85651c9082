// The two ways to tell Amazon quantities: a patch for one listing, a feed for many; and reading back what it shows. Every
// request and answer passes Amazon's own models where they are at hand. Seen failing: INVALID taken for accepted, the
// operation of the policy ignored, messages numbered from 0, a stuck feed asked first for ever, a report not unpacked.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sameIdentifiers } from '../../../../adapters/channels/identifiers.ts';
import { hasModels, problemsOf } from '../../../support/amazon/models.ts';
import { type AmazonRig, batchOf, connect, live, startRig } from '../../../support/amazon/rig.ts';

const MINUTE = 60_000;
const confirmed = { kind: 'confirmed' };

let rig: AmazonRig;
beforeEach(async () => {
  rig = await startRig({ applyMs: 30_000, feedMs: 5 * MINUTE });
  for (const sku of ['TEE', 'MUG', 'HAT']) rig.simulator.listings.list(sku, 9);
});
afterEach(async () => {
  const violations = rig.judge?.violations ?? [];
  await rig.close();
  expect(violations).toEqual([]);
});

describe('a patch', () => {
  it('is accepted, and shown once Amazon has applied it', async () => {
    const amazon = connect(rig);
    expect(await amazon.publish(batchOf({ TEE: 4 }), live())).toEqual({
      kind: 'answered',
      outcomes: new Map([['TEE', confirmed]]),
    });
    expect(amazon.declares).toMatchObject({ acknowledgement: 'accepted', batchSizeMax: 1, ratePerSecondMax: 5 });
    expect(await amazon.readBack!(['TEE'], live())).toMatchObject({ units: new Map([['TEE', 9]]) });
    rig.time.now += 30_000;
    expect(await amazon.readBack!(['TEE', 'MUG', 'NONE'], live())).toMatchObject({
      kind: 'shown',
      units: new Map([
        ['TEE', 4],
        ['MUG', 9],
      ]),
    });
  });

  it('says the operation of the policy: replace drops the handling time, merge keeps it', async () => {
    const leadTime = () => rig.simulator.listings.get('TEE')!.availability.get('DEFAULT')!.leadTimeToShipMaxDays;
    await connect(rig, { settings: { leadTimeToShipMaxDays: 3 } }).publish(batchOf({ TEE: 4 }), live());
    rig.time.now += 30_000;
    expect(leadTime()).toBe(3);
    await connect(rig, { settings: { patchOperation: 'merge' } }).publish(batchOf({ TEE: 5 }), live());
    rig.time.now += 30_000;
    expect(leadTime()).toBe(3);
    await connect(rig).publish(batchOf({ TEE: 6 }), live());
    rig.time.now += 30_000;
    expect(leadTime()).toBeUndefined();
    expect(rig.simulator.listings.shown('TEE')).toBe(6);
  });

  it('that Amazon finds invalid is refused with its code', async () => {
    rig.simulator.misbehaving.setFaults({ refusedSkus: ['TEE'] });
    const reason = "99022: A value is not allowed for 'fulfillment_availability' of this listing.";
    expect(await connect(rig).publish(batchOf({ TEE: 4 }), live())).toMatchObject({
      outcomes: new Map([['TEE', { kind: 'refused', reason }]]),
    });
    expect(await connect(rig).publish(batchOf({ GONE: 4 }), live())).toMatchObject({
      outcomes: new Map([
        ['GONE', { kind: 'refused', reason: expect.stringMatching(/^13013: This SKU does not exist/) }],
      ]),
    });
  });

  it('goes under the name and product type that are mapped; what is not mapped is refused here', async () => {
    rig.simulator.listings.list('seller, 7', 1);
    const identifiers = {
      ...sameIdentifiers,
      ofSku: (sku: string) => (sku === 'TEE' ? { id: 'seller, 7', more: { productType: 'SHIRT' } } : undefined),
      skuOf: (id: string) => (id === 'seller, 7' ? 'TEE' : undefined),
    };
    const amazon = connect(rig, { identifiers });
    expect(await amazon.publish(batchOf({ TEE: 4 }), live())).toMatchObject({
      outcomes: new Map([['TEE', confirmed]]),
    });
    rig.time.now += 30_000;
    expect(rig.simulator.listings.shown('seller, 7')).toBe(4);
    // An id with a comma cannot stand in the list of a search.
    const before = rig.simulator.misbehaving.log.count('read');
    expect(await amazon.readBack!(['TEE'], live())).toMatchObject({ units: new Map([['TEE', 4]]) });
    expect(rig.simulator.misbehaving.log.calls.at(-1)!.path).toContain('/items/A3TH9S8BH6GOGM/seller%2C%207?');
    expect(rig.simulator.misbehaving.log.count('read') - before).toBe(1);
  });
});

describe('a feed', () => {
  const told = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`SKU-${n}`, n % 7]));
  const listAll = (units: Record<string, number>) => {
    for (const sku of Object.keys(units)) rig.simulator.listings.list(sku, 1);
  };

  it('tells many at once, and is accepted before anything is shown', async () => {
    const units = told(300);
    listAll(units);
    const amazon = connect(rig);
    const reply = await amazon.publishBulk!(batchOf(units), live());
    expect(reply).toEqual({ kind: 'answered', outcomes: new Map(Object.keys(units).map((sku) => [sku, confirmed])) });
    expect(rig.simulator.listings.shown('SKU-5')).toBe(1);
    rig.time.now += 5 * MINUTE;
    for (const [sku, wanted] of Object.entries(units)) expect(rig.simulator.listings.shown(sku)).toBe(wanted);
    const [feed] = rig.simulator.feeds.all();
    const document = JSON.parse(rig.simulator.feeds.documents.get(feed!.documentId)!.content!);
    if (hasModels) expect(problemsOf('listings-feed-v2', document)).toEqual([]);
    expect(document.messages[5]).toEqual({
      ...{ messageId: 6, sku: 'SKU-5', operationType: 'PATCH', productType: 'PRODUCT' },
      patches: [
        {
          op: 'replace',
          path: '/attributes/fulfillment_availability',
          value: [{ fulfillment_channel_code: 'DEFAULT', quantity: 5 }],
        },
      ],
    });
  });

  it('of 25,000 listings stays below 10 MiB', { timeout: 30_000 }, async () => {
    const long = 'X'.repeat(58);
    const units = Object.fromEntries(Array.from({ length: 25_000 }, (_, n) => [`${long}${n}`, 999_999_999]));
    const amazon = connect(rig, { timeoutMs: 20_000 });
    expect((await amazon.publishBulk!(batchOf(units), live())).kind).toBe('answered');
    const [feed] = rig.simulator.feeds.all();
    const bytes = Buffer.byteLength(rig.simulator.feeds.documents.get(feed!.documentId)!.content!);
    expect(bytes).toBeLessThan(10 * 1024 * 1024);
    expect(bytes).toBeGreaterThan(5 * 1024 * 1024);
  });

  it.each([true, false])(
    'with bad messages: its report is read with the next read-back (gzip %s)',
    async (gzipReports) => {
      await rig.close();
      rig = await startRig({ feedMs: 5 * MINUTE, gzipReports, faults: { refusedSkus: ['MUG'] } });
      for (const sku of ['TEE', 'MUG']) rig.simulator.listings.list(sku, 9);
      const amazon = connect(rig);
      await amazon.publishBulk!(batchOf({ TEE: 2, MUG: 3, GONE: 4 }), live());
      rig.time.now += MINUTE;
      expect(await amazon.readBack!(['TEE', 'MUG'], live())).toMatchObject({ refused: new Map() });
      rig.time.now += 5 * MINUTE;
      const shown = await amazon.readBack!(['TEE', 'MUG', 'GONE'], live());
      expect(shown).toMatchObject({
        units: new Map([
          ['TEE', 2],
          ['MUG', 9],
        ]),
      });
      expect(shown).toMatchObject({
        refused: new Map([
          ['MUG', expect.stringMatching(/^99022: /)],
          ['GONE', expect.stringMatching(/^13013: /)],
        ]),
      });
      rig.simulator.misbehaving.setFaults({});
      // Told in the other way, what the feed said of it is over.
      await amazon.publish(batchOf({ MUG: 1 }), live());
      expect(await amazon.readBack!(['MUG'], live())).toMatchObject({ refused: new Map() });
    },
  );

  it('that is stuck shows nothing, and hides no other feed’s report', async () => {
    const amazon = connect(rig);
    rig.simulator.options.stuckFeeds = true;
    await amazon.publishBulk!(batchOf({ TEE: 2 }), live());
    rig.simulator.options.stuckFeeds = false;
    await amazon.publishBulk!(batchOf({ MUG: 2, GONE: 1 }), live());
    rig.time.now += 30 * MINUTE;
    await amazon.readBack!(['TEE'], live());
    rig.time.now += MINUTE;
    expect(await amazon.readBack!(['TEE', 'MUG', 'GONE'], live())).toMatchObject({
      units: new Map([
        ['TEE', 9],
        ['MUG', 2],
      ]),
      refused: new Map([['GONE', expect.stringMatching(/^13013: /)]]),
    });
    // The urgent way is open meanwhile.
    await amazon.publish(batchOf({ TEE: 1 }), live());
    rig.time.now += 30_000;
    expect(rig.simulator.listings.shown('TEE')).toBe(1);
  });

  it('that is fatal refuses no single listing', async () => {
    rig.simulator.options.fatalFeeds = true;
    const amazon = connect(rig);
    await amazon.publishBulk!(batchOf({ TEE: 2 }), live());
    rig.time.now += 5 * MINUTE;
    expect(await amazon.readBack!(['TEE'], live())).toMatchObject({ units: new Map([['TEE', 9]]), refused: new Map() });
    expect(rig.simulator.feeds.all()[0]!.status).toBe('FATAL');
  });

  it('asks for its state at most once in 45 s', async () => {
    const amazon = connect(rig);
    rig.simulator.options.stuckFeeds = true;
    await amazon.publishBulk!(batchOf({ TEE: 2 }), live());
    const asked = () => rig.simulator.misbehaving.log.calls.filter(({ path }) => /\/feeds\/\d+$/.test(path)).length;
    for (let n = 0; n < 90; n += 1) {
      rig.time.now += 1_000;
      await amazon.readBack!(['TEE'], live());
    }
    expect(asked()).toBe(2);
  });

  it.each(['createFeedDocument', 'upload'])('that fails at %s has applied nothing for certain', async (step) => {
    const amazon = connect(rig);
    if (step === 'createFeedDocument') rig.simulator.misbehaving.setFaults({ kind: 'error', on: ['read'] });
    else rig.simulator.feeds.announce = () => ({ id: 'nowhere', content: undefined });
    const reply = await amazon.publishBulk!(batchOf({ TEE: 2 }), live());
    expect(['unavailable', 'denied']).toContain(reply.kind);
    rig.time.now += 60 * MINUTE;
    expect(rig.simulator.listings.shown('TEE')).toBe(9);
  });

  it('whose creation is in doubt is unknown', async () => {
    const amazon = connect(rig);
    await amazon.publish(batchOf({ MUG: 1 }), live());
    const { fetch } = globalThis;
    try {
      // The answer of createFeed is lost, after it was taken.
      globalThis.fetch = async (input, init) => {
        const answer = await fetch(input, init);
        if (String(input).endsWith('/feeds'))
          throw new TypeError('fetch failed', { cause: new Error('socket hang up') });
        return answer;
      };
      expect(await amazon.publishBulk!(batchOf({ TEE: 2 }), live())).toEqual({
        kind: 'unknown',
        reason: 'socket hang up',
      });
    } finally {
      globalThis.fetch = fetch;
    }
    expect(rig.simulator.feeds.all()).toHaveLength(1);
  });

  it('is not offered where the policy forbids it', () => {
    const amazon = connect(rig, { settings: { feeds: false } });
    expect(amazon.publishBulk).toBeUndefined();
    expect(amazon.declares.bulk).toBeUndefined();
  });
});

// Every way to alter a log, on a real log file whose checksums and index are right again, and on a store whose positions
// have holes: found, and named. Twice each: by somebody who forgets the hash chains, and by somebody who makes them again.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSqliteLog, type SqliteLog } from '../../../adapters/event-log/sqlite/log.ts';
import { systemClock, systemHashes } from '../../../adapters/platform.ts';
import { sealLog } from '../../../adapters/seals/seal-log.ts';
import { generateSigningKey, signingKey } from '../../../adapters/seals/signing.ts';
import { type RecordedEvent, START } from '../../../domain/event-log.ts';
import { logPages } from '../../../projections/log-pages.ts';
import { verifyChains } from '../../../projections/verify-chain.ts';
import { checkGivenSeals } from '../../../server/cli/seal/check-seals.ts';
import { actorsOver, submit } from '../../support/actors.ts';
import { rewriteFrames, withChainsRedone } from '../../support/tampering.ts';

const directory = mkdtempSync(join(tmpdir(), 'evenstock-tampered-'));
const seals = join(directory, 'seals.ndjson');
const { privatePem, publicPem } = generateSigningKey();
const publicKey = join(directory, 'key.pub.pem');
const open = () =>
  openSqliteLog({ directory, clock: systemClock, onFatal: (error) => expect.unreachable(error.message) });

let events: readonly RecordedEvent[];

/** Three SKUs, sealed twice and once more not sealed. */
beforeAll(async () => {
  writeFileSync(publicKey, publicPem);
  const log = await open();
  const seal = () =>
    sealLog({
      ...{ file: seals, key: signingKey(privatePem), hashes: systemHashes, clock: systemClock },
      pages: (after) => logPages(log, after),
    });
  const actors = actorsOver(log);
  const trade = async () => {
    for (const sku of ['A', 'B', 'C']) {
      await submit(actors, { type: 'receipt', sku, quantity: 10 });
      await submit(actors, { type: 'sale', sku, quantity: 3 });
      await submit(actors, { type: 'count', sku, counted: 6 });
    }
  };
  await trade();
  expect(await seal()).toMatchObject({ newEvents: 9, seal: { number: 1, count: 9, position: '8' } });
  expect(await seal()).toMatchObject({ newEvents: 0, seal: undefined });
  await trade();
  expect(await seal()).toMatchObject({ newEvents: 9, seal: { number: 2, count: 18, position: '17' } });
  await submit(actors, { type: 'sale', sku: 'A', quantity: 1 });
  events = await log.readAll(START, 1_000);
  await log.close();
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

type Altering = (events: readonly RecordedEvent[]) => readonly RecordedEvent[];

const event = (name: string) => events.find(({ stream, revision }) => `${stream}@${revision}` === name)!;
const without =
  (gone: (event: RecordedEvent) => boolean): Altering =>
  (all) =>
    all.filter((one) => !gone(one));
const is = (name: string) => (one: RecordedEvent) => `${one.stream}@${one.revision}` === name;
const swapped =
  (one: string, other: string): Altering =>
  (all) =>
    all.map((each) => (is(one)(each) ? event(other) : is(other)(each) ? event(one) : each));

const A = 'stock-A~store-1';
const B = 'stock-B~store-1';
/** What is done; what is named once the chains are made again; what the chains alone show when they are not. */
const TAMPERINGS: readonly (readonly [string, Altering, RegExp, RegExp | undefined])[] = [
  [
    'an event changed',
    (all) => all.map((one) => (is(`${B}@1`)(one) ? { ...one, data: { ...one.data, quantity: 2 } } : one)),
    /stock-B~store-1@1: changed, and 4 events after it/,
    /stock-B~store-1@1: its content is not what was written/,
  ],
  [
    'the metadata of an event changed',
    (all) =>
      all.map((one) => (is(`${B}@4`)(one) ? { ...one, metadata: { ...one.metadata, client: 'somebody' } } : one)),
    /stock-B~store-1@4: changed, and 1 event after it/,
    /stock-B~store-1@4: its content is not what was written/,
  ],
  [
    'an event removed',
    without(is(`${B}@2`)),
    /stock-B~store-1@2: 1 event removed, there or later: 6 events sealed, 5 there/,
    /stock-B~store-1@3: revision 3 follows 1/,
  ],
  [
    'the last event of a stream removed',
    without(is(`${B}@5`)),
    /stock-B~store-1@5: 1 event removed, at its end: 6 events sealed, 5 there/,
    undefined,
  ],
  [
    'an event inserted',
    (all) =>
      all.flatMap((one) => (is(`${B}@1`)(one) ? [one, { ...one, id: '00000000-0000-5000-8000-000000000000' }] : [one])),
    /stock-B~store-1@2: 1 event inserted, there or later: 6 events sealed, 7 there/,
    /stock-B~store-1@1: revision 1 follows 1/,
  ],
  [
    'a stream inserted',
    (all) => [...all.slice(0, 4), { ...all[0]!, stream: 'stock-X~store-1' }, ...all.slice(4)],
    /stock-X~store-1@0: the whole stream was inserted: 1 event, none of them sealed/,
    /stock-X~store-1@0: its content is not what was written/,
  ],
  [
    'events of a stream reordered',
    swapped(`${A}@1`, `${A}@2`),
    /stock-A~store-1@1: changed, and 4 events after it/,
    /stock-A~store-1@2: revision 2 follows 0/,
  ],
  [
    'events of two streams reordered',
    swapped(`${A}@2`, `${B}@0`),
    /reordered: event 2 of the log was stock-A~store-1@2 when it was sealed, and is stock-B~store-1@0 now/,
    undefined,
  ],
  [
    'the tail cut off',
    (all) => all.slice(0, 12),
    /seal 2 covers 18 events up to position 17, and the log has 12 up to position 11.*stock-B~store-1@3: 3 events removed, at its end/s,
    undefined,
  ],
  [
    'a whole stream removed',
    without(({ stream }) => stream === B),
    /stock-B~store-1: the whole stream was removed: 6 events sealed, none there/,
    undefined,
  ],
  ['everything removed', () => [], /seal 2 covers 18 events up to position 17, and the log has 0: the end/, undefined],
];

interface Found {
  /** Nothing at all was found. */
  readonly proven: boolean;
  readonly chains: string;
  readonly seals: string;
}

async function lookAt(pages: (after?: bigint) => AsyncGenerator<readonly RecordedEvent[]>): Promise<Found> {
  const chain = await verifyChains(pages(), systemHashes);
  const checked = (await checkGivenSeals(pages, { seals, publicKey: [publicKey] }))!;
  const named = checked.altered.map(({ stream, revision, what }) =>
    stream === undefined ? what : `${stream}${revision === undefined ? '' : `@${revision}`}: ${what}`,
  );
  return {
    proven: chain.faults.length === 0 && checked.faults.length === 0,
    chains: chain.faults.map(({ stream, revision, what }) => `${stream}@${revision}: ${what}`).join('\n'),
    seals: [...checked.faults, ...named].join('\n'),
  };
}

async function inFile(altered: readonly RecordedEvent[]): Promise<Found> {
  rewriteFrames(join(directory, 'log.sqlite'), altered);
  let log: SqliteLog | undefined;
  try {
    log = await open();
    await log.rebuildIndex();
    const opened = log;
    return await lookAt((after) => logPages(opened, after));
  } finally {
    await log?.close();
  }
}

/** As EventStoreDB keeps them: who takes one out there leaves a hole, and cannot move the others. */
async function inStore(altered: readonly RecordedEvent[]): Promise<Found> {
  return lookAt(async function* (after = START) {
    yield altered.filter(({ position }) => position > after);
  });
}

describe('a log that was altered', () => {
  it('is proven as long as it is not', async () => {
    expect(await inFile(events)).toEqual({ proven: true, chains: '', seals: '' });
    expect(await inStore(events)).toEqual({ proven: true, chains: '', seals: '' });
  });

  // Seen failing: with roots that are not compared (wherever the count is right); the names with sums that leave hashes out.
  for (const [where, look] of [
    ['the file', inFile],
    ['the store', inStore],
  ] as const) {
    it.each(TAMPERINGS)(`${where}: %s, chains made again`, async (_, alter, named) => {
      const found = await look(withChainsRedone(alter(events)));
      expect(found).toMatchObject({ proven: false, chains: '' });
      expect(found.seals).toMatch(named);
    });

    it.each(TAMPERINGS)(`${where}: %s, chains left`, async (_, alter, __, broken) => {
      const found = await look(alter(events));
      expect(found.proven).toBe(false);
      if (broken === undefined) expect(found.chains).toBe('');
      else expect(found.chains).toMatch(broken);
      expect(found.seals).not.toBe('');
    });
  }

  it('between the first seal and the second is told to be there', async () => {
    const { seals: told } = await inStore(withChainsRedone(without(is(`${B}@4`))(events)));
    expect(told).toMatch(/between seal 1 \(position 8\) and seal 2 \(position 17\) the log is not what was sealed/);
  });

  it('is not sealed any further', async () => {
    const seal = (all: readonly RecordedEvent[]) =>
      sealLog({
        ...{ file: seals, key: signingKey(privatePem), hashes: systemHashes, clock: systemClock },
        pages: async function* (after) {
          yield all.filter(({ position }) => position > after);
        },
      });
    await expect(seal(events.slice(0, 12))).rejects.toThrow(/does not hold what seal 2 .*run evenstock verify/);
    await expect(seal(withChainsRedone(without(is('stock-C~store-1@5'))(events)))).rejects.toThrow(/does not hold/);
  });
});

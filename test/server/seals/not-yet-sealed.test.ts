// What was altered after the last seal and before the next: found and named by the hash chains, which go on from the ends that
// streams had when they were sealed, and not sealed over.
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createMemoryLog } from '../../../adapters/event-log/memory.ts';
import { systemClock, systemHashes } from '../../../adapters/platform.ts';
import { witnessOf } from '../../../adapters/seals/seal-file.ts';
import { type SealRoom, sealLog } from '../../../adapters/seals/seal-log.ts';
import { generateSigningKey, signingKey } from '../../../adapters/seals/signing.ts';
import { type RecordedEvent, START } from '../../../domain/event-log.ts';
import { actorsOver, submit } from '../../support/actors.ts';
import { withChainsRedone } from '../../support/tampering.ts';

const A = 'stock-A~store-1';
const key = signingKey(generateSigningKey().privatePem);
let file: string;
let events: readonly RecordedEvent[];

/** Streams A and B: two events each are sealed, three each are not; C began after the seal. */
beforeEach(async () => {
  file = join(mkdtempSync(join(tmpdir(), 'evenstock-unsealed-')), 'seals.ndjson');
  const log = createMemoryLog();
  const actors = actorsOver(log);
  const trade = async (skus: readonly string[]) => {
    for (const sku of skus) await submit(actors, { type: 'receipt', sku, quantity: 5 });
  };
  await trade(['A', 'B', 'A', 'B']);
  events = await log.readAll(START, 100);
  await seal(events);
  await trade(['A', 'B', 'C', 'A', 'B', 'C', 'A', 'B']);
  events = await log.readAll(START, 100);
});
afterEach(() => rmSync(join(file, '..'), { recursive: true, force: true }));

/** As a store whose positions may have holes: who takes an event out there cannot move the others. */
const seal = (all: readonly RecordedEvent[], more: Partial<SealRoom> = {}) =>
  sealLog({
    ...{ file, key, hashes: systemHashes, clock: systemClock },
    pages: async function* (after) {
      yield all.filter(({ position }) => position > after);
    },
    read: async (stream, from, limit) =>
      all.filter((one) => one.stream === stream && one.revision >= from).slice(0, limit),
    ...more,
  });
const is = (name: string) => (one: RecordedEvent) => `${one.stream}@${one.revision}` === name;
const without = (name: string) => events.filter((one) => !is(name)(one));
const changed = (name: string, change: (event: RecordedEvent) => RecordedEvent) =>
  events.map((one) => (is(name)(one) ? change(one) : one));
const withQuantity = (event: RecordedEvent) => ({ ...event, data: { ...event.data, quantity: 9 } });

// Seen failing: all with chains that are not followed; three of them with the end before the seal believed instead of read.
it.each<readonly [string, () => readonly RecordedEvent[], RegExp]>([
  [
    'changed',
    () => changed(`${A}@3`, withQuantity),
    /stock-A~store-1@3 \(position 7\): its content is not what was written/,
  ],
  [
    'changed, its metadata',
    () => changed(`${A}@3`, (one) => ({ ...one, metadata: { ...one.metadata, client: 'somebody' } })),
    /stock-A~store-1@3 .*its content is not what was written/,
  ],
  ['removed', () => without(`${A}@3`), /stock-A~store-1@4 .*revision 4 follows 2/],
  [
    'removed, the first since the seal',
    () => without(`${A}@2`),
    /stock-A~store-1@3 .*the event before it is not there/,
  ],
  [
    'removed, the beginning of a stream that began since',
    () => without('stock-C~store-1@0'),
    /stock-C~store-1@1 .*the event before it is not there/,
  ],
  [
    'inserted',
    () => events.flatMap((one) => (is(`${A}@3`)(one) ? [one, { ...one, id: 'another' }] : [one])),
    /stock-A~store-1@3 .*revision 3 follows 3/,
  ],
  [
    'inserted, a stream',
    () => [...events, { ...events[2]!, stream: 'stock-X~store-1', revision: 0, position: 99n }],
    /stock-X~store-1@0 \(position 99\): it does not follow the event before it/,
  ],
  [
    'that no longer follows what was sealed of its stream',
    () => changed(`${A}@2`, (one) => ({ ...one, metadata: { ...one.metadata, previousHash: 'x' } })),
    /stock-A~store-1@2 .*it does not follow the event before it/,
  ],
])('an event %s is found, named and not sealed over', async (_, alter, named) => {
  const before = readFileSync(file, 'utf8');
  await expect(seal(alter())).rejects.toThrow(named);
  await expect(seal(alter())).rejects.toMatchObject({ name: 'NotAsSealed' });
  expect(readFileSync(file, 'utf8')).toBe(before);
  // The same log as it was written is sealed: nothing is left behind.
  expect(await seal(events)).toMatchObject({ newEvents: 8, seal: { number: 2, count: 12 } });
});

it('an event inserted before what was sealed, chains made again, is not sealed over', async () => {
  const inserted = withChainsRedone([events[0]!, { ...events[0]!, stream: 'stock-X~store-1' }, ...events.slice(1)]);
  const moved = inserted.map((one, n) => ({ ...one, position: BigInt(n) }));
  await expect(seal(moved)).rejects.toThrow(/does not hold what seal 1 of .* sealed \(4 events up to position 3\)/);
});

it('names every event that is wrong, the first of them in the message', async () => {
  const wrong = events.map((one, n) => (n > 3 ? withQuantity(one) : one));
  const error: Error = await seal(wrong).catch((thrown) => thrown);
  expect(error).toMatchObject({ faults: { length: 8 } });
  expect(error.message).toMatch(/stock-A~store-1@2 .*\n.*stock-B~store-1@2 .*\n.*and 3 more$/s);
});

it('takes on trust what it cannot read, and finds the rest', async () => {
  await expect(seal(without(`${A}@3`), { read: undefined })).rejects.toThrow(/revision 4 follows 2/);
  expect(await seal(without(`${A}@2`), { read: undefined })).toMatchObject({ newEvents: 7 });
});

it('seals broken chains once somebody says that they are to stay, and goes on behind them', async () => {
  const altered = changed(`${A}@3`, withQuantity);
  expect(await seal(altered, { despiteFaults: true })).toMatchObject({ seal: { number: 2, count: 12 } });
  expect(await seal(altered)).toMatchObject({ newEvents: 0 });
});

it('goes on from what is known of the file as long as it ends so, and looks at all of it when not', async () => {
  const { end } = await seal(events.slice(0, 6));
  // Nobody looks at the first line again …
  const whole = readFileSync(file, 'utf8');
  writeFileSync(file, whole.replace('"count":4', '"count":5'));
  const { end: next } = await seal(events.slice(0, 8), { known: end });
  expect(next).toMatchObject({ bytes: statSync(file).size, seal: { number: 3, count: 8 } });
  // … until there is anything at the end that was not there.
  await expect(seal(events, { known: end })).rejects.toThrow(/line 1: its signature does not fit/);
  writeFileSync(file, `${readFileSync(file, 'utf8')}{"v":1,`);
  await expect(seal(events, { known: next })).rejects.toThrow(/line 1: its signature does not fit/);
  rmSync(file);
  rmSync(witnessOf(file));
  expect(await seal(events, { known: next })).toMatchObject({ seal: { number: 1, count: 12 } });
});

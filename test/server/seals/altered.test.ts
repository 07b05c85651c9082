// What somebody alters while a server seals its log: found at the next seal, named, said loudly, never sealed over; and sealed on once
// it is mended. By somebody who forgets the hash chains since the last seal, and by somebody who makes all of them again before it.
import { readFileSync, renameSync } from 'node:fs';
import { expect, it } from 'vitest';
import { systemHashes } from '../../../adapters/platform.ts';
import { witnessOf } from '../../../adapters/seals/seal-file.ts';
import { sealLog } from '../../../adapters/seals/seal-log.ts';
import { LogCorrupt, type RecordedEvent } from '../../../domain/event-log.ts';
import { HOUR, MINUTE } from '../../../domain/time.ts';
import { sealedServer } from '../../support/sealing-room.ts';
import { withChainsRedone } from '../../support/tampering.ts';

type Altering = (events: readonly RecordedEvent[]) => readonly RecordedEvent[];

/** A and B are sealed with two events each, then have one more each that is not; positions 0 to 5. */
async function betweenTwoSeals() {
  const server = sealedServer();
  await server.trade('A', 'B', 'A', 'B');
  const sealing = server.start();
  await server.until(() => sealing.status().last?.number === 1);
  await server.trade('A', 'B');
  const before = readFileSync(server.file, 'utf8');
  const found = async () => {
    await server.pass(HOUR);
    await server.until(() => sealing.status().trouble !== undefined);
    expect(readFileSync(server.file, 'utf8')).toBe(before);
    return sealing.status().trouble!;
  };
  return { ...server, sealing, found };
}

const at = (position: bigint, change: (event: RecordedEvent) => readonly RecordedEvent[]): Altering => {
  return (events) => events.flatMap((one) => (one.position === position ? change(one) : [one]));
};
const changed = (one: RecordedEvent) => [{ ...one, data: { ...one.data, quantity: 9 } }];
/** As in a file, where nobody can leave a hole: what comes behind moves. */
const moved: Altering = (events) => withChainsRedone(events).map((one, n) => ({ ...one, position: BigInt(n) }));

// Seen failing: the first three with chains that are not followed; the last three with nothing of what was sealed compared again.
it.each<readonly [string, Altering, readonly RegExp[]]>([
  ['changed since the last seal', at(4n, changed), [/^stock-A~store-1@2 \(position 4\): its content is not/]],
  [
    'removed since the last seal',
    (all) => all.filter(({ position }) => position !== 4n).concat(next(all)),
    [/^stock-A~store-1@3 \(position 6\): the event before it is not there/],
  ],
  [
    'inserted since the last seal',
    at(4n, (one) => [one, { ...one, id: 'another' }]),
    [/^stock-A~store-1@2 .*: revision 2 follows 2/],
  ],
  [
    'changed before it, chains made again',
    (all) => moved(at(2n, changed)(all)),
    [/between the first event and seal 1 /, /^stock-A~store-1@1: changed/],
  ],
  [
    'removed before it, chains made again',
    (all) => moved(at(0n, () => [])(all)),
    [/between the first event and seal 1 /, /^stock-A~store-1@0: 1 event removed, there or later/],
  ],
  [
    'inserted before it, chains made again',
    (all) => moved(at(0n, (one) => [one, { ...one, id: 'another' }])(all)),
    [/between the first event and seal 1 /, /^stock-A~store-1@1: 1 event inserted, there or later/],
  ],
])('an event %s', async (_, alter, named) => {
  const server = await betweenTwoSeals();
  server.alter(alter);
  const { kind, what } = await server.found();
  expect(kind).toBe('altered');
  expect(what).toEqual(named.map((one) => expect.stringMatching(one)));
});

it('is told at each try and sealed on once it is mended', async () => {
  const server = await betweenTwoSeals();
  server.alter(at(4n, changed));
  const { since } = await server.found();
  await server.pass(MINUTE);
  await server.until(() => server.told.filter(([level]) => level === 'error').length >= 2);
  expect(server.told.at(-1)).toEqual(['error', { what: [expect.stringMatching(/^stock-A~store-1@2/)] }]);
  expect(server.sealing.status()).toMatchObject({ trouble: { kind: 'altered', since }, last: { number: 1 } });
  server.alter((events) => events);
  await server.pass(15 * MINUTE);
  await server.until(() => server.sealing.status().last?.number === 2);
  expect(server.sealing.status()).toMatchObject({ trouble: undefined, isOverdue: false });
  expect(await server.check()).toMatchObject({ seals: 2, sealed: 6, faults: [] });
});

it('is sealed on when somebody has looked, and begins the seals anew with what is there', async () => {
  const server = await betweenTwoSeals();
  server.alter(at(2n, changed));
  expect((await server.found()).what).toContainEqual(expect.stringMatching(/^stock-A~store-1@1: changed/));
  for (const one of [server.file, witnessOf(server.file)]) renameSync(one, `${one}.old`);
  const events = await server.events();
  const pages = async function* (after: bigint) {
    yield events.filter(({ position }) => position > after);
  };
  const { file, key, time } = server;
  await sealLog({ file, key, clock: time.clock, hashes: systemHashes, pages, despiteFaults: true });
  await server.trade('C');
  await server.pass(15 * MINUTE);
  await server.until(() => server.sealing.status().last?.number === 2);
  expect(server.sealing.status().trouble).toBeUndefined();
  expect(await server.check()).toMatchObject({ seals: 2, sealed: 7, faults: [] });
});

it('is damage, too: a log that cannot be read for what was written', async () => {
  const server = await betweenTwoSeals();
  server.alter(() => {
    throw new LogCorrupt('the frame at 4 is damaged');
  });
  expect(await server.found()).toMatchObject({ kind: 'altered', what: ['the frame at 4 is damaged'] });
});

/** One more of A behind all, so that its stream goes on after what was taken out. */
function next(events: readonly RecordedEvent[]): RecordedEvent[] {
  const longer = withChainsRedone([...events, { ...events[4]!, position: 6n }]);
  return [longer.at(-1)!];
}

// Seen failing: with a stretch that is gone on from where it ended, and not from the last seal that the log fits, it is sealed over.
it('in a log that is compared stretch by stretch it is found when its turn comes, and stays found', async () => {
  const server = sealedServer();
  await server.trade(...'ABCDEFGHIJKL');
  const sealing = server.start({ pieceEvents: 4 });
  await server.until(() => sealing.status().last?.count === 12);
  server.alter((all) => moved(at(7n, changed)(all)));
  const numbers: number[] = [];
  for (let hour = 0; hour < 6 && sealing.status().trouble === undefined; hour++) {
    await server.trade('M');
    numbers.push(sealing.status().last!.number);
    await server.pass(HOUR);
    await server.until(() => sealing.status().dueMs === 0 || sealing.status().trouble !== undefined);
  }
  // Two stretches go by without it: the event lies in the second, its seal ends in the third.
  expect(numbers).toEqual([3, 4, 5]);
  const { kind, what } = sealing.status().trouble!;
  expect(kind).toBe('altered');
  expect(what).toEqual([
    expect.stringMatching(/between seal 1 \(position 4\) and seal 2 \(position 8\)/),
    expect.stringMatching(/^stock-H~store-1@0: changed/),
  ]);
  await server.pass(15 * MINUTE);
  await server.pass(15 * MINUTE);
  expect(sealing.status()).toMatchObject({ last: { number: 5 }, trouble: { kind: 'altered' } });
});

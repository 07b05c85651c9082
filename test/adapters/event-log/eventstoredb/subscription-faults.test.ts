// Fault row 10: a subscription dropped, ended, silent, repeating or slow to be read; and `$all`, which on a real server is full of
// system events that must neither show nor stop anything.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEventStoreDbLog } from '../../../../adapters/event-log/eventstoredb/log.ts';
import { type EventLog, NO_STREAM, type RecordedEvent, START, Unavailable } from '../../../../domain/event-log.ts';
import { anEvent, freshStream } from '../../../contracts/event-log.ts';
import { type ScriptedEventStoreDb, startEventStoreDb } from '../../../support/eventstoredb/server.ts';

let server: ScriptedEventStoreDb;
let log: EventLog;
beforeEach(async () => {
  server = await startEventStoreDb();
  log = await createEventStoreDbLog({ connectionString: server.connectionString, deadlineMs: 1_000 });
});
afterEach(async () => {
  await log.close();
  await server.stop();
});

interface Follower {
  readonly abort: AbortController;
  readonly seen: readonly RecordedEvent[];
  /** Undefined when it was aborted, else what it threw. */
  readonly ended: Promise<unknown>;
}

/** Follows the log as a projection does; `seen` fills while it runs. */
function follow(after = START): Follower {
  const abort = new AbortController();
  const seen: RecordedEvent[] = [];
  const ended: Promise<unknown> = (async () => {
    for await (const batch of log.subscribe(after, abort.signal)) seen.push(...batch);
  })().then(
    () => undefined,
    (error: unknown) => error,
  );
  return { abort, seen, ended };
}
async function until(condition: () => boolean): Promise<void> {
  for (let n = 0; n < 400 && !condition(); n++) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(condition()).toBe(true);
}
const revisions = (events: readonly RecordedEvent[]) => events.map(({ revision }) => revision);

const ends: readonly (readonly [fault: string, inject: () => void])[] = [
  ['dropped', () => server.faults.dropSubscriptions()],
  ['ended as if all were well', () => server.faults.endSubscriptions()],
  ['cut', () => server.faults.resetConnections()],
  ['with the server', () => void server.stop()],
];

describe('a subscription that ends', () => {
  it.each(ends)(
    '%s: throws Unavailable, and from its checkpoint nothing is missing or twice',
    async (fault, inject) => {
      // given a follower that has seen two events
      const stream = freshStream();
      await log.append(stream, NO_STREAM, [anEvent(), anEvent()]);
      const first: Follower = follow();
      await until(() => first.seen.length === 2);
      // when its subscription ends
      inject();
      // then it is told
      expect(await first.ended).toBeInstanceOf(Unavailable);
      if (fault === 'with the server') await server.restart();
      // and resumed from its checkpoint it goes on
      server.store.append(stream, 1, [
        { ...anEvent(), contentType: 'application/json', data: Buffer.from('{}'), metadata: new Uint8Array() },
      ]);
      let second: Follower = follow(first.seen.at(-1)?.position);
      for (let n = 0; n < 50 && second.seen.length === 0; n++) {
        const over = await Promise.race([second.ended, new Promise((resolve) => setTimeout(resolve, 100))]);
        if (over instanceof Unavailable) second = follow(first.seen.at(-1)?.position);
      }
      expect(revisions([...first.seen, ...second.seen])).toEqual([0, 1, 2]);
      second.abort.abort();
      expect(await second.ended).toBeUndefined();
    },
  );

  it('stalled: says nothing, delivers nothing, and a new one next to it does', async () => {
    const stalled = follow();
    await until(() => server.subscriptions() === 1);
    server.faults.stallSubscriptions();
    await log.append(freshStream(), NO_STREAM, [anEvent()]);
    const fresh = follow();
    await until(() => fresh.seen.length === 1);
    expect(stalled.seen).toEqual([]);
    for (const one of [stalled, fresh]) one.abort.abort();
    expect(await stalled.ended).toBeUndefined();
    await until(() => server.subscriptions() === 0);
  });

  it('the log closed: told so, and the server has no subscription left', async () => {
    const one = follow();
    await until(() => server.subscriptions() === 1);
    await log.close();
    expect(await one.ended).toMatchObject({ name: 'Unavailable', reason: 'closed' });
    await until(() => server.subscriptions() === 0);
  });
});

// Seen failing without `position <= newest` in subscription.ts.
it('events delivered again are passed on once', async () => {
  const stream = freshStream();
  const one = follow();
  await log.append(stream, NO_STREAM, [anEvent(), anEvent(), anEvent()]);
  await until(() => one.seen.length === 3);
  server.faults.deliverAgain(2);
  await log.append(stream, 2, [anEvent()]);
  await until(() => one.seen.length >= 4);
  expect(revisions(one.seen)).toEqual([0, 1, 2, 3]);
  one.abort.abort();
});

it('a consumer that does not ask leaves the events on the server', async () => {
  // given 6,000 events of 2 KB and a consumer that takes one batch and waits
  const stream = freshStream();
  const data = Buffer.from(JSON.stringify({ text: 'x'.repeat(2_000) }));
  const wire = () => ({ ...anEvent(), contentType: 'application/json', data, metadata: new Uint8Array() });
  server.store.append(stream, -1, Array.from({ length: 6_000 }, wire));
  const abort = new AbortController();
  const events = log.subscribe(START, abort.signal)[Symbol.asyncIterator]();
  const first = await events.next();
  for (let before = -1; before < server.delivered(); ) {
    before = server.delivered();
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  // then the server has been left with most of them (seen failing with a highWaterMark of a million)
  expect(server.delivered()).toBeLessThan(3_000);
  // and they come when they are asked for, whole and in order
  const seen = [...(first.value ?? [])];
  while (seen.length < 6_000) seen.push(...((await events.next()).value ?? []));
  expect(revisions(seen)).toEqual(Array.from({ length: 6_000 }, (_, n) => n));
  abort.abort();
  expect((await events.next()).done).toBe(true);
});

describe('system events in $all', () => {
  it('do not show in reads, in subscriptions or as the head', async () => {
    const stream = freshStream();
    expect(await log.head()).toBe(START);
    expect(await log.readAll(START, 10)).toEqual([]);
    const appended = await log.append(stream, NO_STREAM, [anEvent()]);
    server.store.appendSystem(50);
    expect(await log.head()).toBe(appended.position);
    expect(await log.readAll(appended.position, 10)).toEqual([]);
    const one = follow();
    const later = await log.append(stream, 0, [anEvent()]);
    await until(() => one.seen.length === 2);
    expect(one.seen.map((event) => event.stream)).toEqual([stream, stream]);
    expect(await log.head()).toBe(later.position);
    one.abort.abort();
  });

  // Seen failing when read.ts destroyed the read on the way out: its call stayed in the client's list, and close waited for it.
  it('reads that have found what they looked for leave no call open', async () => {
    await log.append(freshStream(), NO_STREAM, [anEvent(), anEvent(), anEvent()]);
    for (let n = 0; n < 20; n++) {
      await log.readAll(START, 1);
      await log.head();
    }
    const started = performance.now();
    await log.close();
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  // Seen failing when readAll took a page without an event of ours for the head.
  it('in a run longer than a page do not end a read', async () => {
    const stream = freshStream();
    const before = await log.append(stream, NO_STREAM, [anEvent()]);
    server.store.appendSystem(1_700);
    await log.append(stream, 0, [anEvent()]);
    expect(revisions(await log.readAll(before.position, 2))).toEqual([1]);
    expect(revisions(await log.readAll(START, 2))).toEqual([0]);
    expect(revisions(await log.readAll(START, 2_000))).toEqual([0, 1]);
  });

  // Seen failing when headOf did not remember how far it had looked.
  it('at the end are read once: asking for the head again costs only what is new', async () => {
    const appended = await log.append(freshStream(), NO_STREAM, [anEvent()]);
    server.store.appendSystem(5_000);
    expect(await log.head()).toBe(appended.position);
    const before = server.delivered();
    expect(await log.head()).toBe(appended.position);
    expect(server.delivered() - before).toBeLessThan(1_000);
    const next = await log.append(freshStream(), NO_STREAM, [anEvent()]);
    expect(await log.head()).toBe(next.position);
  });

  it('of other applications with a body that is not JSON are delivered empty, so that checkpoints pass them', async () => {
    server.store.append('their-stream', -1, [
      {
        ...anEvent('Blob'),
        contentType: 'application/octet-stream',
        data: Buffer.from([0, 1]),
        metadata: Buffer.from('x'),
      },
    ]);
    expect(await log.readAll(START, 10)).toMatchObject([{ stream: 'their-stream', data: {}, metadata: {} }]);
    expect(await log.head()).toBe(server.store.all.at(-1)?.position);
  });
});

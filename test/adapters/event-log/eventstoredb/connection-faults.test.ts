// Fault row 9, the connection: the server away and back, a black hole, a change of leader, several hosts. What is asked of each
// is the port's error within the deadline and an answer again in well under 10 s after the server is back.
import { afterEach, describe, expect, it } from 'vitest';
import { ofGeneration } from '../../../../adapters/event-log/eventstoredb/connection.ts';
import { createEventStoreDbLog } from '../../../../adapters/event-log/eventstoredb/log.ts';
import { type EventLog, NO_STREAM, START, Unavailable, UnknownOutcome } from '../../../../domain/event-log.ts';
import { anEvent, freshStream } from '../../../contracts/event-log.ts';
import { type ScriptedEventStoreDb, startEventStoreDb } from '../../../support/eventstoredb/server.ts';

const DEADLINE_MS = 400;
const RECOVERY_MS_MAX = 5_000;
let server: ScriptedEventStoreDb;
let log: EventLog;
const unhandled: unknown[] = [];
const note = (reason: unknown) => unhandled.push(reason);

async function start(nodes = 1): Promise<void> {
  unhandled.length = 0;
  process.on('unhandledRejection', note);
  server = await startEventStoreDb({ nodes });
  log = await createEventStoreDbLog({ connectionString: server.connectionString, deadlineMs: DEADLINE_MS });
}
afterEach(async () => {
  await log.close();
  await server.stop();
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});

const failureOf = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  );
async function untilAnswered<T>(call: () => Promise<T>): Promise<{ readonly value: T; readonly tookMs: number }> {
  const started = performance.now();
  for (;;) {
    try {
      return { value: await call(), tookMs: performance.now() - started };
    } catch (error) {
      if (performance.now() - started > RECOVERY_MS_MAX * 2) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

describe('a server that is away', () => {
  it('refuses connections: every call is Unavailable, nothing was written; back, it answers again', async () => {
    await start();
    const stream = freshStream();
    await log.append(stream, NO_STREAM, [anEvent()]);
    await server.stop();
    // the first append may have met the connection while it broke
    await failureOf(log.append(stream, 0, [anEvent()]));
    const event = anEvent();
    expect(await failureOf(log.append(stream, 0, [event]))).toBeInstanceOf(Unavailable);
    expect(await failureOf(log.read(stream, 0, 10))).toMatchObject({ name: 'Unavailable', reason: 'down' });
    expect(await failureOf(log.readAll(START, 10))).toBeInstanceOf(Unavailable);
    expect(await failureOf(log.head())).toBeInstanceOf(Unavailable);
    expect(server.store.stream(stream)).toHaveLength(1);

    await server.restart();
    const { tookMs } = await untilAnswered(() => log.append(stream, 0, [event]));
    expect(tookMs).toBeLessThan(RECOVERY_MS_MAX);
    expect(server.store.stream(stream)).toHaveLength(2);
  });

  it('never was there: Unavailable, and it is used once it comes', async () => {
    await start();
    await server.stop();
    expect(await failureOf(log.append(freshStream(), NO_STREAM, [anEvent()]))).toBeInstanceOf(Unavailable);
    await server.restart();
    await untilAnswered(() => log.append(freshStream(), NO_STREAM, [anEvent()]));
  });

  // Seen failing (no answer for 8 s and more) without `suspect`.
  it('a black hole: unknown within the deadline, and the next call gets through on a connection of its own', async () => {
    await start();
    const stream = freshStream();
    await log.append(stream, NO_STREAM, [anEvent()]);
    server.faults.blackHole();
    const event = anEvent();
    const started = performance.now();
    expect(await failureOf(log.append(stream, 0, [event]))).toBeInstanceOf(UnknownOutcome);
    expect(performance.now() - started).toBeLessThan(DEADLINE_MS + 1_000);
    const { tookMs } = await untilAnswered(() => log.append(stream, 0, [event]));
    expect(tookMs).toBeLessThan(RECOVERY_MS_MAX);
    expect(server.store.stream(stream)?.map(({ id }) => id)).toContain(event.id);
    expect(server.store.stream(stream)).toHaveLength(2);
  });

  // Seen failing without the keepalive of its own (ofGeneration): grpc-js then gives the fresh client the dead connection, as
  // long as anybody else in the process still holds it.
  it('a black hole while another log of this process holds the dead connection: gets one of its own', async () => {
    await start();
    const other = await createEventStoreDbLog({ connectionString: server.connectionString });
    await other.head();
    await log.head();
    server.faults.blackHole();
    expect(await failureOf(log.append(freshStream(), NO_STREAM, [anEvent()]))).toBeInstanceOf(UnknownOutcome);
    const { tookMs } = await untilAnswered(() => log.append(freshStream(), NO_STREAM, [anEvent()]));
    expect(tookMs).toBeLessThan(DEADLINE_MS);
    await other.close();
  });

  it('a black hole under reads: Unavailable within the deadline, then they answer', async () => {
    await start();
    const stream = freshStream();
    await log.append(stream, NO_STREAM, [anEvent()]);
    server.faults.blackHole();
    const started = performance.now();
    const failures = await Promise.all([log.read(stream, 0, 5), log.readAll(START, 5), log.head()].map(failureOf));
    expect(performance.now() - started).toBeLessThan(DEADLINE_MS + 1_000);
    for (const failure of failures) expect(failure).toBeInstanceOf(Unavailable);
    expect((await untilAnswered(() => log.read(stream, 0, 5))).value).toHaveLength(1);
  });

  it('a black hole for new connections too: unknown or Unavailable in time, never a hang', async () => {
    await start();
    server.faults.blackHole(true);
    for (let n = 0; n < 3; n++) {
      const started = performance.now();
      const failure = await failureOf(log.append(freshStream(), NO_STREAM, [anEvent()]));
      expect(failure instanceof Unavailable || failure instanceof UnknownOutcome).toBe(true);
      expect(performance.now() - started).toBeLessThan(DEADLINE_MS + 1_000);
    }
    server.faults.heal();
    const { tookMs } = await untilAnswered(() => log.append(freshStream(), NO_STREAM, [anEvent()]));
    expect(tookMs).toBeLessThan(RECOVERY_MS_MAX);
  });
});

describe('a cluster', () => {
  it('follows the leader: appends and reads go on, with one copy of each event', async () => {
    await start(3);
    const stream = freshStream();
    await log.append(stream, NO_STREAM, [anEvent()]);
    for (const leader of [1, 2, 0]) {
      server.faults.moveLeader(leader);
      const revision = (await log.read(stream, 0, 100)).length - 1;
      expect(await log.append(stream, revision, [anEvent()])).toMatchObject({ revision: revision + 1 });
    }
    expect((await log.read(stream, 0, 100)).map(({ revision }) => revision)).toEqual([0, 1, 2, 3]);
  });

  // Seen failing without the repeat in append.ts: the client follows the leader, and leaves the append refused.
  it('an append that meets the change of leader first is made by the new one', async () => {
    await start(2);
    const stream = freshStream();
    await log.append(stream, NO_STREAM, [anEvent()]);
    server.faults.moveLeader(1);
    expect(await log.append(stream, 0, [anEvent()])).toMatchObject({ revision: 1 });
    server.faults.moveLeader(0);
    expect(await log.head()).toBe(server.store.all.at(-1)?.position);
  });

  // Seen failing (an unhandled rejection, which ends a process) without the `handleError` of connection.ts.
  it('a stream that fails while no leader can be found is no unhandled rejection', async () => {
    await start(2);
    await log.head();
    const abort = new AbortController();
    const dropped = failureOf(
      (async () => {
        for await (const _ of log.subscribe(START, abort.signal));
      })(),
    );
    while (server.subscriptions() === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    // given a connection given up, and discovery that is going on and will fail
    server.faults.nextAppend('not-ready');
    expect(await failureOf(log.append(freshStream(), NO_STREAM, [anEvent()]))).toBeInstanceOf(Unavailable);
    server.faults.refuseConnections();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const head = failureOf(log.head());
    await new Promise((resolve) => setTimeout(resolve, 50));
    // when a stream of the old connection fails
    server.faults.dropSubscriptions();
    expect(await dropped).toBeInstanceOf(Unavailable);
    expect(await head).toBeInstanceOf(Unavailable);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(unhandled).toEqual([]);
    server.faults.heal();
    await untilAnswered(() => log.head());
  });

  it('all nodes away and back: errors meanwhile, no unhandled rejection, then answers', async () => {
    await start(2);
    const stream = freshStream();
    await log.append(stream, NO_STREAM, [anEvent()]);
    const abort = new AbortController();
    const dropped = failureOf(
      (async () => {
        for await (const _ of log.subscribe(START, abort.signal));
      })(),
    );
    await untilAnswered(() => log.head());
    await server.stop();
    for (let n = 0; n < 2; n++) {
      const failures = await Promise.all([
        failureOf(log.append(stream, 0, [anEvent()])),
        failureOf(log.read(stream, 0, 10)),
        failureOf(log.head()),
      ]);
      for (const failure of failures) expect(failure).toMatchObject({ name: expect.stringMatching(/^Un/) });
    }
    expect(await dropped).toBeInstanceOf(Unavailable);
    await server.restart();
    const { tookMs } = await untilAnswered(() => log.append(freshStream(), NO_STREAM, [anEvent()]));
    expect(tookMs).toBeLessThan(RECOVERY_MS_MAX);
  });
});

describe('the connection string of a replacement', () => {
  it('differs in its keepalive, keeps what was given, and always lets a wrong version be thrown', async () => {
    await start();
    expect(ofGeneration('esdb://a:1?tls=false', 0)).toBe(
      'esdb://a:1?tls=false&keepAliveInterval=10000&throwOnAppendFailure=true',
    );
    expect(ofGeneration('esdb://u:p@a:1,b:2', 3)).toBe(
      'esdb://u:p@a:1,b:2?keepAliveInterval=10003&throwOnAppendFailure=true',
    );
    expect(ofGeneration('esdb://a:1?keepAliveInterval=20000&tls=false', 2)).toBe(
      'esdb://a:1?keepAliveInterval=20002&tls=false&throwOnAppendFailure=true',
    );
    expect(ofGeneration('esdb://a:1?keepAliveInterval=-1', 2)).toContain('keepAliveInterval=-1&');
  });
});

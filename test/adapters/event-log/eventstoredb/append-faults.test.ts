// Fault row 9: what an append answers when the server is down, slow, cut off, silent, full or mistaken, how the next call
// recovers, and that repeating with the same ids leaves exactly one copy of each event.
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { APPEND_BYTES_MAX } from '../../../../adapters/event-log/eventstoredb/append.ts';
import { createEventStoreDbLog } from '../../../../adapters/event-log/eventstoredb/log.ts';
import {
  Conflict,
  type EventLog,
  type NewEvent,
  NO_STREAM,
  Unavailable,
  UnknownOutcome,
} from '../../../../domain/event-log.ts';
import { anEvent, freshStream } from '../../../contracts/event-log.ts';
import type { AppendFault } from '../../../support/eventstoredb/faults.ts';
import { type ScriptedEventStoreDb, startEventStoreDb } from '../../../support/eventstoredb/server.ts';

const DEADLINE_MS = 300;
/** The call's own deadline, the grace for discovery, and a busy machine. */
const ANSWER_MS_MAX = DEADLINE_MS + 1_000;

let server: ScriptedEventStoreDb;
let log: EventLog;
beforeEach(async () => {
  server = await startEventStoreDb();
  log = await createEventStoreDbLog({ connectionString: server.connectionString, deadlineMs: DEADLINE_MS });
});
afterEach(async () => {
  await log.close();
  await server.stop();
});

const idsIn = (stream: string) => (server.store.stream(stream) ?? []).map(({ id }) => id);
const failureOf = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  );

/** Repeats as the actor does: the same ids and expected revision, until the outcome is known. */
async function untilKnown(stream: string, expectedRevision: number, events: readonly NewEvent[]) {
  for (let attempt = 1; attempt <= 20; attempt++) {
    try {
      return await log.append(stream, expectedRevision, events);
    } catch (error) {
      if (!(error instanceof UnknownOutcome || error instanceof Unavailable)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error('still unknown after 20 attempts');
}

// Seen failing: `server-timeout` and both resets when errors.ts counted UnavailableError and TimeoutError as "nothing was
// written"; `no-position` when append.ts answered without looking the event up.
const matrix: readonly [AppendFault, typeof Unavailable | typeof UnknownOutcome | undefined, boolean][] = [
  ['busy', Unavailable, false],
  ['not-ready', Unavailable, false],
  ['no-leader-known', Unavailable, false],
  ['reset-before-commit', UnknownOutcome, false],
  ['reset-after-commit', UnknownOutcome, true],
  ['silent-before-commit', UnknownOutcome, false],
  ['silent-after-commit', UnknownOutcome, true],
  ['server-timeout', UnknownOutcome, true],
  ['no-position', undefined, true],
];

describe('an append that meets a fault', () => {
  it.each(matrix)('%s', async (fault, expected, written) => {
    // given a stream with one event, and the fault waiting for the next append
    const stream = freshStream();
    const first = await log.append(stream, NO_STREAM, [anEvent()]);
    server.faults.nextAppend(fault);
    const events = [anEvent(), anEvent()];
    // when the append meets it
    const started = performance.now();
    const answer = log.append(stream, first.revision, events);
    const failure = await failureOf(answer);
    // then it fails in time and as what it is
    expect(performance.now() - started).toBeLessThan(ANSWER_MS_MAX);
    if (expected === undefined) expect(failure).toBeUndefined();
    else expect(failure).toBeInstanceOf(expected);
    expect(idsIn(stream)).toHaveLength(written ? 3 : 1);
    // and repeated with the same ids it answers as the first did, and leaves one copy
    const appended = await untilKnown(stream, first.revision, events);
    expect(idsIn(stream).slice(1)).toEqual(events.map(({ id }) => id));
    expect(appended).toEqual({ revision: 2, position: server.store.stream(stream)?.[2]?.position });
    if (expected === undefined) expect(await answer).toEqual(appended);
    expect((await log.read(stream, 2, 1))[0]?.position).toBe(appended.position);
  });

  it('says overloaded when the server is too busy', async () => {
    server.faults.nextAppend('busy');
    expect(await failureOf(log.append(freshStream(), NO_STREAM, [anEvent()]))).toMatchObject({ reason: 'overloaded' });
  });

  it('a slow server: past the deadline the outcome is unknown, and one copy is kept', async () => {
    const stream = freshStream();
    const events = [anEvent()];
    server.faults.slowAppends(DEADLINE_MS * 2);
    expect(await failureOf(log.append(stream, NO_STREAM, events))).toBeInstanceOf(UnknownOutcome);
    server.faults.heal();
    await untilKnown(stream, NO_STREAM, events);
    await new Promise((resolve) => setTimeout(resolve, DEADLINE_MS * 2));
    expect(idsIn(stream)).toEqual([events[0]!.id]);
  });
});

describe('a wrong expected version', () => {
  it('of another writer is a Conflict that names where the stream is', async () => {
    const stream = freshStream();
    await log.append(stream, NO_STREAM, [anEvent(), anEvent()]);
    await expect(log.append(stream, NO_STREAM, [anEvent()])).rejects.toThrow(/expected revision -1: at 1/);
  });

  // Seen failing without the look at what follows the expected revision (firstAppend in append.ts).
  it('answered to our own repeat is answered as the first append was', async () => {
    const stream = freshStream();
    const events = [anEvent(), anEvent()];
    const first = await log.append(stream, NO_STREAM, events);
    server.faults.nextAppend('wrong-version');
    expect(await log.append(stream, NO_STREAM, events)).toEqual(first);
  });

  it('answered though nobody wrote is a Conflict, and the caller that reads again gets through', async () => {
    const stream = freshStream();
    const events = [anEvent()];
    server.faults.nextAppend('wrong-version');
    await expect(log.append(stream, NO_STREAM, events)).rejects.toBeInstanceOf(Conflict);
    expect(await log.read(stream, 0, 10)).toEqual([]);
    await log.append(stream, NO_STREAM, events);
    expect(idsIn(stream)).toEqual([events[0]!.id]);
  });

  it('is a Conflict when only some of the events are there', async () => {
    const stream = freshStream();
    const mine = anEvent();
    await log.append(stream, NO_STREAM, [mine]);
    await expect(log.append(stream, NO_STREAM, [mine, anEvent()])).rejects.toBeInstanceOf(Conflict);
  });
});

describe('what cannot be appended', () => {
  it('over 1 MiB: refused before it is sent, naming the limit', async () => {
    const big = anEvent('UnitsSold', { text: 'x'.repeat(APPEND_BYTES_MAX) });
    await expect(log.append(freshStream(), NO_STREAM, [big])).rejects.toThrow(
      /of \d+ bytes is over EventStoreDB's limit of 1048576/,
    );
  });

  it('just under 1 MiB: appended whole', async () => {
    const patient = await createEventStoreDbLog({ connectionString: server.connectionString });
    const stream = freshStream();
    const events = Array.from({ length: 100 }, () => anEvent('UnitsSold', { text: '在'.repeat(3_400) }));
    expect(await patient.append(stream, NO_STREAM, events)).toMatchObject({ revision: 99 });
    expect(await patient.read(stream, 0, 1_000)).toHaveLength(100);
    await patient.close();
  });

  it('no events, or more than 1,000: refused', async () => {
    await expect(log.append(freshStream(), NO_STREAM, [])).rejects.toBeInstanceOf(RangeError);
    const many = Array.from({ length: 1_001 }, () => anEvent());
    await expect(log.append(freshStream(), NO_STREAM, many)).rejects.toBeInstanceOf(RangeError);
  });

  it('a connection string that cannot be used is refused at the start, saying so', async () => {
    await expect(createEventStoreDbLog({ connectionString: 'postgres://db' })).rejects.toThrow(/connection string/);
  });
});

describe('more appends than the server takes at once', () => {
  it('all are made, and a read beside them is answered', async () => {
    const patient = await createEventStoreDbLog({ connectionString: server.connectionString });
    const streams = Array.from({ length: 400 }, freshStream);
    const appends = Promise.all(streams.map((stream) => patient.append(stream, NO_STREAM, [anEvent()])));
    expect(await patient.read(freshStream(), 0, 1)).toEqual([]);
    await appends;
    expect(streams.map((stream) => idsIn(stream).length)).toEqual(streams.map(() => 1));
    await patient.close();
  });

  // Seen failing without gate.ts: more than 64 were unknown, though most had not been sent.
  it('and slower than the deadline: what had no turn is Unavailable, nothing of it written', async () => {
    server.faults.nextAppend('silent-before-commit', 64);
    const streams = Array.from({ length: 200 }, freshStream);
    const failures = await Promise.all(streams.map((stream) => failureOf(log.append(stream, NO_STREAM, [anEvent()]))));
    const unknown = failures.filter((failure) => failure instanceof UnknownOutcome);
    expect(unknown.length).toBeLessThanOrEqual(64);
    for (const [n, failure] of failures.entries()) {
      if (failure instanceof Unavailable) expect(idsIn(streams[n]!)).toEqual([]);
    }
    // and the gate is open again
    await untilKnown(freshStream(), NO_STREAM, [anEvent()]);
  });
});

describe('many writers while connections are cut', () => {
  it('leaves one copy of each event, in order, whatever was unknown', async () => {
    // given eight writers with a stream each, repeating what is unknown
    const streams = Array.from({ length: 8 }, freshStream);
    const cut = setInterval(() => server.faults.resetConnections(), 40);
    const written = await Promise.all(
      streams.map(async (stream) => {
        const ids: string[] = [];
        for (let revision = NO_STREAM; revision < 39; revision += 2) {
          const events = [anEvent(), anEvent()];
          await untilKnown(stream, revision, events);
          ids.push(...events.map(({ id }) => id));
        }
        return ids;
      }),
    );
    clearInterval(cut);
    // then each stream holds exactly what its writer was told
    expect(streams.map(idsIn)).toEqual(written);
    expect(new Set(written.flat()).size).toBe(8 * 40);
  });

  it('goes on when the server ends the batch streams, which wedges a client that has one', async () => {
    // Seen failing on the client's batch stream: every later append stayed pending.
    const stream = freshStream();
    await log.append(stream, NO_STREAM, [anEvent()]);
    server.faults.endBatchStreams();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await log.append(stream, 0, [anEvent()])).toMatchObject({ revision: 1 });
  });

  it('lets two logs in one process fail apart: a cut of one does not fail the appends of the other', async () => {
    // Seen failing on the client's batch stream, whose pending appends are one table for the whole process.
    const other = await startEventStoreDb();
    const otherLog = await createEventStoreDbLog({ connectionString: other.connectionString, deadlineMs: 2_000 });
    await log.append(freshStream(), NO_STREAM, [anEvent()]);
    other.faults.slowAppends(200);
    const slow = otherLog.append(`other-${randomUUID()}`, NO_STREAM, [anEvent()]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    server.faults.nextAppend('reset-before-commit');
    expect(await failureOf(log.append(freshStream(), NO_STREAM, [anEvent()]))).toBeInstanceOf(UnknownOutcome);
    expect(await slow).toMatchObject({ revision: 0 });
    await otherLog.close();
    await other.stop();
  });
});

// The contract of the event log port. Every implementation takes it whole; one test a capability.
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  Conflict,
  type EventLog,
  type NewEvent,
  NO_STREAM,
  type RecordedEvent,
  START,
  Unavailable,
} from '../../domain/event-log.ts';

export interface EventLogUnderTest {
  readonly log: EventLog;
  /** A second connection to the same store, where the store allows one. */
  readonly reopen?: () => Promise<EventLog>;
  readonly dispose: () => Promise<void>;
}

let counter = 0;
/** A stream name no other test of this or an earlier run has used: a real server keeps its streams. */
export function freshStream(): string {
  return `stock-contract-${randomUUID()}~store-1`;
}

export function anEvent(type = 'UnitsSold', data: NewEvent['data'] = {}): NewEvent {
  counter += 1;
  return { id: randomUUID(), type, data: { v: 1, n: counter, ...data }, metadata: { correlationId: `c-${counter}` } };
}

async function take(
  log: EventLog,
  after: bigint,
  wanted: (event: RecordedEvent) => boolean,
  count: number,
): Promise<RecordedEvent[]> {
  const abort = new AbortController();
  const found: RecordedEvent[] = [];
  for await (const batch of log.subscribe(after, abort.signal)) {
    found.push(...batch.filter(wanted));
    if (found.length >= count) abort.abort();
  }
  return found;
}

export function eventLogContract(name: string, start: () => Promise<EventLogUnderTest>): void {
  describe(`event log contract: ${name}`, () => {
    let under: EventLogUnderTest;
    let log: EventLog;
    beforeEach(async () => {
      under = await start();
      log = under.log;
    });
    afterEach(async () => {
      await under.dispose();
    });

    appending(() => log);
    reading(() => log);
    subscribing(() => log);

    it('refuses everything once closed', async () => {
      await log.close();
      await expect(log.append(freshStream(), NO_STREAM, [anEvent()])).rejects.toBeInstanceOf(Unavailable);
      await expect(log.read(freshStream(), 0, 1)).rejects.toBeInstanceOf(Unavailable);
    });

    it('shows another connection what was appended', async (context) => {
      if (under.reopen === undefined) return context.skip('this log has one connection');
      const stream = freshStream();
      const appended = await log.append(stream, NO_STREAM, [anEvent(), anEvent()]);
      const other = await under.reopen();
      expect((await other.read(stream, 0, 10)).map((event) => event.revision)).toEqual([0, 1]);
      expect(await other.head()).toBeGreaterThanOrEqual(appended.position);
      await other.close();
    });
  });
}

function appending(log: () => EventLog): void {
  it('appends to a new stream and answers revision and position of the last event', async () => {
    const stream = freshStream();
    const events = [anEvent(), anEvent(), anEvent()];
    const appended = await log().append(stream, NO_STREAM, events);
    const read = await log().read(stream, 0, 10);
    expect(appended.revision).toBe(2);
    expect(appended.position).toBe(read[2]!.position);
    expect(read.map(({ id, type, data, metadata }) => ({ id, type, data, metadata }))).toEqual(events);
    expect(read.map((event) => [event.stream, event.revision])).toEqual([0, 1, 2].map((n) => [stream, n]));
  });

  it('appends after the expected revision', async () => {
    const stream = freshStream();
    const first = await log().append(stream, NO_STREAM, [anEvent()]);
    const second = await log().append(stream, first.revision, [anEvent()]);
    expect(second.revision).toBe(1);
    expect(second.position).toBeGreaterThan(first.position);
  });

  it('refuses a stream that is not new, is behind, or is ahead', async () => {
    const stream = freshStream();
    await log().append(stream, NO_STREAM, [anEvent(), anEvent()]);
    await expect(log().append(stream, NO_STREAM, [anEvent()])).rejects.toBeInstanceOf(Conflict);
    await expect(log().append(stream, 0, [anEvent()])).rejects.toBeInstanceOf(Conflict);
    await expect(log().append(stream, 7, [anEvent()])).rejects.toBeInstanceOf(Conflict);
    await expect(log().append(freshStream(), 3, [anEvent()])).rejects.toBeInstanceOf(Conflict);
    expect(await log().read(stream, 0, 10)).toHaveLength(2);
  });

  it('answers a repeated append as it answered the first, and writes nothing', async () => {
    const stream = freshStream();
    const events = [anEvent(), anEvent()];
    const first = await log().append(stream, NO_STREAM, events);
    await log().append(stream, first.revision, [anEvent()]);
    expect(await log().append(stream, NO_STREAM, events)).toEqual(first);
    expect(await log().read(stream, 0, 10)).toHaveLength(3);
  });

  it('lets one of many concurrent writers of a stream win', async () => {
    const stream = freshStream();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 }, () => log().append(stream, NO_STREAM, [anEvent()])),
    );
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(Conflict);
    }
    expect(await log().read(stream, 0, 10)).toHaveLength(1);
  });

  it('takes appends to many streams at once, each whole and in order', async () => {
    const streams = Array.from({ length: 50 }, freshStream);
    await Promise.all(streams.map((stream) => log().append(stream, NO_STREAM, [anEvent(), anEvent()])));
    for (const stream of streams) expect((await log().read(stream, 0, 10)).map((e) => e.revision)).toEqual([0, 1]);
  });

  it('keeps text, numbers and nesting as they were', async () => {
    const stream = freshStream();
    const data = {
      v: 1,
      text: 'naïve – 在庫 – "quoted"\n\u0001',
      big: 2 ** 52,
      negative: -0.5,
      nested: { list: [1, null, true] },
    };
    await log().append(stream, NO_STREAM, [anEvent('StockAdjusted', data)]);
    expect((await log().read(stream, 0, 1))[0]!.data).toMatchObject(data);
  });
}

function reading(log: () => EventLog): void {
  it('reads a slice of a stream, and nothing of an unknown one or past the end', async () => {
    const stream = freshStream();
    await log().append(stream, NO_STREAM, [anEvent(), anEvent(), anEvent(), anEvent()]);
    expect((await log().read(stream, 1, 2)).map((event) => event.revision)).toEqual([1, 2]);
    expect((await log().read(stream, 3, 100)).map((event) => event.revision)).toEqual([3]);
    expect(await log().read(stream, 4, 10)).toEqual([]);
    expect(await log().read(freshStream(), 0, 10)).toEqual([]);
  });

  it('reads all streams in the order of the appends, page by page, without a hole', async () => {
    const before = await log().head();
    const [a, b] = [freshStream(), freshStream()];
    await log().append(a, NO_STREAM, [anEvent(), anEvent()]);
    await log().append(b, NO_STREAM, [anEvent()]);
    await log().append(a, 1, [anEvent()]);
    const seen: RecordedEvent[] = [];
    for (let after = before; ; ) {
      const page = await log().readAll(after, 2);
      if (page.length === 0) break;
      seen.push(...page);
      after = page[page.length - 1]!.position;
    }
    const ours = seen.filter((event) => event.stream === a || event.stream === b);
    expect(ours.map((event) => [event.stream, event.revision])).toEqual([
      [a, 0],
      [a, 1],
      [b, 0],
      [a, 2],
    ]);
    for (let n = 1; n < ours.length; n++) expect(ours[n]!.position).toBeGreaterThan(ours[n - 1]!.position);
    expect(await log().head()).toBeGreaterThanOrEqual(ours[3]!.position);
  });

  it('answers an empty page at the head', async () => {
    await log().append(freshStream(), NO_STREAM, [anEvent()]);
    expect(await log().readAll(await log().head(), 10)).toEqual([]);
  });
}

function subscribing(log: () => EventLog): void {
  it('delivers what was there and then what comes, in order', async () => {
    const stream = freshStream();
    const before = await log().head();
    await log().append(stream, NO_STREAM, [anEvent(), anEvent()]);
    const seen = take(log(), before, (event) => event.stream === stream, 4);
    await log().append(stream, 1, [anEvent()]);
    await log().append(stream, 2, [anEvent()]);
    expect((await seen).map((event) => event.revision)).toEqual([0, 1, 2, 3]);
  });

  it('resumes after a position', async () => {
    const stream = freshStream();
    const first = await log().append(stream, NO_STREAM, [anEvent()]);
    await log().append(stream, 0, [anEvent()]);
    const seen = await take(log(), first.position, (event) => event.stream === stream, 1);
    expect(seen.map((event) => event.revision)).toEqual([1]);
  });

  it('starts from the first event of the log', async () => {
    const stream = freshStream();
    await log().append(stream, NO_STREAM, [anEvent()]);
    const seen = await take(log(), START, (event) => event.stream === stream, 1);
    expect(seen).toHaveLength(1);
  });

  it('ends when it is aborted while it waits', async () => {
    const abort = new AbortController();
    const head = await log().head();
    const ended = (async () => {
      for await (const _ of log().subscribe(head, abort.signal));
    })();
    setTimeout(() => abort.abort(), 50);
    await expect(ended).resolves.toBeUndefined();
  });

  it('serves several subscribers at once', async () => {
    const stream = freshStream();
    const before = await log().head();
    const all = [1, 2, 3].map(() => take(log(), before, (event) => event.stream === stream, 2));
    await log().append(stream, NO_STREAM, [anEvent(), anEvent()]);
    for (const seen of await Promise.all(all)) expect(seen.map((event) => event.revision)).toEqual([0, 1]);
  });
}

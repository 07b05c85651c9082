// The event log on EventStoreDB: one node or a cluster, over gRPC. Promise: the whole contract in test/contracts/event-log.ts,
// and each call ends within about three times its deadline, whatever the server does. Why it is made so: docs/decisions/0004-eventstoredb.md.
import { type EventLog, Unavailable } from '../../../domain/event-log.ts';
import { appendEvents } from './append.ts';
import { connect } from './connection.ts';
import { createGate } from './gate.ts';
import { headOf, readAllAfter, readStream, unscanned } from './read.ts';
import { subscribeAfter } from './subscription.ts';

export interface EventStoreDbOptions {
  /** `esdb://user:password@host:2113?tls=true`, several hosts with commas, or `esdb+discover://…` for a cluster. */
  readonly connectionString: string;
  /** How long the server may stay silent on one call. Default 5 s. */
  readonly deadlineMs?: number;
}

const DEADLINE_MS = 5_000;

/** Does not wait for the server: while it is down calls throw Unavailable. @throws Error the connection string is wrong */
export async function createEventStoreDbLog(options: EventStoreDbOptions): Promise<EventLog> {
  const connection = connect(options.connectionString, options.deadlineMs ?? DEADLINE_MS);
  const appends = createGate(connection.deadlineMs);
  const scan = unscanned();
  const inFlight = new Set<Promise<unknown>>();
  const closing = new AbortController();

  const track = async <T>(call: () => Promise<T>): Promise<T> => {
    if (closing.signal.aborted) throw new Unavailable('closed', 'the event log is closed');
    const running = call();
    inFlight.add(running);
    try {
      return await running;
    } finally {
      inFlight.delete(running);
    }
  };

  return {
    append: (stream, expectedRevision, events) =>
      track(() => appends.pass(() => appendEvents(connection, stream, expectedRevision, events))),
    read: (stream, from, limit) => track(() => readStream(connection, stream, from, limit)),
    readAll: (after, limit) => track(() => readAllAfter(connection, after, limit)),
    head: () => track(() => headOf(connection, scan)),
    subscribe: (after, signal) => subscribeAfter(connection, after, signal, closing.signal),
    async close() {
      if (closing.signal.aborted) return;
      closing.abort();
      await Promise.allSettled(inFlight);
      await connection.close();
    },
  };
}

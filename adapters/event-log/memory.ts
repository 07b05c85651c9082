// The event log in memory: the reference for the contract, for tests and simulation. Nothing survives the process.
import {
  type Appended,
  Conflict,
  type EventLog,
  type NewEvent,
  NO_STREAM,
  type Position,
  type RecordedEvent,
  START,
  Unavailable,
} from '../../domain/event-log.ts';
import { repeats } from './repeated-append.ts';
import { createTail } from './tail.ts';

export function createMemoryLog(): EventLog {
  const all: RecordedEvent[] = [];
  const streams = new Map<string, RecordedEvent[]>();
  const tail = createTail();
  let closed = false;

  const open = () => {
    if (closed) throw new Unavailable('closed', 'the event log is closed');
  };
  const readAll = async (after: Position, limit: number) => {
    open();
    const from = Number(after) + 1;
    return all.slice(from, from + limit);
  };

  return {
    async append(stream: string, expectedRevision: number, events: readonly NewEvent[]): Promise<Appended> {
      open();
      const recorded = streams.get(stream) ?? [];
      const head = recorded.length - 1;
      if (head !== expectedRevision) {
        const last = repeats(recorded.slice(expectedRevision + 1), events);
        if (last === undefined) throw new Conflict(stream, expectedRevision, `the stream is at ${head}`);
        return { revision: last.revision, position: last.position };
      }
      for (const { id, type, data, metadata } of events) {
        const place = { stream, revision: recorded.length, position: BigInt(all.length) };
        const written = { id, type, data, metadata, ...place };
        recorded.push(written);
        all.push(written);
      }
      streams.set(stream, recorded);
      tail.moved();
      return { revision: recorded.length - 1, position: BigInt(all.length - 1) };
    },

    async read(stream, from, limit) {
      open();
      return (streams.get(stream) ?? []).slice(Math.max(from, NO_STREAM + 1), from + limit);
    },

    readAll,

    async head() {
      open();
      return all.length === 0 ? START : BigInt(all.length - 1);
    },

    subscribe: (after, signal) => tail.follow(after, signal, readAll),

    async close() {
      closed = true;
      tail.close();
    },
  };
}

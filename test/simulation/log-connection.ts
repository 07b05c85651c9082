// The event log as one process sees it: the port of domain/event-log.ts over the simulated log, with time and faults on
// the way. The process may die meanwhile: then nobody is answered, and what it had sent arrives or does not.
import {
  type Appended,
  type EventLog,
  type NewEvent,
  type Position,
  type RecordedEvent,
  START,
  Unavailable,
  UnknownOutcome,
} from '../../domain/event-log.ts';
import type { VirtualTime } from '../support/virtual-time.ts';
import type { Chance } from './chance.ts';
import { type Life, mortal, never } from './life.ts';
import type { SimulatedLog } from './simulated-log.ts';
import type { Trace } from './trace.ts';
import type { LogWeather } from './weather.ts';

export interface LogServer {
  readonly log: SimulatedLog;
  readonly time: VirtualTime;
  readonly chance: Chance;
  readonly trace: Trace;
  weather: LogWeather;
  /** Answers nobody. */
  down: boolean;
  /** Changes when it is restarted: every subscription of before ends. */
  generation: number;
  /** A planted bug: it acknowledges what it has not made durable. */
  readonly acknowledgesEarly: boolean;
  commitSoon(): void;
}

const COMMIT_MS_MAX = 4;
const SENT_MS_MAX = 3;
const CALL_DEADLINE_MS = 200;
const AGAIN_EVENTS_MAX = 8;

export function createLogServer(
  parts: Pick<LogServer, 'log' | 'time' | 'chance' | 'trace' | 'weather' | 'acknowledgesEarly'>,
): LogServer {
  const { log, time, chance, trace } = parts;
  let committing = false;
  const server: LogServer = {
    ...parts,
    down: false,
    generation: 0,
    commitSoon() {
      if (committing) return;
      committing = true;
      const slow = chance.maybe(server.weather.slow);
      if (slow) trace.mark('slow append');
      time.timers.after(slow ? chance.between(50, 500) : chance.between(0, COMMIT_MS_MAX), () => {
        committing = false;
        if (log.pending > 0 && chance.maybe(server.weather.full)) {
          trace.mark('disk full', 'log: no room for a commit');
          log.refuse(new Unavailable('disk-full', 'no room'));
        } else log.commit();
      });
    },
  };
  return server;
}

/** `role` is for the trace. What a dead process asked for is never answered. */
export function connect(server: LogServer, life: Life, role: string): EventLog {
  const { log, time, chance, trace } = server;
  const onTheWay = () => time.sleep(chance.between(0, SENT_MS_MAX));

  /** A read, answered as of the moment it reaches the log. */
  async function ask<T>(answer: () => T): Promise<T> {
    await onTheWay();
    if (!life.alive) throw new Unavailable('closed', 'the process is dead');
    if (server.down || chance.maybe(server.weather.readFails)) throw new Unavailable('down', 'the log does not answer');
    const found = answer();
    await onTheWay();
    return found;
  }

  return {
    append: (stream, expectedRevision, events) =>
      life.alive
        ? mortal(
            life,
            append(server, `${role} ${stream}@${expectedRevision}+${events.length}`, stream, expectedRevision, events),
          )
        : never(),
    read: (stream, from, limit) => ask(() => log.stream(stream).slice(Math.max(0, from), from + limit)),
    readAll: (after, limit) => ask(() => log.events.slice(log.indexAfter(after), log.indexAfter(after) + limit)),
    head: () => ask(() => log.head),
    subscribe: (after, signal) => follow(server, life, after, signal),
    async close() {
      trace.note(`${role} closes the log`);
    },
  };
}

type Fault = 'none' | 'unavailable' | 'lost' | 'written' | 'late';

function drawFault({ chance, weather }: LogServer): Fault {
  let drawn = chance.next();
  for (const fault of ['unavailable', 'lost', 'written', 'late'] as const) {
    drawn -= weather[fault];
    if (drawn < 0) return fault;
  }
  return 'none';
}

async function append(
  server: LogServer,
  what: string,
  stream: string,
  expectedRevision: number,
  events: readonly NewEvent[],
): Promise<Appended> {
  const { log, time, chance, trace } = server;
  const fault = drawFault(server);
  const onTheWay = () => time.sleep(chance.between(0, SENT_MS_MAX));
  const unknown = async (mark: 'lost' | 'written' | 'written later') => {
    trace.mark(`unknown outcome: ${mark}`, `${what}: ${mark}, nobody knows`);
    return new UnknownOutcome('no answer');
  };
  const arrive = () => {
    const { committed } = log.write(stream, expectedRevision, events);
    server.commitSoon();
    return committed;
  };
  await onTheWay();
  if (server.down || fault === 'unavailable') {
    trace.mark('log down', `${what}: down`);
    throw new Unavailable('down', 'the log does not answer');
  }
  if (fault === 'lost') {
    await time.sleep(CALL_DEADLINE_MS);
    throw await unknown('lost');
  }
  if (fault === 'late') {
    time.timers.after(chance.wide(50, 5_000), () => {
      try {
        arrive().then(
          () => trace.note(`${what}: arrived late`),
          () => {},
        );
      } catch {
        trace.note(`${what}: arrived late and was refused`);
      }
    });
    await time.sleep(CALL_DEADLINE_MS);
    throw await unknown('written later');
  }
  const committed = arrive();
  if (server.acknowledgesEarly) return { revision: expectedRevision + events.length, position: log.head + 1n };
  const place = await committed;
  await onTheWay();
  if (fault === 'written') throw await unknown('written');
  return place;
}

async function* follow(
  server: LogServer,
  life: Life,
  after: Position,
  signal: AbortSignal,
): AsyncGenerator<readonly RecordedEvent[]> {
  const { log, time, chance, trace } = server;
  const { generation } = server;
  let next = log.indexAfter(after);
  if (after !== START && chance.maybe(server.weather.again * 5)) {
    next = Math.max(0, next - chance.between(1, AGAIN_EVENTS_MAX));
    trace.mark('event delivered again');
  }
  const ended = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  while (!signal.aborted) {
    if (!life.alive) throw new Unavailable('closed', 'the process is dead');
    const dropped = server.down || server.generation !== generation || chance.maybe(server.weather.dropped);
    if (dropped) {
      trace.mark('subscription dropped');
      throw new Unavailable('down', 'the subscription was dropped');
    }
    const moved = log.moved();
    if (next >= log.events.length) {
      await Promise.race([moved, ended]);
      continue;
    }
    if (chance.maybe(server.weather.silent)) {
      trace.mark('subscription silent', 'subscription: silent from now on');
      await ended;
      return;
    }
    await time.sleep(chance.between(0, 20));
    const batch = log.events.slice(next, next + chance.wide(1, 200));
    next += batch.length;
    if (batch.length > 0) yield batch;
  }
}

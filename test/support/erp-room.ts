// A log with stocks whose facts are posted to an ERP on virtual time; posters can be crashed at any moment.

import type { Erp } from '../../adapters/erp/erp.ts';
import { createMemoryLog } from '../../adapters/event-log/memory.ts';
import { systemHashes } from '../../adapters/platform.ts';
import { pause } from '../../adapters/publishing/timers.ts';
import { ErpPolicy } from '../../domain/erp/policy.ts';
import { type EventLog, type RecordedEvent, START, Unavailable } from '../../domain/event-log.ts';
import type { Cause } from '../../domain/exception/cause.ts';
import { readStockEvent } from '../../domain/stock/events.ts';
import { parseStockStream } from '../../domain/stock/stream.ts';
import type { RunnerTime } from '../../projections/time.ts';
import { Poster, type PosterRoom } from '../../server/erp/poster.ts';
import { takeErp } from '../../server/erp/record.ts';
import { actorsOver, command, NOON } from './actors.ts';
import { createVirtualTime, type VirtualTime } from './virtual-time.ts';

export interface ErpRoom {
  readonly log: EventLog;
  readonly time: VirtualTime;
  readonly raised: Cause[];
  readonly cleared: string[];
  /** A fact of SKU `A` at `store-1` unless said otherwise. */
  fact(
    fields: Record<string, unknown> & { readonly type: 'sale' | 'receipt' | 'count' | 'return' | 'adjustment' },
  ): Promise<void>;
  start(erp: Erp, policy?: object, more?: Partial<PosterRoom>): RunningPoster;
  /** Another process takes the ERP, whoever holds it, and is silent. */
  takeAway(erp: string): Promise<void>;
  /** By `sku~location`, from the log. */
  onHand(): Promise<ReadonlyMap<string, number>>;
  /** Positions of the events that references were made of. */
  events(): Promise<readonly RecordedEvent[]>;
  close(): Promise<void>;
}

export interface RunningPoster {
  readonly poster: Poster;
  /** Its process ends: it writes nothing any more, and what it called may still arrive. */
  crash(): void;
  /** False: it was not, within an hour. */
  current(): Promise<boolean>;
}

export function erpRoom(log: EventLog = createMemoryLog()): ErpRoom {
  const time = createVirtualTime(NOON);
  const actors = actorsOver(log, {
    now: time.clock.now,
    policy: { locations: [{ id: 'store-1' }, { id: 'store-2' }], skus: 'any' },
  });
  const raised: Cause[] = [];
  const cleared: string[] = [];
  const posters: RunningPoster[] = [];
  const runnerTime: RunnerTime = {
    clock: time.clock,
    random: Math.random,
    sleep: (ms, signal) => pause(time.timers, ms, signal ?? new AbortController().signal),
    atTurnEnd: setImmediate,
  };
  return {
    log,
    time,
    raised,
    cleared,
    async fact(fields) {
      const occurredAt = new Date(time.now() - 60_000).toISOString();
      const answer = await actors.submit({ command: command({ occurredAt, ...fields }), client: 'till-1' });
      if (answer.outcome !== 'accepted') throw new Error(JSON.stringify(answer));
    },
    start(erp, policy = {}, more = {}) {
      const life = mortal(log);
      const poster = new Poster({
        policy: ErpPolicy.parse({
          id: 'books',
          type: 'ledger',
          url: 'http://erp.example',
          secretEnv: 'ERP',
          ...policy,
        }),
        ...{ erp, log: life.log, hashes: systemHashes, timers: time.timers },
        ...{ time: runnerTime, soleWriter: true, patienceMs: 15 * 60_000 },
        sink: {
          raise: (cause) => void raised.push(cause),
          cleared: (kind, key) => void cleared.push(`${kind} ${key}`),
        },
        ...more,
      });
      const running: RunningPoster = {
        poster,
        crash: life.end,
        current: async () => {
          // What was appended last has to be seen first.
          await time.advance(1_000);
          return time.until(
            () => poster.status().state === 'current' && poster.status().waiting === 0,
            3_600_000,
            1_000,
          );
        },
      };
      posters.push(running);
      return running;
    },
    async takeAway(erp) {
      await takeErp(erp, 'somebody-else', {
        ...{
          log,
          hashes: systemHashes,
          clock: time.clock,
          timers: time.timers,
          random: Math.random,
          sleep: runnerTime.sleep,
          soleWriter: true,
        },
        ...{ leaseMs: 60_000, beginning: async () => START, signal: new AbortController().signal, stalled: () => {} },
      });
    },
    async onHand() {
      const units = new Map<string, number>();
      for (const event of await log.readAll(START, 100_000)) {
        const stock = parseStockStream(event.stream);
        if (stock !== undefined) units.set(`${stock.sku}~${stock.location}`, readStockEvent(event).levels.onHand);
      }
      return units;
    },
    events: async () => (await log.readAll(START, 100_000)).filter(({ stream }) => stream.startsWith('stock-')),
    async close() {
      for (const { crash } of posters) crash();
      const closing = Promise.all(posters.map(({ poster }) => poster.close(0)));
      await time.advance(1_000);
      await closing;
      await actors.close();
    },
  };
}

/** The log as one process sees it, until it ends. */
function mortal(log: EventLog): { readonly log: EventLog; end(): void } {
  let ended = false;
  const living =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    (...args: A): Promise<R> =>
      ended ? Promise.reject(new Unavailable('closed', 'this process has ended')) : call(...args);
  return {
    log: {
      append: living((stream, expected, events) => log.append(stream, expected, events)),
      read: living((stream, from, limit) => log.read(stream, from, limit)),
      readAll: living((after, limit) => log.readAll(after, limit)),
      head: living(() => log.head()),
      subscribe: (after, signal) => log.subscribe(after, signal),
      close: async () => {},
    },
    end: () => {
      ended = true;
    },
  };
}

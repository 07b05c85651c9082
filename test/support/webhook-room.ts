// A log with events that are told to a real receiver over HTTP; deliverers can be crashed at any moment. Waits are shortened:
// what backs off does so a hundred times as fast. Deadlines of calls are not: on a busy machine they would pass.
import { createMemoryLog } from '../../adapters/event-log/memory.ts';
import { systemClock, systemHashes } from '../../adapters/platform.ts';
import { pause, systemTimers, type Timers } from '../../adapters/publishing/timers.ts';
import { createAttempts } from '../../adapters/webhooks/attempts.ts';
import { hostRules } from '../../adapters/webhooks/hosts.ts';
import { createSender } from '../../adapters/webhooks/sender.ts';
import { eventId } from '../../domain/event-id.ts';
import { type EventLog, type RecordedEvent, START, Unavailable } from '../../domain/event-log.ts';
import type { Cause } from '../../domain/exception/cause.ts';
import { WebhookPolicy } from '../../domain/webhook/policy.ts';
import { Deliverer, type DelivererRoom } from '../../server/webhooks/deliverer.ts';
import { type Receiver, WEBHOOK_SECRET } from './webhook-receiver.ts';

const FASTER = 100;

/** Time that runs faster than ours, for the waits alone. */
export const fastTimers: Timers = {
  now: () => systemTimers.now() * FASTER,
  after: (ms, action) => systemTimers.after(ms / FASTER, action),
};

/** It is only the deadlines that take their time. */
const patientTimers: Timers = { now: fastTimers.now, after: systemTimers.after };

/** Its sleeps run as fast. */
export const fastTime: DelivererRoom['time'] = {
  ...{ clock: systemClock, random: Math.random, atTurnEnd: setImmediate },
  sleep: (ms, signal) => pause(fastTimers, ms, signal ?? new AbortController().signal),
};

/** How a webhook is called here: hosts as the operator may name them. */
export function connectTo(url: string, hosts: readonly string[] = ['127.0.0.1']) {
  const secret = () => WEBHOOK_SECRET;
  return {
    sender: createSender({ url, secret, hosts: hostRules(hosts), clock: systemClock }),
    attempts: createAttempts(fastTimers, Math.random),
  };
}

export interface WebhookRoom {
  readonly log: EventLog;
  readonly raised: Cause[];
  readonly cleared: string[];
  /** Appends events to streams in turn, one each. */
  happens(...streams: readonly string[]): Promise<void>;
  /** Of those streams, in log order. */
  events(): Promise<readonly RecordedEvent[]>;
  start(
    receiver: Pick<Receiver, 'url'>,
    policy?: object,
    more?: Partial<DelivererRoom>,
    hosts?: readonly string[],
  ): Telling;
  close(): Promise<void>;
}

export interface Telling {
  readonly deliverer: Deliverer;
  /** Its process ends: it writes nothing any more. */
  crash(): void;
}

export function webhookRoom(): WebhookRoom {
  const log = createMemoryLog();
  const [raised, cleared]: [Cause[], string[]] = [[], []];
  const revisions = new Map<string, number>();
  const running: Telling[] = [];
  let number = 0;
  return {
    log,
    raised,
    cleared,
    async happens(...streams) {
      for (const stream of streams) {
        const revision = revisions.get(stream) ?? -1;
        number += 1;
        const data = { v: 1, recordedAt: systemClock.now(), number };
        const id = eventId(stream, String(number), 0, systemHashes);
        await log.append(stream, revision, [{ id, type: 'SomethingHappened', data, metadata: {} }]);
        revisions.set(stream, revision + 1);
      }
    },
    events: async () => (await log.readAll(START, 100_000)).filter(({ stream }) => revisions.has(stream)),
    start({ url }, given = {}, more = {}, hosts) {
      let isDead = false;
      const policy = WebhookPolicy.parse({
        ...{ id: 'crm', url, secretEnv: 'CRM_SECRET', since: '2000-01-01T00:00:00Z', timeoutMs: 20_000 },
        ...given,
      });
      const deliverer = new Deliverer({
        ...{ policy, hashes: systemHashes, timers: patientTimers, time: fastTime, soleWriter: true, patienceMs: 0 },
        ...connectTo(policy.url, hosts),
        log: {
          ...log,
          async append(stream, revision, events) {
            if (isDead) throw new Unavailable('closed', 'the process has ended');
            return log.append(stream, revision, events);
          },
        },
        sink: {
          raise: (cause) => raised.push(cause),
          cleared: (kind, key) => cleared.push(`${kind} ${key}`),
        },
        ...more,
      });
      const telling = {
        deliverer,
        crash() {
          isDead = true;
        },
      };
      running.push(telling);
      return telling;
    },
    async close() {
      await Promise.all(running.map(({ deliverer }) => deliverer.close(0)));
      await log.close();
    },
  };
}

// Orders over any log without HTTP: real stock actors, read model and reactions; stocks can be made to fail, and the room
// can be left as a killed process leaves it.
import { memoryCheckpoints } from '../../adapters/checkpoints.ts';
import { systemHashes } from '../../adapters/platform.ts';
import { compilePolicy, PolicyDocument, type PolicyDocumentJson } from '../../domain/channel/policy.ts';
import type { EventLog } from '../../domain/event-log.ts';
import { noCase } from '../../domain/exception/case.ts';
import type { Cause } from '../../domain/exception/cause.ts';
import { type OrderCommand, PlaceOrder } from '../../domain/order/commands.ts';
import { openReadModel } from '../../projections/read-model.ts';
import type { StockActors } from '../../server/actors/answer.ts';
import { createRemedies, type Tried } from '../../server/cases/remedies.ts';
import { createLogger } from '../../server/logging.ts';
import { ORDERS_PROJECTION, openOrders } from '../../server/orders/open-orders.ts';
import type { OrderAnswer, OrderProcess } from '../../server/orders/order-process.ts';
import { startReactions } from '../../server/reactions/reactions.ts';
import { actorsOver, NOON } from './actors.ts';
import { realTime, temporaryDirectory } from './read-side.ts';

export const ORDER_LOCATIONS = ['warehouse', 'store-1', 'store-2'];

export const ORDER_POLICY: PolicyDocumentJson = {
  version: 'test',
  locations: ORDER_LOCATIONS.map((id) => ({ id })),
  channels: [
    { id: 'web', locations: ORDER_LOCATIONS },
    { id: 'market', locations: ['warehouse'] },
  ],
};

export interface OrderRoomOptions {
  readonly policy?: Partial<PolicyDocumentJson>;
  readonly now?: () => number;
  /** What the orders write to, if not `log` itself. */
  readonly orderLog?: EventLog;
  /** The stocks as the orders see them. */
  readonly stocks?: (actors: StockActors) => Pick<StockActors, 'submit'>;
}

export interface OrderRoom {
  readonly orders: OrderProcess;
  readonly actors: StockActors;
  /** Open cases, by key. */
  readonly cases: ReadonlyMap<string, Cause>;
  receive(units: Readonly<Record<string, Readonly<Record<string, number>>>>): Promise<void>;
  place(orderId: string, fields?: Record<string, unknown>): Promise<OrderAnswer>;
  send(orderId: string, command: OrderCommand): Promise<OrderAnswer>;
  /** What people do who choose `retry` for this open case. */
  retry(key: string): Promise<Tried>;
  /** Read model and reactions have seen all there is. */
  caughtUp(): Promise<void>;
  /** The orders of this process do nothing more, as if it had been killed. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

export async function openOrderRoom(log: EventLog, options: OrderRoomOptions = {}): Promise<OrderRoom> {
  const document = { ...ORDER_POLICY, ...options.policy };
  const policy = compilePolicy(PolicyDocument.parse(document));
  const now = options.now ?? (() => NOON);
  const directory = temporaryDirectory();
  const actors = actorsOver(log, { policy: document, now });
  const time = { ...realTime, clock: { now } };
  const readModel = await openReadModel({
    ...{ log, directory: directory.path, policy, time: realTime },
    projections: [ORDERS_PROJECTION],
  });
  const cases = new Map<string, Cause>();
  const remedies = createRemedies();
  let isKilled = false;
  const never = new Promise<never>(() => {});
  const stocks = options.stocks?.(actors) ?? actors;
  const { orders, reactions: reacting } = await openOrders({
    ...{ log: options.orderLog ?? log, readModel, policy: () => policy, hashes: systemHashes, soleWriter: true },
    ...{ telemetry: undefined, logger: createLogger('silent', false), clock: time.clock, random: () => 0.001 },
    actors: { ...actors, submit: (envelope) => (isKilled ? never : stocks.submit(envelope)) },
    sleep: (ms, signal) => (isKilled ? never : time.sleep(ms, signal)),
    remedies,
    cases: {
      raise: (cause) => void cases.set(cause.key, cause),
      cleared: (_, key) => void cases.delete(key),
    },
  });
  const reactions = await startReactions({
    ...{ log, checkpoints: memoryCheckpoints(), time, reactions: reacting },
    setAside: (_, __, error) => {
      throw error;
    },
  });
  let number = 0;
  const room: OrderRoom = {
    orders,
    actors,
    cases,
    async receive(units) {
      for (const [location, skus] of Object.entries(units)) {
        for (const [sku, quantity] of Object.entries(skus)) {
          number += 1;
          const id = `receipt-${number}-${await log.head()}`;
          const command = { type: 'receipt', id, sku, location, quantity, occurredAt: now() } as const;
          const answer = await actors.submit({ command, client: 'test' });
          if (answer.outcome !== 'accepted') throw new Error(JSON.stringify(answer));
        }
      }
      await readModel.waitFor(await log.head(), 5_000);
    },
    place(orderId, fields = {}) {
      const body = {
        id: `place-${orderId}`,
        orderId,
        channel: 'web',
        kind: 'request',
        lines: [{ sku: 'A', quantity: 1 }],
      };
      return room.send(orderId, { type: 'place', ...PlaceOrder.parse({ ...body, ...fields }) });
    },
    send: (orderId, command) => orders.submit(orderId, command, { source: 'test' }),
    async retry(key) {
      const cause = cases.get(key)!;
      const { kind, subject } = cause;
      return remedies.of(cause)!({ ...noCase('1'), kind, key, subject });
    },
    async caughtUp() {
      const head = await log.head();
      if (!(await readModel.waitFor(head, 5_000)) || !(await reactions.waitFor(head, 5_000))) {
        throw new Error(`not at ${head} after 5 s`);
      }
      if ((await log.head()) !== head) await room.caughtUp();
    },
    async kill() {
      isKilled = true;
      await readModel.close();
      directory.remove();
    },
    async close() {
      await reactions.close();
      await orders.close();
      await actors.close();
      await readModel.close();
      directory.remove();
    },
  };
  return room;
}

// Orders over real stock actors with everything that may go wrong between them: hints that lie, stocks that cannot be asked
// or whose answer is lost, orders side by side. For the properties beside this file.
import { createMemoryLog } from '../../../adapters/event-log/memory.ts';
import { systemHashes } from '../../../adapters/platform.ts';
import { compilePolicy, PolicyDocument } from '../../../domain/channel/policy.ts';
import type { EventLog } from '../../../domain/event-log.ts';
import { START } from '../../../domain/event-log.ts';
import type { OrderEvent } from '../../../domain/order/events.ts';
import { newOrder, type Order } from '../../../domain/order/order.ts';
import { orderWorkflow } from '../../../domain/order/workflow.ts';
import { readStockEvent } from '../../../domain/stock/events.ts';
import { evolve } from '../../../domain/stock/evolve.ts';
import { emptyStock, type Stock } from '../../../domain/stock/stock.ts';
import { parseStockStream, stockStream } from '../../../domain/stock/stream.ts';
import type { WorkflowFrame } from '../../../domain/workflow.ts';
import type { Answer, StockActors } from '../../../server/actors/answer.ts';
import { expiredHolds } from '../../../server/orders/expired-holds.ts';
import { runWorkflow } from '../../../server/workflows/workflows.ts';
import { foldedAvailability } from '../../server/support/folded-availability.ts';
import { actorsOver, command, NOON } from '../../support/actors.ts';

export const LOCATIONS = ['warehouse', 'store-1', 'store-2'] as const;
export const SKUS = ['A', 'B'] as const;
export type Fault = 'none' | 'not asked' | 'answer lost';

export interface WorldOptions {
  /** Units received, by location and SKU. */
  readonly stock: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly safetyStock: number;
  /** What is added to each hint, in turn. */
  readonly lies: readonly number[];
  /** What becomes of each command to a stock, in turn, until `heal`. */
  readonly faults: readonly Fault[];
}

const setAside = () => new Promise<void>((resolve) => void setImmediate(resolve));

export async function createWorld({ stock, safetyStock, lies, faults }: WorldOptions) {
  const log: EventLog = createMemoryLog();
  const document = {
    version: 'test',
    locations: LOCATIONS.map((id) => ({ id, safetyStock: id === 'store-1' ? safetyStock : 0 })),
    channels: [{ id: 'web', locations: [...LOCATIONS] }],
  };
  const policy = compilePolicy(PolicyDocument.parse(document));
  let now = NOON;
  let isFaulty = true;
  let [lie, fault] = [0, 0];
  const actors = actorsOver(log, { policy: document, now: () => now });
  const availability = foldedAvailability(log, policy);
  for (const [location, skus] of Object.entries(stock)) {
    for (const [sku, quantity] of Object.entries(skus)) {
      if (quantity > 0)
        await actors.submit({ command: command({ type: 'receipt', sku, location, quantity }), client: 't' });
    }
  }
  await availability.catchUp();
  const stocks: Pick<StockActors, 'submit'> = {
    async submit(envelope): Promise<Answer> {
      await availability.catchUp();
      const what = isFaulty ? faults[fault++ % faults.length] : 'none';
      if (what === 'not asked') return { outcome: 'failed', reason: 'unavailable', detail: 'planted', retryAfterMs: 1 };
      const answer = await actors.submit(envelope);
      if (what !== 'answer lost') return answer;
      return { outcome: 'failed', reason: 'unknown-outcome', detail: 'planted', retryAfterMs: 1 };
    },
  };
  const orders = runWorkflow(orderWorkflow, {
    ...{ log, stocks, hashes: systemHashes, random: () => 0, soleWriter: true, clock: { now: () => now } },
    sleep: setAside,
    view: () => ({
      policy,
      free: (sku, location, channel) =>
        Math.max(0, availability.free(sku, location, channel) + (isFaulty ? lies[lie++ % lies.length]! : 0)),
    }),
  });
  const stockOf = async (sku: string, location: string): Promise<Stock> =>
    (await log.read(stockStream(sku, location), 0, 10_000))
      .map((event) => readStockEvent(event))
      .reduce((s, e) => evolve(s, e), emptyStock());

  return {
    log,
    policy,
    orders,
    stockOf,
    /** The order after each of its events. */
    async courseOf(id: string): Promise<readonly Order[]> {
      const course = [newOrder(id)];
      for (const { type, data } of await log.read(`order-${id}`, 0, 10_000)) {
        const event = { type, ...data } as unknown as OrderEvent & WorkflowFrame;
        course.push(orderWorkflow.evolve(course.at(-1)!, event));
      }
      return course.slice(1);
    },
    /** Every hold runs out, and the orders hear of it as in the product. */
    async expireHolds() {
      now += 60 * 60_000;
      for (const { stream, data, type } of await log.readAll(START, 100_000)) {
        if (type !== 'ReservationMade') continue;
        const { sku, location } = parseStockStream(stream)!;
        const reservationId = data['reservationId'] as string;
        await actors.submit({
          command: command({ type: 'reservation.expire', sku, location, reservationId }),
          client: 't',
        });
      }
      const reaction = expiredHolds(orders);
      for (const event of await log.readAll(START, 100_000)) await reaction.on(event);
    },
    /** Nothing goes wrong any more, and all that is owed is done. */
    async heal(ids: readonly string[]): Promise<readonly Order[]> {
      isFaulty = false;
      for (const id of ids) await orders.resume(id);
      const states = await Promise.all(ids.map((id) => orders.state(id)));
      return states.flatMap((found) => found?.state ?? []);
    },
    close: () => orders.close(),
  };
}

export type World = Awaited<ReturnType<typeof createWorld>>;

// The reactions of one simulated process, as the product starts them: orders hear of holds that expired and of units that
// became free, and workflows of what a stock keeps for them that they do not count on. Each process begins at the first event, which is harmless.
import { memoryCheckpoints } from '../../adapters/checkpoints.ts';
import type { EventLog } from '../../domain/event-log.ts';
import type { OrderCommand, OrderRefusal } from '../../domain/order/commands.ts';
import type { Order } from '../../domain/order/order.ts';
import type { Clock } from '../../domain/time.ts';
import type { TransferCommand, TransferRefusal } from '../../domain/transfer/commands.ts';
import type { Transfer } from '../../domain/transfer/transfer.ts';
import type { ReadModel } from '../../projections/read-model.ts';
import { expiredHolds } from '../../server/orders/expired-holds.ts';
import { madeHolds } from '../../server/orders/made-holds.ts';
import { nextUnits } from '../../server/orders/next-units.ts';
import { ORDERS_PROJECTION } from '../../server/orders/open-orders.ts';
import { type Reactions, startReactions } from '../../server/reactions/reactions.ts';
import { setAsideUnits } from '../../server/transfers/set-aside.ts';
import type { Workflows } from '../../server/workflows/workflows.ts';
import { virtualRunnerTime } from '../support/read-side.ts';
import type { VirtualTime } from '../support/virtual-time.ts';
import type { Chance } from './chance.ts';
import { type Life, mortal } from './life.ts';
import type { Scenario } from './scenario.ts';
import type { Trace } from './trace.ts';

const AGAIN_MS = 500;

export interface ReactionSurroundings {
  readonly time: VirtualTime;
  readonly trace: Trace;
  readonly chance: Chance;
  readonly scenario: Scenario;
}

export interface FollowingWorkflows {
  readonly orders: Workflows<Order, OrderCommand, OrderRefusal>;
  readonly transfers: Workflows<Transfer, TransferCommand, TransferRefusal>;
}

/** Tries until the log says where it ends; undefined: the process died before. */
export async function startProcessReactions(
  { time, trace, chance, scenario }: ReactionSurroundings,
  life: Life,
  clock: Clock,
  log: EventLog,
  { orders, transfers, readModel }: FollowingWorkflows & { readonly readModel: () => ReadModel | undefined },
): Promise<Reactions | undefined> {
  const random = chance.fork(`reactions ${time.now()}`).next;
  const [ofOrders, ofTransfers] = [asked(orders, life), asked(transfers, life)];
  const reactions = [
    expiredHolds(ofOrders),
    nextUnits({
      policy: () => scenario.policy,
      async submit(id, command, sender) {
        const answer = await ofOrders.submit(id, command, sender);
        if (answer.outcome === 'accepted') trace.mark('next units', `order ${id} is sourced again`);
        return answer;
      },
      free: (...stock) => readModel()?.availability.free(...stock) ?? 0,
      shortOf: (sku) => readModel()?.projection(ORDERS_PROJECTION).shortOf(sku) ?? [],
      folded: async (...after) =>
        (await mortal(life, readModel()?.waitFor(...after) ?? Promise.resolve(false))) ?? false,
    }),
    ...(scenario.remote ? [madeHolds(ofOrders), setAsideUnits(ofTransfers)] : []),
  ];
  const own = virtualRunnerTime(time);
  for (; life.alive; await time.sleep(AGAIN_MS)) {
    try {
      return await startReactions({
        ...{ log, reactions, checkpoints: memoryCheckpoints() },
        time: {
          ...{ clock, random },
          sleep: (ms, signal) => mortal(life, own.sleep(ms, signal)),
          atTurnEnd: (run) => void time.timers.after(0, run),
        },
        setAside: (name, event, error) =>
          trace.violated('R7', `${name} set ${event.stream}@${event.revision} aside: ${String(error)}`),
      });
    } catch {
      // The log did not answer.
    }
  }
  return undefined;
}

/** What a dead process asked is never answered. */
function asked<S, C, R extends string>(
  workflows: Workflows<S, C, R>,
  life: Life,
): Pick<Workflows<S, C, R>, 'submit' | 'state'> {
  return {
    submit: (...command) => mortal(life, workflows.submit(...command)),
    state: (id) => mortal(life, workflows.state(id)),
  };
}

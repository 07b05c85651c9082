// Puts orders together: the workflow over the stocks, the read model that says where units seem to be free, what goes on
// after a restart, and the reactions that tell orders of expired holds and people of what is short.
import type { Policy } from '../../domain/channel/policy.ts';
import type { CaseSink } from '../../domain/exception/cause.ts';
import { orderWorkflow } from '../../domain/order/workflow.ts';
import { createOrders, ORDERS, type Orders } from '../../projections/orders.ts';
import { changedAt } from '../../projections/orders-pages.ts';
import type { ProjectionDefinition } from '../../projections/projection.ts';
import type { StockActors } from '../actors/answer.ts';
import type { Remedies } from '../cases/remedies.ts';
import { gaugesOf } from '../observe/gauge.ts';
import { spansOf } from '../observe/spans.ts';
import type { ProcessBase } from '../process-room.ts';
import type { Reaction } from '../reactions/reactions.ts';
import { startResuming } from '../workflows/resuming.ts';
import { runWorkflow } from '../workflows/workflows.ts';
import { expiredHolds } from './expired-holds.ts';
import { madeHolds } from './made-holds.ts';
import { nextUnits } from './next-units.ts';
import type { OrderProcess } from './order-process.ts';
import { SHORTFALL_PREFIX, shortfallCases } from './shortfall-cases.ts';
import { sourceAgain } from './source-again.ts';
import { unmappedNames } from './unmapped-names.ts';

export const ORDERS_PROJECTION: ProjectionDefinition<Orders> = { name: ORDERS, create: createOrders };

export interface OpenedOrders {
  readonly orders: OrderProcess;
  readonly reactions: readonly Reaction[];
}

export interface OrdersRoom extends ProcessBase {
  readonly actors: StockActors;
  readonly policy: () => Policy;
  readonly cases: CaseSink;
  readonly remedies: Remedies;
}

export async function openOrders(room: OrdersRoom): Promise<OpenedOrders> {
  const { log, readModel, clock, random, sleep, hashes, soleWriter, logger } = room;
  const { availability } = readModel;
  const rows = () => readModel.projection(ORDERS_PROJECTION);
  const workflows = runWorkflow(orderWorkflow, {
    ...{ log, clock, random, sleep, hashes, soleWriter, stocks: room.actors },
    spans: spansOf(room.telemetry),
    view: () => ({ policy: room.policy(), free: availability.free }),
    troubled: (stream, error) => logger.warn({ stream, error: String(error) }, 'an order is tried again later'),
  });
  const resuming = startResuming({
    ...{ clock, sleep, head: await log.head() },
    folded: readModel.waitFor,
    owing: () => Array.from(rows().owing(), (row) => ({ id: row.id, changedAt: changedAt(row) })),
    resume: workflows.resume,
  });
  room.remedies.add('shortfall', SHORTFALL_PREFIX, sourceAgain(workflows));
  gaugeOrders(room, rows);
  return {
    orders: {
      async submit(id, command, sender) {
        const answer = await workflows.submit(id, command, sender);
        if (answer.outcome !== 'refused') return answer;
        for (const cause of unmappedNames(answer.reason, command, sender.source, room.policy()))
          room.cases.raise(cause);
        return answer;
      },
      state: workflows.state,
      page: (filter, mayList) => rows().page(filter, mayList),
      counts: () => ({ open: rows().open, owing: rows().owingCount }),
      async close() {
        await resuming.close();
        await workflows.close();
      },
    },
    reactions: [
      expiredHolds(workflows),
      // One process alone is told everything that it asked.
      ...(soleWriter ? [] : [madeHolds(workflows)]),
      nextUnits({
        submit: workflows.submit,
        policy: room.policy,
        free: availability.free,
        shortOf: (sku) => rows().shortOf(sku),
        folded: readModel.waitFor,
      }),
      shortfallCases({
        cases: room.cases,
        stateOf: async (id) => (await workflows.state(id))?.state,
        withSku: (sku, max) => rows().withSku(sku, max),
      }),
    ],
  };
}

function gaugeOrders({ telemetry }: OrdersRoom, rows: () => Orders): void {
  const gauge = gaugesOf(telemetry);
  gauge('evenstock.orders.open', '{order}', 'Orders that are open', () => rows().open);
  gauge('evenstock.orders.owing', '{order}', 'Orders that still owe something to stocks', () => rows().owingCount);
}

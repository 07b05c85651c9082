// Puts transfers together: the workflow over the stocks at both ends, what goes on after a restart, the watch for those of
// which nothing is heard, and the reaction that tells people of them.
import type { Telemetry } from '../../adapters/telemetry/telemetry.ts';
import type { Policy } from '../../domain/channel/policy.ts';
import type { Hashes } from '../../domain/event-id.ts';
import type { EventLog } from '../../domain/event-log.ts';
import type { CaseSink } from '../../domain/exception/cause.ts';
import type { Clock } from '../../domain/time.ts';
import { stuckAfterMs } from '../../domain/transfer/policy.ts';
import { transferWorkflow } from '../../domain/transfer/workflow.ts';
import type { ReadModel } from '../../projections/read-model.ts';
import { TRANSFERS_PROJECTION, type TransferRow, type Transfers } from '../../projections/transfers.ts';
import type { StockActors } from '../actors/answer.ts';
import type { Remedies, Tried } from '../cases/remedies.ts';
import type { Logger } from '../logging.ts';
import { gaugesOf } from '../observe/gauge.ts';
import { spansOf } from '../observe/spans.ts';
import type { Reaction } from '../reactions/reactions.ts';
import { startResuming } from '../workflows/resuming.ts';
import { runWorkflow } from '../workflows/workflows.ts';
import { watchOverdue } from './overdue.ts';
import { setAsideUnits } from './set-aside.ts';
import { CASE_KEY_PREFIX, stuckCases } from './stuck-cases.ts';
import type { Running, TransferProcess } from './transfer-process.ts';

export interface OpenedTransfers {
  readonly transfers: TransferProcess;
  readonly reactions: readonly Reaction[];
}

export interface TransfersRoom {
  readonly log: EventLog;
  /** With `TRANSFERS_PROJECTION` among its projections. */
  readonly readModel: Pick<ReadModel, 'projection' | 'waitFor'>;
  readonly actors: Pick<StockActors, 'submit'>;
  readonly policy: () => Policy;
  readonly clock: Clock;
  readonly random: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly hashes: Hashes;
  readonly soleWriter: boolean;
  readonly cases: CaseSink;
  readonly remedies: Pick<Remedies, 'add'>;
  readonly logger: Pick<Logger, 'warn'>;
  readonly telemetry: Telemetry | undefined;
}

const SELF = { source: 'evenstock' } as const;

export async function openTransfers(room: TransfersRoom): Promise<OpenedTransfers> {
  const { log, readModel, clock, random, sleep, hashes, soleWriter, logger } = room;
  const rows = () => readModel.projection(TRANSFERS_PROJECTION);
  const workflows = runWorkflow(transferWorkflow, {
    ...{ log, clock, random, sleep, hashes, soleWriter, stocks: room.actors },
    spans: spansOf(room.telemetry),
    view: () => ({ policy: room.policy(), free: () => 0 }),
    troubled: (stream, error) => logger.warn({ stream, error: String(error) }, 'a transfer is tried again later'),
  });
  const following = { clock, sleep, head: await log.head(), folded: readModel.waitFor };
  const resuming = startResuming({ ...following, owing: () => owingOf(rows()), resume: workflows.resume });
  const watching = watchOverdue({
    ...following,
    open: () => rows().all(),
    stuckAfterMs: () => stuckAfterMs(room.policy().document.transfers),
    // No sender's id has a space in it: nobody else can have used up this one.
    tell: ({ id, heardAt }) => workflows.submit(id, { type: 'overdue', id: `overdue since ${heardAt}` }, SELF),
  });
  room.remedies.add('stuck-transfer', CASE_KEY_PREFIX, (state) => askAgain(state.subject.transferId, workflows));
  gaugeTransfers(room.telemetry, rows);
  return {
    transfers: {
      submit: workflows.submit,
      state: workflows.state,
      page: (filter, mayList) => rows().page(filter, mayList),
      atStock: (sku, location, max) => rows().atStock(sku, location, max),
      async close() {
        await Promise.all([resuming.close(), watching.close()]);
        await workflows.close();
      },
    },
    reactions: [
      stuckCases({ cases: room.cases, stateOf: async (id) => (await workflows.state(id))?.state }),
      // One process alone is told everything that it asked.
      ...(soleWriter ? [] : [setAsideUnits(workflows)]),
    ],
  };
}

/** All that can be done without people: what is owed to stocks is asked again. */
async function askAgain(id: string | undefined, { resume, state }: Pick<Running, 'resume' | 'state'>): Promise<Tried> {
  if (id !== undefined) await resume(id);
  const now = id === undefined ? undefined : (await state(id))?.state;
  if (now === undefined) return { detail: 'there is no such transfer', isGone: true };
  const owed = now.owed.length === 0 ? 'its stocks have answered all' : `stocks have yet to answer ${now.owed.length}`;
  return { detail: `${owed}; ${now.stuck ? 'nothing was heard of it' : 'it was heard of'}`, isGone: !now.stuck };
}

function owingOf(transfers: Transfers): readonly TransferRow[] {
  return [...transfers.all()].filter(({ owed }) => owed > 0);
}

function gaugeTransfers(telemetry: Telemetry | undefined, rows: () => Transfers): void {
  const gauge = gaugesOf(telemetry);
  gauge('evenstock.transfers.open', '{transfer}', 'Transfers that are open', () => rows().size);
  gauge('evenstock.transfers.stuck', '{transfer}', 'Of them, those of which nothing was heard for too long', () =>
    rows().stuck(),
  );
}

// Clients of transfers: somebody asks for one, and the two ends tell what left, came, went missing, was refused or went
// back, in any order, in parts, right or wrong.
import type { TransferCommand, TransferRefusal } from '../../domain/transfer/commands.ts';
import type { Transfer } from '../../domain/transfer/transfer.ts';
import { transferWorkflow } from '../../domain/transfer/workflow.ts';
import { type ClientRoom, createClients, newSubject, type Subject } from './workflow-clients.ts';

export type SentTransfer = Subject<TransferRefusal>;

export interface TransferTraffic {
  readonly transfers: readonly SentTransfer[];
  /** Asks for one, or tells something of one. */
  any(): void;
  /** Nothing new is said any more. */
  end(): void;
  unsettled(): number;
}

const PAUSE_MS_MAX = 30_000;
const TOLD = { dispatch: 35, receive: 30, short: 8, over: 5, reject: 8, return: 6, cancel: 8 } as const;

export function createTransferTraffic(room: ClientRoom): TransferTraffic {
  const { time, chance, trace } = room;
  const { send, unsettled } = createClients<Transfer, TransferCommand, TransferRefusal>(room, {
    category: transferWorkflow.category,
    owed: ({ data }) => (data['after'] as { readonly owed: number }).owed,
    of: ({ workflows }) => workflows.transfers,
    statusOf: ({ status }) => status,
    settled({ status, discrepancies }) {
      if (status === 'refused' || status === 'requested' || status === 'cancelled' || status === 'completed') {
        trace.mark(`transfer ${status}`);
      }
      if (discrepancies.length > 0) trace.mark('transfer with a discrepancy');
    },
  });
  const transfers: SentTransfer[] = [];
  let sent = 0;
  let ended = false;

  const tell = (of: SentTransfer) => {
    sent += 1;
    return send(of, someTold(room, `t${sent}`));
  };
  /** What its two ends say of it, one thing after another. */
  const follow = async (of: SentTransfer, asked: TransferCommand) => {
    await send(of, asked);
    for (let more = chance.between(0, 6); more > 0; more -= 1) {
      await time.sleep(chance.wide(1, PAUSE_MS_MAX));
      if (ended) return;
      await tell(of);
    }
  };
  return {
    transfers,
    any() {
      // Somebody else speaks of it, whatever has come of it.
      if (transfers.length > 0 && chance.maybe(0.3)) return void tell(chance.pick(transfers));
      sent += 1;
      const of: SentTransfer = newSubject(`${sent}`);
      transfers.push(of);
      void follow(of, someOpen(room, of.id));
    },
    end() {
      ended = true;
    },
    unsettled,
  };
}

function someOpen({ scenario, chance }: ClientRoom, transferId: string): TransferCommand {
  const from = chance.pick(scenario.locations);
  const to = chance.pick(scenario.locations.filter((location) => location !== from));
  return { type: 'open', id: `t${transferId}`, transferId, from, to, lines: someLines({ scenario, chance }, 5) };
}

function someTold({ scenario, chance }: ClientRoom, id: string): TransferCommand {
  const type = chance.weighted(TOLD);
  if (type === 'cancel') return { type, id };
  const told = { id, lines: someLines({ scenario, chance }, 3) };
  const reason = 'simulated';
  if (type === 'short') return { type, ...told, leg: chance.pick(['out', 'back']), reason };
  return type === 'reject' || type === 'over' ? { type, ...told, reason } : { type, ...told };
}

function someLines({ scenario, chance }: Pick<ClientRoom, 'scenario' | 'chance'>, unitsMax: number) {
  const skus = scenario.skus.filter(() => chance.maybe(0.5));
  return (skus.length === 0 ? [chance.pick(scenario.skus)] : skus).map((sku) => {
    return { sku, quantity: chance.between(1, unitsMax) };
  });
}

// The transfer as a workflow (domain/workflow.ts): the commands of one SKU are owed one after another, those of different
// SKUs side by side.
import type { RecordedEvent } from '../event-log.ts';
import type { StockCommand } from '../stock/commands.ts';
import type { Sku } from '../stock/stream.ts';
import { readVersioned } from '../versioned-event.ts';
import type { Workflow, WorkflowFrame } from '../workflow.ts';
import type { TransferCommand, TransferRefusal } from './commands.ts';
import { decide } from './decide.ts';
import { TRANSFER_EVENT_TYPES, TRANSFER_EVENT_VERSION, TRANSFER_UPCASTERS, type TransferEvent } from './events.ts';
import { evolve } from './evolve.ts';
import { newTransfer, type Transfer } from './transfer.ts';

const CATEGORY = 'transfer';

export const transferWorkflow: Workflow<Transfer, TransferCommand, TransferEvent, TransferRefusal> = {
  category: CATEGORY,
  version: TRANSFER_EVENT_VERSION,
  types: TRANSFER_EVENT_TYPES,
  upcasters: TRANSFER_UPCASTERS,
  initial: newTransfer,
  decide,
  evolve: (transfer, event) => evolve(transfer, event, event.recordedAt),
  owed,
  // Two processes may hear different answers to the same commands: the id says which. No sender's id has a space in it.
  record: (_, answers) => ({
    type: 'record',
    id: `answered ${answers[0]!.command.id} ${answers.map(({ answer }) => answer.outcome[0]).join('')}`,
    answers: answers.map(({ command, answer }) => ({
      commandId: command.id,
      outcome: answer.outcome,
      ...(answer.outcome === 'refused' ? { reason: answer.reason, detail: answer.detail } : undefined),
      ...(answer.outcome !== 'refused' && command.type === 'transfer.request' ? { keeps: command.sku } : undefined),
    })),
  }),
};

function owed(transfer: Transfer): readonly StockCommand[] {
  const first = new Map<Sku, StockCommand>();
  for (const command of transfer.owed) if (!first.has(command.sku)) first.set(command.sku, command);
  return [...first.values()];
}

/** The transfer of a transfer stream, undefined for any other stream. */
export function parseTransferStream(stream: string): string | undefined {
  return stream.startsWith(`${CATEGORY}-`) ? stream.slice(CATEGORY.length + 1) : undefined;
}

/** An event of a transfer stream in the version written now. @throws UnknownEventVersion */
export function readTransferEvent(recorded: RecordedEvent): TransferEvent & WorkflowFrame {
  const event = readVersioned(recorded, TRANSFER_EVENT_VERSION, TRANSFER_EVENT_TYPES, TRANSFER_UPCASTERS);
  return event as unknown as TransferEvent & WorkflowFrame;
}

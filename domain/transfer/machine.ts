// The life of a transfer as a statechart: which of its events can happen in which status, and where they lead. Deciding
// asks it which commands a status takes, folding asks it for the next status; there is no second list of either.
// The diagram in docs/transfer.mmd is this machine; a test keeps them equal. No status is final: units that leave, or that
// turn out to have left, are taken up after the end too. That nothing was heard for too long is an event that the process
// manager's clock causes, never a machine's timer (design 2).
import { createMachine } from 'xstate';
import { transitionTable } from '../flat-machine.ts';

export const transferMachine = createMachine({
  id: 'transfer',
  initial: 'new',
  states: {
    new: { on: { TransferOpened: 'requesting' } },
    requesting: {
      on: {
        TransferSetAside: 'requested',
        TransferDeclined: 'refused',
        TransferCalledOff: 'cancelled',
        TransferUnitsDispatched: 'underway',
        TransferUnitsOver: 'requesting',
        TransferStuck: 'requesting',
      },
    },
    requested: {
      on: {
        TransferCalledOff: 'cancelled',
        TransferUnitsDispatched: 'underway',
        TransferUnitsOver: 'requested',
        TransferStuck: 'requested',
      },
    },
    underway: {
      on: {
        TransferUnitsDispatched: 'underway',
        TransferUnitsReceived: 'underway',
        TransferUnitsOver: 'underway',
        TransferUnitsShort: 'underway',
        TransferUnitsRejected: 'underway',
        TransferUnitsReturned: 'underway',
        TransferCalledOff: 'underway',
        TransferStuck: 'underway',
        TransferCompleted: 'completed',
      },
    },
    completed: { on: { TransferUnitsDispatched: 'underway', TransferUnitsOver: 'completed' } },
    cancelled: { on: { TransferUnitsDispatched: 'underway', TransferUnitsOver: 'cancelled' } },
    refused: { on: { TransferUnitsDispatched: 'underway', TransferUnitsOver: 'refused' } },
  },
});

export const TRANSFER_STATUSES = [
  'new',
  'requesting',
  'requested',
  'underway',
  'completed',
  'cancelled',
  'refused',
] as const;
export type TransferStatus = (typeof TRANSFER_STATUSES)[number];

const TABLE = transitionTable<TransferStatus>(transferMachine);

/** Where an event leads from this status; undefined: it cannot happen there. */
export function statusAfter(status: TransferStatus, eventType: string): TransferStatus | undefined {
  return TABLE.get(status)?.get(eventType);
}

/** Nothing is set aside, under way or on the way back. */
export function isEnded(status: TransferStatus): boolean {
  return status === 'completed' || status === 'cancelled' || status === 'refused';
}

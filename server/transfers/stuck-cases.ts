// Makes a case of a transfer that is stuck, and says when something was heard of it again. By the transfer as it is now, not
// as the event says: so an event seen twice, or late, tells nothing that has passed.

import type { CaseSink, Cause } from '../../domain/exception/cause.ts';
import { plural } from '../../domain/plural.ts';
import { comingBack, setAside, type Transfer, type TransferLine, underWay } from '../../domain/transfer/transfer.ts';
import { parseTransferStream, readTransferEvent } from '../../domain/transfer/workflow.ts';
import type { Reaction } from '../reactions/reactions.ts';

export interface StuckCasesOptions {
  readonly cases: CaseSink;
  /** Undefined: there is no such transfer. */
  readonly stateOf: (id: string) => Promise<Transfer | undefined>;
}

export function stuckCases({ cases, stateOf }: StuckCasesOptions): Reaction {
  return {
    name: 'transfers-stuck-cases',
    concerns: ({ stream }) => parseTransferStream(stream) !== undefined,
    async on(recorded) {
      const { stream, revision } = recorded;
      const id = parseTransferStream(stream);
      // One that was never stuck has no case that could close.
      if (id === undefined || readTransferEvent(recorded).after.timesStuck === 0) return;
      const transfer = await stateOf(id);
      if (transfer === undefined) return;
      if (transfer.stuck) cases.raise(causeOf(transfer, `${stream}@${revision}`));
      else cases.cleared('stuck-transfer', keyOf(transfer));
    },
  };
}

export const CASE_KEY_PREFIX = 'transfer:';

function keyOf({ id }: Transfer): string {
  return `${CASE_KEY_PREFIX}${id}`;
}

function causeOf(transfer: Transfer, event: string): Cause {
  const { id, from, to, heardAt } = transfer;
  const sum = (units: (line: TransferLine) => number) =>
    [...transfer.lines.values()].reduce((total, line) => total + units(line), 0);
  const [kept, out, back] = [sum(setAside), sum(underWay), sum(comingBack)];
  const send = (command: string) => `send ${command} to /v1/transfers/${id}/commands`;
  return {
    kind: 'stuck-transfer',
    key: keyOf(transfer),
    // Whoever can find out more: where the units should be.
    subject: { transferId: id, location: out > 0 ? to : from, event },
    detail:
      `nothing was heard of transfer ${id} from ${from} to ${to} since ${new Date(heardAt).toISOString()}: ` +
      `${plural(kept, 'unit is', 'units are')} set aside, ${out} under way, ${back} on the way back`,
    units: kept + out + back,
    proposals: [
      ...(kept > 0 ? [`${send('dispatch')} if it has left, or cancel, which frees what is set aside`] : []),
      ...(out > 0 ? [`${send('receive')} if it has arrived, short for what will not, reject for what went back`] : []),
      ...(back > 0 ? [`${send('return')} if it is back, or short with leg back for what is lost`] : []),
    ],
  };
}

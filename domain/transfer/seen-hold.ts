// Units set aside for a transfer that were met in the log. Where several processes ask the stocks, one may be told that a
// stock refused them, and write that down, while another is told that they are set aside and ends before it can say so.
import type { Sku } from '../stock/stream.ts';
import type { TransferCommand } from './commands.ts';
import { lineOf, type Transfer } from './transfer.ts';

/** The command that tells the transfer of it; undefined: the transfer knows. */
export function seenHold(transfer: Transfer, commandId: string, sku: Sku): TransferCommand | undefined {
  const isAsked = transfer.owed.some(({ id }) => id === commandId);
  if (!isAsked && lineOf(transfer, sku).unkept !== true) return undefined;
  // No sender's id has a space in it: nobody else can have used up this one.
  return { type: 'record', id: `seen ${commandId}`, answers: [{ commandId, outcome: 'accepted', keeps: sku }] };
}

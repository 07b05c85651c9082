// Judges the steps of a transfer at one of its two ends. Only asking for one, and giving it up, can be refused: what
// left or arrived has happened.
import type { StockCommand } from './commands.ts';
import { type Stock, transferHold } from './stock.ts';
import { consumes, promised, refused, type StockPolicy, unlessShort, type Verdict } from './verdict.ts';

type TransferCommand = Extract<StockCommand, { transferId: string }>;

export function judgeTransfer(stock: Stock, command: TransferCommand, policy: StockPolicy): Verdict {
  const { transferId } = command;
  if (command.type === 'transfer.cancel') {
    const hold = stock.reservations.get(transferHold(transferId));
    if (hold === undefined) return refused('unknown-transfer', `nothing is set aside here for ${transferId}`);
    return { type: 'TransferCancelled', transferId, quantity: promised(hold) };
  }
  const { quantity } = command;
  switch (command.type) {
    case 'transfer.request': {
      if (command.to === command.location) return refused('same-location', 'a transfer leads to another location');
      if (stock.reservations.has(transferHold(transferId)))
        return refused('transfer-exists', `${transferId} is already requested`);
      return (
        unlessShort(stock, quantity, undefined, policy) ?? {
          type: 'TransferRequested',
          transferId,
          quantity,
          to: command.to,
        }
      );
    }
    case 'transfer.dispatch':
      return {
        type: 'TransferDispatched',
        transferId,
        quantity,
        to: command.to,
        ...consumes(stock, transferHold(transferId), quantity),
      };
    case 'transfer.settle':
      return { type: 'TransferSettled', transferId, quantity };
    case 'transfer.expect':
      return { type: 'TransferExpected', transferId, quantity, from: command.from };
    case 'transfer.receive':
      return { type: 'TransferReceived', transferId, quantity, from: command.from };
    case 'transfer.short':
      return { type: 'TransferShort', transferId, quantity, end: command.end };
    case 'transfer.over':
      return { type: 'TransferOver', transferId, quantity, end: command.end };
  }
}

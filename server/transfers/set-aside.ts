// Tells a transfer of units set aside that it does not count on, so that they are kept or freed: see
// domain/transfer/seen-hold.ts.
import { readStockEvent } from '../../domain/stock/events.ts';
import { parseStockStream } from '../../domain/stock/stream.ts';
import { seenHold } from '../../domain/transfer/seen-hold.ts';
import { decided, type Reaction } from '../reactions/reactions.ts';
import type { TransferProcess } from './transfer-process.ts';

export function setAsideUnits({ submit, state }: Pick<TransferProcess, 'submit' | 'state'>): Reaction {
  return {
    name: 'transfers-set-aside',
    concerns: ({ type }) => type === 'TransferRequested',
    async on(recorded) {
      const stock = parseStockStream(recorded.stream);
      const event = stock === undefined ? undefined : readStockEvent(recorded);
      if (stock === undefined || event?.type !== 'TransferRequested') return;
      const { transferId, commandId } = event;
      const transfer = (await state(transferId))?.state;
      // Anybody may ask a stock for a transfer of their own, under any id.
      if (transfer === undefined || !commandId.startsWith(`transfer:${transferId}:`)) return;
      const command = seenHold(transfer, commandId, stock.sku);
      if (command !== undefined) decided(await submit(transferId, command, { source: 'evenstock' }));
    },
  };
}

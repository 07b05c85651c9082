// What each movement of a transfer owes the stocks at its two ends. The order matters, because the commands of one SKU are
// asked one after another: units leave one side before they show on the other, and a side is told that they are under way
// before it is told that they are no more. So at every moment no unit can be sold twice and none is forgotten (P7).
import type { StockCommand } from '../stock/commands.ts';
import type { Sku } from '../stock/stream.ts';
import type { Instant } from '../time.ts';
import type { TransferHappening } from './events.ts';
import { setAside, type Transfer, type TransferLine } from './transfer.ts';

type End = 'origin' | 'destination';
type Ask =
  | readonly [at: End, type: 'transfer.request' | 'transfer.cancel' | 'transfer.dispatch']
  | readonly [at: End, type: 'transfer.expect' | 'transfer.receive' | 'transfer.settle']
  /** `end` as the stock takes it: of units that leave (origin) or come (destination). */
  | readonly [at: End, type: 'transfer.short' | 'transfer.over', end: End];

const DISPATCH: readonly Ask[] = [
  ['origin', 'transfer.dispatch'],
  ['destination', 'transfer.expect'],
];
const RECEIVE: readonly Ask[] = [
  ['destination', 'transfer.receive'],
  ['origin', 'transfer.settle'],
];
const OVER: readonly Ask[] = [
  ['origin', 'transfer.over', 'origin'],
  ['destination', 'transfer.over', 'destination'],
  ['destination', 'transfer.receive'],
];
const SHORT: readonly Ask[] = [
  ['destination', 'transfer.short', 'destination'],
  ['origin', 'transfer.short', 'origin'],
];
const SHORT_BACK: readonly Ask[] = [['origin', 'transfer.short', 'destination']];
const REJECT: readonly Ask[] = [
  ['destination', 'transfer.short', 'destination'],
  ['origin', 'transfer.expect'],
  ['origin', 'transfer.settle'],
];
const RETURN: readonly Ask[] = [['origin', 'transfer.receive']];

/** What a movement owes for each of its lines. */
export function asksOf(event: Extract<TransferHappening, { occurredAt: Instant }>): readonly Ask[] {
  switch (event.type) {
    case 'TransferUnitsDispatched':
      return DISPATCH;
    case 'TransferUnitsReceived':
      return RECEIVE;
    case 'TransferUnitsOver':
      return OVER;
    case 'TransferUnitsShort':
      return event.leg === 'out' ? SHORT : SHORT_BACK;
    case 'TransferUnitsRejected':
      return REJECT;
    case 'TransferUnitsReturned':
      return RETURN;
  }
}

export interface Owing {
  readonly sku: Sku;
  readonly quantity: number;
  readonly asks: readonly Ask[];
  /** Undefined for a request: when it is judged. */
  readonly occurredAt?: Instant | undefined;
}

const REQUEST: readonly Ask[] = [['origin', 'transfer.request']];
const CANCEL: readonly Ask[] = [['origin', 'transfer.cancel']];

export function requestOf({ sku, requested }: TransferLine): Owing {
  return { sku, quantity: requested, asks: REQUEST };
}

/** Takes back what is set aside, also before the stock has said that it is. */
export function releaseOf(line: TransferLine): Owing {
  return { sku: line.sku, quantity: setAside(line), asks: CANCEL };
}

/** The transfer owing these after all it owes already. Ids count on, so the same events owe the same commands. */
export function owing(transfer: Transfer, more: readonly Owing[]): Transfer {
  const owed = [...transfer.owed];
  let { asked } = transfer;
  for (const { asks, ...rest } of more) {
    for (const ask of asks) {
      owed.push(stockCommand(transfer, `transfer:${transfer.id}:${asked}`, ask, rest));
      asked += 1;
    }
  }
  return { ...transfer, owed, asked };
}

function stockCommand(
  { id: transferId, from, to }: Transfer,
  id: string,
  [at, type, end]: Ask,
  { sku, quantity, occurredAt = 0 }: Omit<Owing, 'asks'>,
): StockCommand {
  const [location, other] = at === 'origin' ? [from, to] : [to, from];
  const request = { id, sku, location, transferId, correlationId: `transfer:${transferId}` };
  const fact = { ...request, quantity, occurredAt };
  switch (type) {
    case 'transfer.request':
      return { ...request, type, quantity, to: other };
    case 'transfer.cancel':
      return { ...request, type };
    case 'transfer.dispatch':
      return { ...fact, type, to: other };
    case 'transfer.expect':
    case 'transfer.receive':
      return { ...fact, type, from: other };
    case 'transfer.settle':
      return { ...fact, type };
    case 'transfer.short':
    case 'transfer.over':
      return { ...fact, type, end };
  }
}

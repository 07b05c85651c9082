// The state of one transfer between two locations: per SKU what was asked for, left, arrived, went missing or went back,
// and the commands it owes the stocks at both ends. It is the fold of its events.
import type { StockCommand } from '../stock/commands.ts';
import type { LocationId, Sku } from '../stock/stream.ts';
import type { RefusalReason } from '../stock/verdict.ts';
import type { Instant } from '../time.ts';
import type { Figures, Standing, Units } from './events.ts';
import { isEnded, type TransferStatus } from './machine.ts';

/** Units set aside at the origin. `none`: never asked for; they left all the same. */
export type Hold = 'none' | 'asked' | 'kept' | 'refused' | 'released';

export interface TransferLine {
  readonly sku: Sku;
  readonly requested: number;
  readonly hold: Hold;
  /** The stock said that it does not keep them; it may turn out that it does (domain/transfer/seen-hold.ts). */
  readonly unkept?: boolean | undefined;
  /** Why its units could not be set aside. */
  readonly refusal?: { readonly reason: RefusalReason; readonly detail: string } | undefined;
  readonly dispatched: number;
  /** Taken at the destination, of those dispatched. */
  readonly received: number;
  /** Taken at the destination, and never said to have left. */
  readonly over: number;
  readonly short: number;
  /** Refused at the destination: on the way back, back, or lost on the way back. */
  readonly rejected: number;
  readonly returned: number;
  readonly shortBack: number;
}

/** Where what arrived differs from what left, and why. */
export interface Discrepancy {
  readonly type: 'short' | 'over' | 'rejected';
  readonly leg?: 'out' | 'back';
  readonly occurredAt: Instant;
  readonly reason?: string;
  readonly lines: readonly Units[];
}

export interface Transfer {
  readonly id: string;
  readonly status: TransferStatus;
  readonly from: LocationId;
  readonly to: LocationId;
  readonly openedAt: Instant;
  /** When something was last heard of it, by our clock. */
  readonly heardAt: Instant;
  /** It was found stuck, and nothing was heard of it since. */
  readonly stuck: boolean;
  readonly timesStuck: number;
  readonly lines: ReadonlyMap<Sku, TransferLine>;
  readonly discrepancies: readonly Discrepancy[];
  /** Not answered yet; those of one SKU are asked one after another, in this order. */
  readonly owed: readonly StockCommand[];
  /** Commands owed so far: their ids count on. */
  readonly asked: number;
}

export function newTransfer(id: string): Transfer {
  return {
    id,
    status: 'new',
    from: '',
    to: '',
    openedAt: 0,
    heardAt: 0,
    stuck: false,
    timesStuck: 0,
    lines: new Map(),
    discrepancies: [],
    owed: [],
    asked: 0,
  };
}

export function lineOf({ lines }: Transfer, sku: Sku): TransferLine {
  return lines.get(sku) ?? emptyLine(sku);
}

export function emptyLine(sku: Sku): TransferLine {
  return {
    sku,
    requested: 0,
    hold: 'none',
    dispatched: 0,
    received: 0,
    over: 0,
    short: 0,
    rejected: 0,
    returned: 0,
    shortBack: 0,
  };
}

/** Units set aside at the origin that have not left. */
export function setAside({ hold, requested, dispatched }: TransferLine): number {
  return hold === 'asked' || hold === 'kept' ? Math.max(0, requested - dispatched) : 0;
}

/** Units that left the origin and are not accounted for. */
export function underWay({ dispatched, received, short, rejected }: TransferLine): number {
  return dispatched - received - short - rejected;
}

/** Units refused at the destination that are not back. */
export function comingBack({ rejected, returned, shortBack }: TransferLine): number {
  return rejected - returned - shortBack;
}

/** Nothing is expected of any line any more. */
export function isAccountedFor({ lines }: Transfer): boolean {
  return [...lines.values()].every((line) => setAside(line) + underWay(line) + comingBack(line) === 0);
}

/** Somebody has yet to send, take, answer or explain something. */
export function isOpen({ status, owed }: Pick<Standing, 'status' | 'owed'>): boolean {
  return !isEnded(status) || owed > 0;
}

/** How the transfer stands, with the figures of the lines that differ from those of `before`. */
export function standingOf(transfer: Transfer, before: Transfer): Standing {
  const { from, to, status, owed, openedAt, heardAt, stuck, timesStuck } = transfer;
  const figures: Figures[] = [];
  for (const [sku, line] of transfer.lines) {
    if (line !== before.lines.get(sku)) figures.push([sku, setAside(line), underWay(line), comingBack(line)]);
  }
  return { from, to, status, owed: owed.length, openedAt, heardAt, stuck, timesStuck, figures };
}

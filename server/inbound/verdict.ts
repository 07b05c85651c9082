// What becomes of a message: taken, to be tried again, or set aside. Pure: which answers of orders and stocks are final,
// which pass, and which say that it was so already.
import { ABOUT_LENGTH_MAX, plainText, REASON_LENGTH_MAX, type UnmappedName } from '../../domain/inbound/events.ts';
import type { OrderRefusal } from '../../domain/order/commands.ts';
import type { OrderStatus } from '../../domain/order/machine.ts';

export type Verdict =
  | { readonly kind: 'taken' }
  /** Nothing can be taken now: whoever tells it should tell it again, or the poll waits. */
  | { readonly kind: 'busy'; readonly reason: string; readonly afterMs?: number | undefined }
  | SetAside;

export interface SetAside {
  readonly kind: 'aside';
  readonly why: 'later' | 'unmapped' | 'malformed' | 'refused';
  readonly reason: string;
  readonly name?: UnmappedName | undefined;
  /** The refusal, by its name. */
  readonly refusal?: string | undefined;
}

export const TAKEN: Verdict = { kind: 'taken' };

export function aside(why: SetAside['why'], reason: string, more: Pick<SetAside, 'name' | 'refusal'> = {}): SetAside {
  return { kind: 'aside', why, reason: plainText(reason, REASON_LENGTH_MAX), ...more };
}

export function shortAbout(about: string): string {
  return plainText(about, ABOUT_LENGTH_MAX) || 'a message';
}

type OrderCommandType = 'place' | 'extend' | 'renew' | 'confirm' | 'fulfil' | 'cancel' | 'return' | 'source';

/** It is as the command wants it, whoever brought that about; or nothing of it is left to be cancelled. */
const ALREADY: Readonly<Partial<Record<OrderCommandType, ReadonlySet<OrderStatus>>>> = {
  confirm: new Set(['confirming', 'confirmed', 'partlyFulfilled', 'fulfilled']),
  extend: new Set(['cancelled', 'refused', 'expired']),
  cancel: new Set(['fulfilled', 'cancelled', 'refused', 'expired']),
};
/** The stocks have not answered yet: then it will be in another status by itself. */
const UNDER_WAY: ReadonlySet<OrderStatus> = new Set(['reserving', 'confirming']);

/** @param status of the order now */
export function ofOrderRefusal(
  type: OrderCommandType,
  reason: OrderRefusal,
  detail: string,
  status: OrderStatus,
): Verdict {
  if (type === 'place' && reason === 'order-exists') return TAKEN;
  if (reason === 'not-in-this-status') {
    if (ALREADY[type]?.has(status)) return TAKEN;
    if (UNDER_WAY.has(status)) return aside('later', detail);
  }
  if (reason === 'unknown-order') return aside('later', detail, { refusal: reason });
  return aside('refused', detail, { refusal: reason });
}

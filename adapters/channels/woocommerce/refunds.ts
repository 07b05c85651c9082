// The units of an order's refunds. An order only names its refunds; what they are of has to be asked for, and only of orders
// that have some (REST API v3, /orders/<id>/refunds: quantities are below 0, and 0 where only money went back).
import { z } from 'zod';
import { type Unread, unreadOf, unreadOfError } from '../http-reading.ts';
import { jsonOf } from '../json.ts';
import { saidIn, type WooApi } from './api.ts';
import { type WooOrder, WooRefund } from './orders.ts';

const REFUNDS_MAX = 100;
const Answer = z.array(WooRefund).max(REFUNDS_MAX);

/** Asks for none that the order does not name. */
export async function readRefunds(
  api: WooApi,
  { id, refunds }: WooOrder,
  nowMs: number,
  signal: AbortSignal,
): Promise<readonly WooRefund[] | Unread> {
  if (refunds.length === 0) return [];
  try {
    const answer = await api.get(`/orders/${id}/refunds`, { per_page: String(REFUNDS_MAX) }, signal);
    const unread = unreadOf(answer, nowMs, saidIn(answer));
    if (unread !== undefined) return unread;
    const read = Answer.safeParse(jsonOf(answer.text));
    return read.success ? read.data : { kind: 'later', reason: `the refunds of order ${id} are not as agreed` };
  } catch (error) {
    return unreadOfError(error);
  }
}

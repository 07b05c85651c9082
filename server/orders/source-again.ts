// `retry` for an order that is short: looks again for what is missing. The command's id derives from the revision of the
// order, so a retry that is repeated sources nothing twice.
import { isOpen } from '../../domain/order/machine.ts';
import { bySku, type Order } from '../../domain/order/order.ts';
import type { Remedy } from '../cases/remedies.ts';
import type { OrderProcess } from './order-process.ts';

export function sourceAgain({ submit, state }: Pick<OrderProcess, 'submit' | 'state'>): Remedy {
  return async ({ subject: { orderId = '', sku = '' } }) => {
    const before = await state(orderId);
    if (before === undefined) return { isGone: true, detail: `there is no order ${orderId}` };
    const command = { type: 'source', id: `source at ${before.revision}` } as const;
    const answer = await submit(orderId, command, { source: 'evenstock' });
    if (answer.outcome === 'failed') throw new Error(answer.detail);
    const after = (await state(orderId))?.state ?? before.state;
    const [was, is] = [shortOf(before.state, sku), shortOf(after, sku)];
    if (is === 0) return { isGone: true, detail: `order ${orderId} is not short of ${sku} any more` };
    const why = answer.outcome === 'refused' ? answer.detail : `${was - is} could be reserved`;
    return { isGone: false, detail: `order ${orderId} is short of ${is} of ${sku}: ${why}` };
  };
}

function shortOf({ status, short }: Order, sku: string): number {
  return isOpen(status) ? (bySku(short).get(sku) ?? 0) : 0;
}

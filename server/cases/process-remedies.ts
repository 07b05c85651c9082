// `retry` for the cases that other process managers raise: an order that is short is sourced again, a channel that differs
// is compared again. What comes of it closes the case where they see that its cause is gone.
import type { Hashes } from '../../domain/event-id.ts';
import type { Case } from '../../domain/exception/case.ts';
import type { OrderProcess } from '../orders/order-process.ts';
import type { Reconciliation } from '../reconciliation/open-reconciliation.ts';
import type { Remedies, Remedy } from './remedies.ts';

export interface RemedyingProcesses {
  readonly orders: Pick<OrderProcess, 'submit'>;
  readonly reconciliation: Pick<Reconciliation, 'start' | 'readStatementOf'>;
}

const SELF = 'evenstock';

export function addProcessRemedies(
  remedies: Remedies,
  { orders, reconciliation }: RemedyingProcesses,
  hashes: Pick<Hashes, 'sha1Hex'>,
): void {
  remedies.add('shortfall', 'order:', sourceAgain(orders));
  const compare = compareAgain(reconciliation, hashes);
  for (const kind of ['drift', 'unmapped-sku'] as const) remedies.add(kind, 'reconciliation:', compare);
}

function sourceAgain(orders: RemedyingProcesses['orders']): Remedy {
  return async ({ id, retry, subject: { orderId = '', sku = '' } }) => {
    const answer = await orders.submit(orderId, { type: 'source', id: `${id}:${retry}` }, { source: SELF });
    if (answer.outcome === 'failed') throw new Error(answer.detail);
    if (answer.outcome === 'refused') return { isGone: false, detail: `order ${orderId}: ${answer.detail}` };
    const short = answer.state.short.filter((line) => line.sku === sku).reduce((sum, line) => sum + line.quantity, 0);
    if (short === 0) return { isGone: true, detail: `order ${orderId} is not short of ${sku} any more` };
    return { isGone: false, detail: `order ${orderId} was sourced again and is short of ${short} of ${sku}` };
  };
}

/** A run of its own, which is looked at by the id that is told. Books of other systems are uploaded by whoever has them. */
function compareAgain(
  reconciliation: RemedyingProcesses['reconciliation'],
  { sha1Hex }: Pick<Hashes, 'sha1Hex'>,
): Remedy {
  return async ({ id, retry, subject: { channel, source } }: Case) => {
    const read = channel === undefined ? undefined : reconciliation.readStatementOf(channel);
    if (channel === undefined || read === undefined)
      return { isGone: false, detail: `upload a statement of ${channel ?? source}: it cannot be read from here` };
    const started = await reconciliation.start({
      ...{ id: `${channel}-case-${sha1Hex(`${id}:${retry}`).slice(0, 12)}`, subject: { channel } },
      ...{ cause: 'on-demand', by: SELF, correct: true, source: { kind: 'adapter', read } },
    });
    if (started.outcome === 'refused') return { isGone: false, detail: started.detail };
    return { isGone: false, detail: `${channel} is being compared again, see reconciliation ${started.id}` };
  };
}

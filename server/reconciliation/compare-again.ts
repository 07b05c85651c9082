// `retry` for what reconciliation found and has no remedy of its own for: the channel is compared again. The run closes the
// case where it sees that its cause is gone.
import type { Hashes } from '../../domain/event-id.ts';
import type { Case } from '../../domain/exception/case.ts';
import type { Remedies, Remedy } from '../cases/remedies.ts';
import type { Reconciliation } from './open-reconciliation.ts';

type Comparing = Pick<Reconciliation, 'start' | 'readStatementOf'>;

const SELF = 'evenstock';

export function addCompareAgain(remedies: Remedies, reconciliation: Comparing, hashes: Pick<Hashes, 'sha1Hex'>): void {
  const compare = compareAgain(reconciliation, hashes);
  for (const kind of ['drift', 'unmapped-sku'] as const) remedies.add(kind, 'reconciliation:', compare);
}

/** A run of its own, which is looked at by the id that is told. Books of other systems are uploaded by whoever has them. */
function compareAgain(reconciliation: Comparing, { sha1Hex }: Pick<Hashes, 'sha1Hex'>): Remedy {
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

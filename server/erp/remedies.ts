// What `retry` does for the cases of an ERP: what waits apart is posted again in order, and it is asked at once. The cases
// close by themselves when it takes what it refused.

import type { Case } from '../../domain/exception/case.ts';
import type { CaseKind } from '../../domain/exception/cause.ts';
import { plural } from '../../domain/plural.ts';
import type { Remedies, Remedy } from '../cases/remedies.ts';
import type { Erps } from './erps.ts';

const KINDS: readonly CaseKind[] = ['refused-publish', 'unmapped-sku', 'poison-message', 'breaker-open'];

/** @param isKnown the policy has it, whichever process posts to it */
export function addErpRemedies(
  remedies: Pick<Remedies, 'add'>,
  erps: Pick<Erps, 'retry' | 'status'>,
  isKnown: (erp: string) => boolean,
): void {
  for (const kind of KINDS) remedies.add(kind, 'erp:', postAgain(erps, isKnown));
}

function postAgain(erps: Pick<Erps, 'retry' | 'status'>, isKnown: (erp: string) => boolean): Remedy {
  return ({ key, subject: { source = '', sku }, kind }: Case) => {
    if (!isKnown(source)) return { isGone: true, detail: `the policy has no ERP ${source} any more` };
    const count = erps.retry(source, sku);
    if (count === undefined) return { isGone: false, detail: `${source} is not posted to by this process` };
    if (key.includes(':tells:')) return { isGone: false, detail: `${source} is read again from where it told of it` };
    const state = erps.status(source)?.state;
    const isWell = state === 'current' || state === 'posting';
    if (kind === 'breaker-open' && isWell) return { isGone: true, detail: `${source} takes movements` };
    if (sku !== undefined && count === 0) return { isGone: true, detail: `nothing of ${sku} waits apart` };
    if (kind === 'poison-message' && isWell) return { isGone: true, detail: `${source} is posted to again` };
    return {
      isGone: false,
      detail: `${source} is asked again${count > 0 ? `; ${plural(count, 'movement is', 'movements are')} posted in order` : ''}`,
    };
  };
}

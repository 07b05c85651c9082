// Movements that wait apart and that somebody gives up: they are never posted, and what waits behind them goes on. The ERP is
// asked first whether it has them after all (an earlier call may have done more than it said): those count as posted.
import type { Erp, LookUpReply } from '../../adapters/erp/erp.ts';
import { type Book, DISMISSED_MAX, stockKey } from '../../domain/erp/book.ts';
import type { Movement } from '../../domain/erp/movement.ts';
import type { Clock } from '../../domain/time.ts';
import type { Calls } from './calls.ts';
import type { ErpRecord } from './record.ts';

export interface DismissalAsked {
  readonly references: readonly string[];
  readonly by: string;
  readonly reason: string;
}

export type Dismissal =
  /** `dismissed` · `found`: how many were given up, and how many the ERP had all the same. Others did not wait apart. */
  | { readonly kind: 'done'; readonly dismissed: number; readonly found: number }
  /** It cannot be done now. */
  | { readonly kind: 'away'; readonly reason: string };

export interface WaitingDismissal extends DismissalAsked {
  readonly resolve: (dismissal: Dismissal) => void;
}

interface Room {
  readonly erp: Pick<Erp, 'lookUp'>;
  readonly record: Pick<ErpRecord, 'book' | 'append'>;
  readonly calls: Calls;
  readonly clock: Clock;
}

/**
 * `wrote`: writes movements as posted, with the ids that the ERP has for them.
 * @throws LostStream
 */
export async function dismiss(
  { references, by, reason }: DismissalAsked,
  { erp, record, calls, clock }: Room,
  wrote: (movements: readonly Movement[], ids: ReadonlyMap<string, string>) => Promise<void>,
): Promise<Dismissal> {
  const movements = [...new Set(references)].flatMap((one) => record.book.parked.get(one)?.movement ?? []);
  if (movements.length === 0) return { kind: 'done', dismissed: 0, found: 0 };
  if (stocksAfter(record.book, movements) > DISMISSED_MAX) {
    return { kind: 'away', reason: `movements of ${DISMISSED_MAX} stocks were dismissed, which is as many as may` };
  }
  const looked = await calls.call<LookUpReply>(
    (signal) =>
      erp.lookUp(
        movements.map(({ reference }) => reference),
        signal,
      ),
    (failure) => ({ kind: 'retryLater', reason: failure }),
  );
  if (looked.kind !== 'found')
    return { kind: 'away', reason: `it cannot be asked whether it has them: ${looked.reason}` };
  const found = movements.filter(({ reference }) => looked.ids.has(reference));
  if (found.length > 0) await wrote(found, looked.ids);
  const dismissed = movements.filter(({ reference }) => !looked.ids.has(reference)).map(({ reference }) => reference);
  if (dismissed.length > 0) {
    await record.append([{ type: 'MovementsDismissed', dismissed, by, reason, dismissedAt: clock.now() }]);
  }
  return { kind: 'done', dismissed: dismissed.length, found: found.length };
}

function stocksAfter({ dismissed }: Book, movements: readonly Movement[]): number {
  return new Set([...dismissed.keys(), ...movements.map(stockKey)]).size;
}

// One attempt to bring movements into an ERP's books: looked up first where a call before may have posted them, then posted
// as far as they are not there.
import type { Erp, LookUpReply, PostReply } from '../../adapters/erp/erp.ts';
import type { Movement } from '../../domain/erp/movement.ts';
import type { WatchErpCall } from '../observe/erp-calls.ts';
import type { Causes } from '../observe/spans.ts';
import type { Calls } from './calls.ts';

export type Brought =
  /** `found`: how many were there already. */
  (Extract<PostReply, { kind: 'confirmed' }> & { readonly found: number }) | Exclude<PostReply, { kind: 'confirmed' }>;

export const NOTHING_BROUGHT: Extract<Brought, { kind: 'confirmed' }> = { kind: 'confirmed', ids: new Map(), found: 0 };

export interface BringRoom {
  readonly erp: Erp;
  readonly calls: Calls;
  /** Undefined: no traces. */
  readonly watch?: WatchErpCall | undefined;
}

/** @param causes trace contexts of the events that made the movements */
export async function bring(
  { erp, calls, watch }: BringRoom,
  movements: readonly Movement[],
  isSuspect: boolean,
  causes: Causes = [],
): Promise<Brought> {
  let found: ReadonlyMap<string, string> = new Map();
  if (isSuspect) {
    const references = movements.map(({ reference }) => reference);
    const watched = watch?.('look_up', references.length, causes);
    const looked = await calls.call<LookUpReply>(
      (signal) => erp.lookUp(references, signal),
      (reason) => ({ kind: 'retryLater', reason }),
    );
    watched?.ended(looked);
    // Nothing has been posted by it, so nothing is more unknown than before.
    if (looked.kind !== 'found') return looked;
    found = looked.ids;
  }
  const left = movements.filter(({ reference }) => !found.has(reference));
  if (left.length === 0) return { kind: 'confirmed', ids: found, found: found.size };
  const watched = watch?.('post', left.length, causes);
  const reply = await calls.call<PostReply>(
    (signal) => erp.post(left, signal),
    (reason) => ({ kind: 'unknown', reason }),
  );
  watched?.ended(reply);
  if (reply.kind !== 'confirmed') return reply;
  return { ...reply, ids: new Map([...found, ...reply.ids]), found: found.size };
}

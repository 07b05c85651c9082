// One attempt to bring movements into an ERP's books: looked up first where a call before may have posted them, then posted
// as far as they are not there.
import type { Erp, LookUpReply, PostReply } from '../../adapters/erp/erp.ts';
import type { Movement } from '../../domain/erp/movement.ts';
import type { Calls } from './calls.ts';

export type Brought =
  /** `found`: how many were there already. */
  (Extract<PostReply, { kind: 'confirmed' }> & { readonly found: number }) | Exclude<PostReply, { kind: 'confirmed' }>;

export const NOTHING_BROUGHT: Extract<Brought, { kind: 'confirmed' }> = { kind: 'confirmed', ids: new Map(), found: 0 };

export async function bring(
  { erp, calls }: { readonly erp: Erp; readonly calls: Calls },
  movements: readonly Movement[],
  isSuspect: boolean,
): Promise<Brought> {
  let found: ReadonlyMap<string, string> = new Map();
  if (isSuspect) {
    const references = movements.map(({ reference }) => reference);
    const looked = await calls.call<LookUpReply>(
      (signal) => erp.lookUp(references, signal),
      (reason) => ({ kind: 'retryLater', reason }),
    );
    // Nothing has been posted by it, so nothing is more unknown than before.
    if (looked.kind !== 'found') return looked;
    found = looked.ids;
  }
  const left = movements.filter(({ reference }) => !found.has(reference));
  if (left.length === 0) return { kind: 'confirmed', ids: found, found: found.size };
  const reply = await calls.call<PostReply>(
    (signal) => erp.post(left, signal),
    (reason) => ({ kind: 'unknown', reason }),
  );
  if (reply.kind !== 'confirmed') return reply;
  return { ...reply, ids: new Map([...found, ...reply.ids]), found: found.size };
}

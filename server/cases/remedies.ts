// What `retry` does for a case: each capability adds its own remedy for the causes it raises. A remedy is harmless when
// repeated, and says for people what it did and whether the cause is gone.
import type { Case } from '../../domain/exception/case.ts';
import type { CaseKind } from '../../domain/exception/cause.ts';

export interface Tried {
  readonly detail: string;
  /** The case closes by itself. */
  readonly isGone: boolean;
}

/** A throw is told as its outcome. `traceparent`: of the request that asked for it, if one did. */
export type Remedy = (state: Case, traceparent?: string) => Promise<Tried> | Tried;

export interface Remedies {
  /** For cases of this kind whose key begins so: one kind may be raised by several capabilities. */
  add(kind: CaseKind, keyPrefix: string, remedy: Remedy): void;
  of(state: Pick<Case, 'kind' | 'key'>): Remedy | undefined;
}

export function createRemedies(): Remedies {
  const remedies: { readonly kind: CaseKind; readonly keyPrefix: string; readonly remedy: Remedy }[] = [];
  return {
    add(kind, keyPrefix, remedy) {
      remedies.push({ kind, keyPrefix, remedy });
    },
    of: ({ kind, key }) => remedies.find((one) => one.kind === kind && key.startsWith(one.keyPrefix))?.remedy,
  };
}

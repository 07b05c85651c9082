// The ERP port: how one ERP's books are told movements and asked what it received, counted and holds. An adapter turns
// movements into the ERP's own calls and its answers into these replies; order, pace, patience, retries, duplicates and
// cases are the product's (server/erp). Nobody calls `post` twice without `lookUp` in between unless it was answered.

import type { Movement } from '../../domain/erp/movement.ts';
import type { ErpFact } from '../../domain/erp/own-fact.ts';
import type { ErpPolicy, ErpReads } from '../../domain/erp/policy.ts';
import type { Clock } from '../../domain/time.ts';
import type { Identifiers } from '../channels/identifiers.ts';
import type { ReadStatement } from '../channels/statement.ts';

/** What an adapter knows of its ERP. Policy may lower the numbers, never raise them. */
export interface ErpDeclaration {
  /** Movements in one call of `post`, which are posted all or none. */
  readonly batchSizeMax: number;
  /** Calls of `post`. */
  readonly ratePerSecondMax?: number | undefined;
  /** What `read` can be asked for. */
  readonly reads: readonly ErpReads[];
}

export type PostReply =
  /** All of them: the ERP's own id by our reference. */
  | { readonly kind: 'confirmed'; readonly ids: ReadonlyMap<string, string> }
  /** Nothing was posted, and it may work later: not reachable, too fast, busy. */
  | { readonly kind: 'retryLater'; readonly reason: string; readonly afterMs?: number | undefined }
  /** They may have been posted: look them up before anything else. */
  | { readonly kind: 'unknown'; readonly reason: string }
  /**
   * Nothing was posted, and it will not take them like this. `reference`: the one at fault, where it is known. `unmapped`: it
   * does not know the name. `reason` starts with the ERP's own code.
   */
  | {
      readonly kind: 'refused';
      readonly reason: string;
      readonly reference?: string | undefined;
      readonly unmapped?: 'sku' | 'location' | undefined;
    }
  /** Nothing was posted, and nothing can be: credentials, address, rights. */
  | { readonly kind: 'denied'; readonly reason: string };

export type LookUpReply =
  /** Of those that are in its books. What is not found is not, and no earlier call puts it there any more. */
  | { readonly kind: 'found'; readonly ids: ReadonlyMap<string, string> }
  | { readonly kind: 'retryLater'; readonly reason: string; readonly afterMs?: number | undefined }
  | { readonly kind: 'denied'; readonly reason: string };

/** What the ERP tells of something that nobody has mapped. */
export interface Unmapped {
  readonly what: 'sku' | 'location';
  readonly id: string;
}

export type ReadReply =
  | {
      readonly kind: 'facts';
      /** Without any that came of our own movements. */
      readonly facts: readonly ErpFact[];
      /** Facts that cannot be said in our names; kept out of `facts`. */
      readonly unmapped: readonly Unmapped[];
      /** To be read from next; opaque. What is told again has the same ids. */
      readonly watermark: string;
      /** There is more now. */
      readonly more: boolean;
    }
  | { readonly kind: 'retryLater'; readonly reason: string; readonly afterMs?: number | undefined }
  | { readonly kind: 'denied'; readonly reason: string };

/** No member ever rejects on the ERP's fault; all stop when `signal` aborts. */
export interface Erp {
  readonly declares: ErpDeclaration;
  /** 1…`batchSizeMax` movements, in the order in which its books are to have them. */
  post(movements: readonly Movement[], signal: AbortSignal): Promise<PostReply>;
  /** Of 1…`batchSizeMax` references, none of which a call that is under way is about. */
  lookUp(references: readonly string[], signal: AbortSignal): Promise<LookUpReply>;
  /** `watermark` undefined: from now on. */
  read(what: ErpReads, watermark: string | undefined, signal: AbortSignal): Promise<ReadReply>;
  /** On-hand of all SKUs at one of our locations by its books. */
  readStatement(location: string): ReadStatement;
}

/** What an adapter is given of one ERP. */
export interface ErpChannel {
  readonly policy: ErpPolicy;
  /** @throws MissingSecret */
  readonly secret: () => string;
  readonly identifiers: Identifiers;
  readonly clock: Clock;
}

/** One adapter: listed in erps.ts. */
export interface ErpVendor {
  /** `type` in the policy. */
  readonly type: string;
  /** What is wrong in the policy, with the path below the ERP's entry; empty: nothing. Judged before a policy is taken. */
  misfits(policy: ErpPolicy): readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];
  /** @throws MissingSecret */
  connect(erp: ErpChannel): Erp;
}

// Books of other systems that we tell of movements, as reconciliation needs them.
import type { ReadStatement } from '../../adapters/channels/statement.ts';
import type { Unposted } from '../../domain/reconciliation/known.ts';

export interface Books {
  /** Undefined: it is no ERP of the policy, or does not keep the books there. */
  readBooks(system: string, location: string): ReadStatement | undefined;
  /** Another process tells them of movements, or none does now. */
  isElsewhere(system: string): boolean;
  /** What they cannot show yet; undefined: not known, or not told by us. */
  unposted(system: string, sku: string, location: string): Promise<Unposted | undefined>;
}

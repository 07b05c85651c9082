// The ERPs of the policy, for the API, the metrics, the cases and reconciliation.
import type { ReadStatement } from '../../adapters/channels/statement.ts';
import type { Dismissed, ParkedMovement } from '../../domain/erp/events.ts';
import type { Unposted } from '../../domain/reconciliation/known.ts';
import type { Dismissal, DismissalAsked } from './dismissals.ts';
import type { ErpStatus } from './status.ts';

export interface Erps {
  readonly ids: () => readonly string[];
  /** Undefined: the policy has no such ERP. */
  status(id: string): ErpStatus | undefined;
  parked(id: string, limit: number): readonly ParkedMovement[];
  /** Posts what waits apart again, of one SKU or all, and tries at once; how many movements. Undefined: no such ERP. */
  retry(id: string, sku?: string): number | undefined;
  /** Gives up movements that wait apart; undefined: no such ERP. */
  dismiss(id: string, asked: DismissalAsked): Promise<Dismissal | undefined>;
  /** What people gave up, by stock. */
  dismissed(id: string, limit: number): readonly Dismissed[];
  /** Another process posts to it, or none does yet; false also for no such ERP. */
  isElsewhere(id: string): boolean;
  /** How its on-hand at a location is read; undefined: it does not keep the books there, or cannot be asked. */
  readBooks(id: string, location: string): ReadStatement | undefined;
  /** What its books cannot show yet; undefined: not known. */
  unposted(id: string, sku: string, location: string): Promise<Unposted | undefined>;
  close(): Promise<void>;
}

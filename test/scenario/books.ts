// The retailer's ERP: it books what suppliers deliver, and it is told what the stores and the online shops moved, by files
// or by Evenstock.
import type { ErpVendor } from '../../adapters/erp/erp.ts';
import type { PolicyDocumentJson } from '../../domain/channel/policy.ts';
import type { DayTime } from './fast-time.ts';
import type { Retailer } from './retailer.ts';

export interface Line {
  readonly sku: string;
  readonly location: string;
  /** Below 0: they left to customers. */
  readonly units: number;
}

export interface Books {
  /** For readers. */
  readonly name: string;
  /** Its own clerk books what suppliers delivered. */
  receive(lines: readonly Line[]): Promise<void>;
  /** A file of what customers took and brought back. */
  book(lines: readonly Line[]): Promise<void>;
  /** Units in the pool of the online channels, by SKU. */
  inPool(): Promise<ReadonlyMap<string, number>>;
  /** Units above or below 0, by `<sku>~<location>`. */
  onHand(): Promise<ReadonlyMap<string, number>>;
  /** While it is down nobody reaches it. */
  setDown(isDown: boolean): Promise<void>;
  /** How Evenstock reaches it. */
  readonly connection: {
    readonly policy: NonNullable<PolicyDocumentJson['erps']>[number];
    readonly env: Readonly<Record<string, string>>;
    readonly vendor: ErpVendor;
  };
  close(): Promise<void>;
}

export type OpenBooks = (retailer: Retailer, time: DayTime) => Promise<Books>;

// What the rest of the server may ask of transfers.
import type { TransferCommand, TransferRefusal } from '../../domain/transfer/commands.ts';
import type { Transfer } from '../../domain/transfer/transfer.ts';
import type { Transfers } from '../../projections/transfers.ts';
import type { Workflows } from '../workflows/workflows.ts';

export type Running = Workflows<Transfer, TransferCommand, TransferRefusal>;
export type TransferAnswer = Awaited<ReturnType<Running['submit']>>;

export interface TransferProcess extends Pick<Running, 'submit' | 'state'> {
  /** Open transfers, the oldest first. */
  readonly page: Transfers['page'];
  /** What is on its way to and from a stock. */
  readonly atStock: Transfers['atStock'];
  close(): Promise<void>;
}

// What can be asked or told of a transfer. Asking for one and calling it off are requests, and may be refused. What left,
// came, went missing or went back has happened, but a transfer takes no more of it than is on its way: more is a mistake
// of whoever says so, or `over`. Every border parses with these schemas.
import { z } from 'zod';
import { Id, InstantText, Quantity, Reason } from '../stock/commands.ts';
import { LocationId, Sku } from '../stock/stream.ts';
import type { StockAnswered } from './events.ts';

/** A part of stream names and of the ids of stock commands, so narrower than other ids. */
export const TransferId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be 1 to 64 ASCII letters, digits or . _ -')
  .meta({ id: 'TransferId', example: 'T-2026-1123-7' });
export type TransferId = z.infer<typeof TransferId>;

export const TRANSFER_LINES_MAX = 500;

const Lines = z
  .array(z.strictObject({ sku: Sku, quantity: Quantity }).meta({ id: 'TransferLine' }))
  .min(1, 'must have at least one line')
  .max(TRANSFER_LINES_MAX, `must have at most ${TRANSFER_LINES_MAX} lines`)
  .superRefine((lines, context) => {
    const seen = new Set<string>();
    lines.forEach(({ sku }, n) => {
      if (seen.has(sku)) context.addIssue({ code: 'custom', path: [n, 'sku'], message: `${sku} has a line already` });
      seen.add(sku);
    });
  })
  .meta({ description: 'A line a SKU' });

const common = {
  id: Id.meta({ description: 'Command id, unique within the transfer. The same id is the same intent.' }),
};

export const OpenTransfer = z
  .strictObject({ ...common, transferId: TransferId, from: LocationId, to: LocationId, lines: Lines })
  .meta({ id: 'OpenTransfer', description: 'Sets the units of all lines aside at `from`, or of none' });
export type OpenTransfer = z.output<typeof OpenTransfer>;

const told = {
  ...common,
  occurredAt: InstantText.optional().meta({ description: 'When it happened; default: when it was received' }),
  lines: Lines,
};
const reason = Reason.meta({ description: 'Why, for people' });

export const TransferCommandBody = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('dispatch'), ...told }),
    z.strictObject({ type: z.literal('receive'), ...told }),
    z.strictObject({ type: z.literal('over'), ...told, reason: reason.optional() }),
    z.strictObject({
      type: z.literal('short'),
      ...told,
      leg: z.enum(['out', 'back']).default('out').meta({ description: 'Lost on the way, or on the way back' }),
      reason,
    }),
    z.strictObject({ type: z.literal('reject'), ...told, reason }),
    z.strictObject({ type: z.literal('return'), ...told }),
    z.strictObject({ type: z.literal('cancel'), ...common }),
  ])
  .meta({
    id: 'TransferCommand',
    description:
      'dispatch: left the origin · receive: arrived and taken · over: arrived beyond what was dispatched · short: will not ' +
      'arrive · reject: refused at the destination, goes back · return: is back at the origin · cancel: what is set aside ' +
      'and has not left is free again',
  });

/** An answer; with the SKU of which units were set aside by it, if any were. */
export interface StockAnswer extends Omit<StockAnswered, 'stray'> {
  readonly keeps?: Sku | undefined;
}

/** `overdue` and `record` come from Evenstock itself: from its clock and from stocks' answers. */
export type TransferCommand =
  | (OpenTransfer & { readonly type: 'open' })
  | z.output<typeof TransferCommandBody>
  | { readonly type: 'overdue'; readonly id: string }
  | { readonly type: 'record'; readonly id: string; readonly answers: readonly StockAnswer[] };

export type TransferCommandOf<T extends TransferCommand['type']> = Extract<TransferCommand, { type: T }>;

export type TransferRefusal =
  | 'no-such-transfer'
  | 'transfer-exists'
  | 'same-location'
  | 'exceeds-in-transit'
  | 'nothing-to-cancel'
  | 'not-overdue'
  | 'outside-window'
  | 'too-many-lines'
  | 'unknown-location'
  | 'unknown-sku'
  | 'bundle-has-no-stock';

// One line of what a till kept while it was offline, and the command it becomes. Device and counter are its identity: the
// same line is the same command however often and in whatever file it comes, and the counters show what is missing.
import { z } from 'zod';
import { Id, QUANTITY_MAX } from '../../domain/stock/commands.ts';
import { ChannelId, LocationId, Sku } from '../../domain/stock/stream.ts';
import { escrowId } from '../../domain/till/escrow.ts';

export const COUNTER_MAX = 999_999_999_999;

export const TillLine = z
  .strictObject({
    counter: z
      .int('must be a whole number')
      .min(0)
      .max(COUNTER_MAX)
      .meta({ description: "The device's own, one up with each line it writes", example: 142 }),
    type: z.enum(['sale', 'return', 'receipt', 'adjustment', 'count', 'fulfilment']),
    sku: Sku,
    quantity: z
      .int('must be a whole number of units')
      .min(-QUANTITY_MAX)
      .max(QUANTITY_MAX)
      .meta({ description: 'Units; of a count what was counted, of an adjustment less than 0 too', example: 1 }),
    occurredAt: z
      .string()
      .max(40)
      .meta({ description: 'RFC 3339, by the clock of the till', example: '2026-11-23T09:30:00Z' }),
    location: LocationId.optional().meta({ description: 'Default: as the upload says' }),
    channel: ChannelId.optional().meta({ description: 'Of sales and returns; default: as the upload says' }),
    disposition: z.enum(['restock', 'quarantine', 'writeOff']).optional().meta({ description: 'Of a return' }),
    reason: z.string().max(200).optional().meta({ description: 'Of an adjustment or a count' }),
    reservationId: Id.optional().meta({ description: 'Of a fulfilment, or of a sale that takes what was reserved' }),
  })
  .meta({ id: 'TillLine' });
export type TillLine = z.output<typeof TillLine>;
export const TILL_COLUMNS: readonly string[] = Object.keys(TillLine.shape);

export interface TillDefaults {
  readonly device: string;
  readonly location: string | undefined;
  readonly channel: string | undefined;
}

export const tillCommandId = (device: string, counter: number): string => `till:${device}:${counter}`;

/**
 * As it would be sent to /v1/commands, which judges the rest of it. A sale is taken from what was lent to the till first
 * (`hasEscrow`: the SKU can be lent); where nothing is open, naming it means nothing.
 */
export function commandOf(
  line: TillLine,
  { device, location, channel }: TillDefaults,
  hasEscrow: (sku: string) => boolean,
): object {
  const { counter, type, sku, quantity, occurredAt, disposition, reason } = line;
  const lent = type === 'sale' && hasEscrow(sku) ? escrowId(device) : undefined;
  const reservationId = line.reservationId ?? lent;
  const sells = type === 'sale' || type === 'return';
  const fields = {
    ...{ type, id: tillCommandId(device, counter), sku, location: line.location ?? location, occurredAt },
    ...{ source: { id: device, sequence: counter }, disposition, reason, reservationId },
    channel: line.channel ?? (sells ? channel : undefined),
    ...(type === 'count' ? { counted: quantity } : { quantity }),
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

// Offline escrow: units lent to a till, which only it may sell while it has no connection. It is a reservation of the till's
// own at its location, so every channel's available-to-sell excludes it, lending never promises what is not free (P4), and
// it expires like any other. What the till sold comes with its upload and is taken from it first; what it sold beyond it is
// a fact like any other and may show as oversold.
import { z } from 'zod';
import { Id, InstantText, Quantity, type StockCommandJson } from '../stock/commands.ts';
import { ChannelId, LocationId, Sku } from '../stock/stream.ts';

export const DeviceId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/, 'must be 1 to 32 ASCII letters, digits or . _ -')
  .meta({
    id: 'DeviceId',
    description: 'A till; one that was reset and counts from 1 again is another',
    example: 'till-7',
  });

const PREFIX = 'escrow:';

/** The reservation of a device at every stock it was lent from; there is one at a time at each. */
export function escrowId(device: string): string {
  return `${PREFIX}${device}`;
}

/** Whose escrow this reservation is; undefined: it is none. */
export function escrowDevice(reservationId: string): string | undefined {
  return reservationId.startsWith(PREFIX) ? reservationId.slice(PREFIX.length) : undefined;
}

const LINES_MAX = 1_000;
const common = {
  // Room for an SKU behind it.
  id: Id.max(60).meta({ description: 'The same id is the same intent: its repeats have no effect' }),
  location: LocationId,
};

export const EscrowCommand = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('lend'),
      ...common,
      channel: ChannelId.meta({ description: 'As which the till sells; its quotas hold' }),
      expiresAt: InstantText.meta({ description: 'When what was not sold goes back to all; 31 days ahead at most' }),
      lines: z
        .array(z.strictObject({ sku: Sku, quantity: Quantity }))
        .min(1)
        .max(LINES_MAX)
        .refine((lines) => new Set(lines.map(({ sku }) => sku)).size === lines.length, 'names an SKU twice'),
    }),
    z.strictObject({
      type: z.literal('return'),
      ...common,
      lines: z
        .array(z.strictObject({ sku: Sku, quantity: Quantity.optional() }))
        .min(1)
        .max(LINES_MAX)
        .optional()
        .meta({ description: 'Default: all that is lent to it there; without a quantity, all of that SKU' }),
    }),
    z.strictObject({
      type: z.literal('renew'),
      ...common,
      expiresAt: InstantText,
      skus: z
        .array(Sku)
        .min(1)
        .max(LINES_MAX)
        .optional()
        .meta({ description: 'Default: all that is lent to it there' }),
    }),
  ])
  .meta({ id: 'EscrowCommand' });
export type EscrowCommand = z.output<typeof EscrowCommand>;

/** What the stocks are asked, SKU by SKU. `open`: the SKUs that are lent to the device at that location now. */
export function askedOfStocks(
  device: string,
  command: EscrowCommand,
  open: readonly string[],
): readonly StockCommandJson[] {
  const { location } = command;
  const to = (sku: string) => ({
    id: `${command.id}:${sku.replaceAll(' ', '_')}`,
    ...{ sku, location, reservationId: escrowId(device), source: { id: device } },
  });
  switch (command.type) {
    case 'lend': {
      const hold = { owner: escrowId(device), channel: command.channel, expiresAt: textOf(command.expiresAt) };
      return command.lines.map(({ sku, quantity }) => ({ type: 'reservation.make', ...to(sku), quantity, ...hold }));
    }
    case 'return': {
      const lines = command.lines ?? open.map((sku) => ({ sku, quantity: undefined }));
      return lines.map(({ sku, quantity }) => ({
        ...{ type: 'reservation.release', ...to(sku) },
        ...(quantity === undefined ? {} : { quantity }),
      }));
    }
    case 'renew': {
      const expiresAt = textOf(command.expiresAt);
      return (command.skus ?? open).map((sku) => ({ type: 'reservation.renew', ...to(sku), expiresAt }));
    }
  }
}

const textOf = (at: number): string => new Date(at).toISOString();

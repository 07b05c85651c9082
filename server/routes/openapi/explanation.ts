// The shape of an explained figure, for the OpenAPI document: of a SKU by its locations, of a bundle by its components.
import { z } from 'zod';
import { ChannelId, LocationId, Sku } from '../../../domain/stock/stream.ts';
import { Position } from './parameters.ts';
import { at, count, life, units } from './schemas.ts';

const pool = count.meta({ description: 'Sum of the units of the locations' });
const locationParts = z.array(
  z.strictObject({
    location: LocationId,
    levels: z.looseObject({ onHand: z.int() }),
    life,
    available: z.int(),
    safetyStock: count,
    quotasOfOthers: count,
    quotas: z
      .array(z.strictObject({ channel: ChannelId, quantity: count, reserved: z.int() }))
      .optional()
      .meta({
        description: 'Exclusive quotas here and what their channels have used; not shown to a key limited to channels',
      }),
    units: count,
    revision: z.int(),
    position: Position,
  }),
);
const LagPriceDocument = z
  .strictObject({
    lagMs: count.optional().meta({ description: 'Publish lag of the channel, measured; absent: not yet' }),
    halfLifeHours: z.number(),
    othersPerDay: z.number().meta({ description: 'Units a day that others than the channel sell at its locations' }),
    expectedUnits: z.number().meta({ description: 'othersPerDay × lagMs, in units' }),
    targetOversellProbability: z.number(),
    oversellProbability: z.number().optional().meta({ description: 'That more than `units` are sold within the lag' }),
    unitsMin: count,
    unitsMax: count,
    units: count.meta({ description: 'Held back on top of buffer' }),
  })
  .meta({ id: 'LagPrice', description: 'docs/lag-priced-buffer.md' });

const terms = z.strictObject({
  on: z.boolean(),
  percentage: count,
  buffer: count,
  lagPrice: LagPriceDocument.optional(),
  cap: count.optional(),
});
const componentPart = z.strictObject({
  sku: Sku,
  quantity: z.int().min(1).meta({ description: 'Units in one bundle' }),
  units,
  makes: count.meta({ description: '⌊units / quantity⌋' }),
  pool,
  locations: locationParts,
  terms,
});

export const ExplanationDocument = z
  .strictObject({
    channel: ChannelId,
    sku: Sku,
    units,
    asOf: Position,
    at: at.optional(),
    policyVersion: z.string(),
    pool,
    locations: locationParts,
    terms,
    lagPriceLeftOut: z.literal(true).optional().meta({
      description:
        'Of a past figure: the channel had a lag-priced buffer then, which is not worked out again; it showed this or less',
    }),
    bundle: z
      .strictObject({ version: z.string(), components: z.array(componentPart) })
      .optional()
      .meta({
        description: 'Of a bundle, which has no locations of its own: its units are the least that a component makes',
      }),
  })
  .meta({
    id: 'Explanation',
    description: 'units = max(0, min(cap, ⌊pool × percentage / 100⌋ − buffer − lagPrice.units)), 0 when off',
  });

// One SKU at all its locations, and how its figure came to be. Imports only zod and words of the domain: the dashboard
// takes its types from here.
import { z } from 'zod';
import { Position } from './parameters.ts';

const count = z.int().min(0);
const instant = z.iso.datetime({ offset: true });
const text = z.string().optional();

export const SkuStock = z
  .strictObject({
    sku: z.string(),
    asOf: Position,
    at: z.strictObject({ asOf: instant.optional(), knownAt: instant.optional() }).optional(),
    isBundle: z.boolean().meta({ description: 'true: it holds no stock of its own now' }),
    stock: z.array(
      z.strictObject({
        location: z.string(),
        onHand: z.int(),
        ...{ reserved: count, quarantined: count, inTransitIn: count, inTransitOut: count },
        available: z.int(),
        oversold: count,
        life: z.enum(['active', 'frozen', 'retired']),
        revision: count,
        position: Position,
        contributes: z
          .record(z.string(), count)
          .optional()
          .meta({ description: 'Now: units it adds to the pool of each channel that sells from it' }),
      }),
    ),
    partial: z.literal(true).optional().meta({ description: 'The key is limited: others are not among them' }),
  })
  .meta({ id: 'SkuStock' });

export const FigureTimeline = z
  .strictObject({
    channel: z.string(),
    sku: z.string(),
    location: text,
    asOf: Position,
    entries: z
      .array(
        z.strictObject({
          at: instant.meta({ description: 'When it was recorded; never before the entry before it' }),
          onHand: z.int().meta({ description: 'Of all these locations, after it' }),
          reserved: count,
          units: count
            .optional()
            .meta({ description: 'Available-to-sell after it; absent: the channel had no figure then' }),
          policyVersion: text,
          event: z
            .strictObject({
              type: z.string(),
              location: text,
              source: z.string(),
              occurredAt: instant,
              quantity: z.int().optional(),
              counted: count.optional(),
              channel: text,
              reason: text,
              onHand: z.int().meta({ description: 'At its location, after it' }),
              revision: count,
              position: Position,
            })
            .optional()
            .meta({ description: 'Absent: policy changed the figure' }),
        }),
      )
      .meta({ description: 'Oldest first' }),
    isCut: z.boolean().meta({ description: 'true: there were events before these' }),
    lagPriceLeftOut: z
      .literal(true)
      .optional()
      .meta({ description: 'The channel has or had a lag-priced buffer: it showed this or less' }),
  })
  .meta({ id: 'FigureTimeline' });

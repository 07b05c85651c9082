// How an order reaches the buyer, which decides where its units may come from: the named flows of R7.
import { z } from 'zod';
import { LocationId } from '../stock/stream.ts';

const ranked = z.array(LocationId).min(1).max(100);

export const OrderFlow = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('ship'), near: ranked.optional() }),
    z.strictObject({ type: z.literal('click-and-collect'), location: LocationId }),
    z.strictObject({ type: z.literal('ship-from-store'), from: ranked }),
    z.strictObject({ type: z.literal('endless-aisle'), orderedAt: LocationId, near: ranked.optional() }),
  ])
  .meta({
    id: 'OrderFlow',
    description:
      'ship: any location of the pool · click-and-collect: that location alone · ship-from-store: those, the first first · ' +
      'endless-aisle: any but the store it was ordered in. `near` ranks locations, the nearest first.',
  });
export type OrderFlow = z.output<typeof OrderFlow>;

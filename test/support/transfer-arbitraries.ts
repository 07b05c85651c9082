// What may happen to a transfer, at random: every command in any order, stocks asked in any order, answers lost, and trade.
import fc from 'fast-check';
import { FROM, TO, type TransferWorld, transferWorld } from './transfer-world.ts';

export const SKUS = ['A', 'B'] as const;
/** Units of each SKU at the origin. */
export const START = 12;

export type Act = (world: TransferWorld) => void;
const quantity = fc.integer({ min: 1, max: 9 });
const linesOf = (one: fc.Arbitrary<number>) =>
  fc.oneof(fc.record({ A: one }), fc.record({ B: one }), fc.record({ A: one, B: one }));
const units = linesOf(quantity);
/** Sometimes more than there is. */
export const wanted = linesOf(fc.integer({ min: 1, max: START + 2 }));
const told = (type: string, fields: Record<string, unknown> = {}): fc.Arbitrary<Act> =>
  units.map((lines) => (world) => void world.send(type, lines, fields));

export const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 2,
    arbitrary: units.map(
      (lines): Act =>
        (world) =>
          void world.open(lines),
    ),
  },
  { weight: 4, arbitrary: told('dispatch') },
  { weight: 4, arbitrary: told('receive') },
  { weight: 1, arbitrary: told('over') },
  { weight: 2, arbitrary: told('short', { reason: 'lost' }) },
  { weight: 2, arbitrary: told('reject', { reason: 'wet' }) },
  { weight: 2, arbitrary: told('return') },
  { weight: 1, arbitrary: told('short', { reason: 'lost', leg: 'back' }) },
  { weight: 1, arbitrary: fc.constant<Act>((world) => void world.send('cancel')) },
  {
    weight: 12,
    arbitrary: fc.tuple(fc.nat(1), fc.boolean()).map(
      ([place, lost]): Act =>
        (world) =>
          world.ask(place, lost),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.record({ sku: fc.constantFrom(...SKUS), location: fc.constantFrom(FROM, TO), quantity }).map(
      (sale): Act =>
        (world) =>
          void world.stock({ type: 'sale', ...sale }),
    ),
  },
);

/** A world that has lived through these. `each` is called after every one. */
export function lived(
  lines: Record<string, number>,
  acts: readonly Act[],
  id?: string,
  each?: (world: TransferWorld) => void,
) {
  const world = transferWorld({}, undefined, id);
  for (const sku of SKUS) world.stock({ type: 'receipt', sku, location: FROM, quantity: START });
  world.open(lines);
  for (const one of acts) {
    one(world);
    each?.(world);
  }
  return world;
}

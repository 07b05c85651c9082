// Bundles in an order: exploded into lines of components when it is placed, by the definition then, and never again. What
// is later said of a bundle, that some left or came back, is said of its components in the proportion of those lines.
import { type ExplodedLine, explodeLines } from '../bundle/explode.ts';
import type { Policy } from '../channel/policy.ts';
import { QUANTITY_MAX } from '../stock/commands.ts';
import type { Sku } from '../stock/stream.ts';
import type { OrderCommandOf } from './commands.ts';
import type { Units } from './events.ts';
import { bySku } from './order.ts';
import { type OrderDecision, refused } from './story.ts';

/** With those of the components: one event says them all. */
const LINES_MAX = 500;

export function linesOf({ lines }: OrderCommandOf<'place'>, policy: Policy): readonly ExplodedLine[] {
  return explodeLines(lines, policy.bundles);
}

/** Bundles that come to more than one order can have. */
export function tooMuch(command: OrderCommandOf<'place'>, policy: Policy): OrderDecision | undefined {
  return tooMany(linesOf(command, policy));
}

export function tooMany(lines: readonly ExplodedLine[]): OrderDecision | undefined {
  if (lines.length > LINES_MAX) {
    return refused(
      'invalid-command',
      `/lines comes to ${lines.length} lines with components, the most is ${LINES_MAX}`,
    );
  }
  const sums = new Map<string, number>();
  for (const [n, { sku, quantity }] of lines.entries()) {
    const sum = (sums.get(sku) ?? 0) + quantity;
    sums.set(sku, sum);
    if (sum > QUANTITY_MAX) {
      const detail = `/lines/${orderedLine(lines, n)}/quantity makes more than ${QUANTITY_MAX} units of ${sku}`;
      return refused('invalid-command', detail);
    }
  }
  return undefined;
}

/** The index among the lines ordered of what the n-th line is, or is a component of. */
export function orderedLine(lines: readonly ExplodedLine[], n: number): number {
  let ordered = -1;
  for (const { bundle } of lines.slice(0, n + 1)) ordered = bundle?.line ?? ordered + 1;
  return ordered;
}

/** Units by what was ordered: bundles, not their components. */
export function orderedUnits(lines: readonly ExplodedLine[]): ReadonlyMap<Sku, number> {
  const ordered = lines.map(({ sku, quantity, bundle }) => bundle ?? { sku, quantity, line: undefined });
  const seen = new Set<number>();
  return bySku(
    ordered.filter(({ line }) => {
      const isFirst = line === undefined || !seen.has(line);
      if (line !== undefined) seen.add(line);
      return isFirst;
    }),
  );
}

/** Units of SKUs, a bundle's as those of its components; each with its index in `units`. */
export function unitsOfComponents<U extends Units>(
  lines: readonly ExplodedLine[],
  units: readonly U[],
): readonly (readonly [number, U])[] {
  return units.flatMap((said, n): readonly (readonly [number, U])[] => {
    const line = lines.find(({ bundle }) => bundle?.sku === said.sku)?.bundle?.line;
    if (line === undefined) return [[n, said]];
    const parts = lines.flatMap(({ sku, quantity, bundle }) =>
      bundle?.line === line ? { sku, quantity: (said.quantity * quantity) / bundle.quantity } : [],
    );
    return parts.map((part) => [n, { ...said, ...part }]);
  });
}

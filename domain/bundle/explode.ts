// From what was ordered to what is taken from stock: a line of a bundle becomes a line for each component, which says
// what it is part of. Pure; an order explodes its lines once, when it is placed, and keeps the result.
import type { Sku } from '../stock/stream.ts';
import type { Bundles } from './bundles.ts';

export interface OrderedLine {
  readonly sku: Sku;
  readonly quantity: number;
}

export interface ExplodedLine {
  readonly sku: Sku;
  /** Units of the SKU; of a component, those of all bundles of the line. */
  readonly quantity: number;
  /** Set on the lines of components: the bundle, how many, by which definition; `line` is the index of the line ordered. */
  readonly bundle?: {
    readonly sku: Sku;
    readonly quantity: number;
    readonly version: string;
    readonly line: number;
  };
}

/** In the order of the lines, and of the components in the definition. Two lines may be of one SKU. */
export function explodeLines(lines: readonly OrderedLine[], bundles: Bundles): readonly ExplodedLine[] {
  if (bundles.skus.length === 0) return lines;
  return lines.flatMap((ordered, line): readonly ExplodedLine[] => {
    const { sku, quantity } = ordered;
    const bundle = bundles.of(sku);
    if (bundle === undefined) return [ordered];
    const of = { sku, quantity, version: bundle.version, line };
    return bundle.components.map((part) => ({ sku: part.sku, quantity: part.quantity * quantity, bundle: of }));
  });
}

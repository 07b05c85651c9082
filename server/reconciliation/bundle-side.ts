// A bundle's part in a comparison: it has no stock of its own, so what its channel sold and what its figure was is read
// from its components.
import { bundleUnits } from '../../domain/bundle/available-to-sell.ts';
import type { Bundle } from '../../domain/bundle/bundles.ts';
import { ofBundle } from '../../domain/bundle/stream.ts';
import type { FigureChange } from '../../domain/reconciliation/known.ts';
import type { StockEvent } from '../../domain/stock/events.ts';

/** Units of the SKU that an event took off what its channel shows; 0: it sold something else, a bundle that this is in. */
export function unitsSoldOf(
  sku: string,
  bundle: Bundle | undefined,
): (event: StockEvent & { quantity: number }) => number {
  const ofThis = ofBundle(sku, '');
  const ofAny = 'bundle ';
  const perBundle = bundle?.components[0]?.quantity ?? 1;
  return ({ commandId, quantity }) => {
    if (bundle === undefined) return commandId.startsWith(ofAny) ? 0 : quantity;
    return commandId.startsWith(ofThis) ? Math.round(quantity / perBundle) : 0;
  };
}

/** The figure of a bundle over time, oldest first, from those of its components; from when each of them is known. */
export function figuresOfBundle(
  bundle: Bundle,
  ofComponents: ReadonlyMap<string, readonly FigureChange[]>,
): readonly FigureChange[] {
  const units = new Map<string, number>();
  const figures: FigureChange[] = [];
  const changes = [...ofComponents].flatMap(([sku, some]) => some.map((change) => ({ sku, change })));
  for (const { sku, change } of changes.sort((a, b) => a.change.at - b.change.at)) {
    units.set(sku, change.units);
    if (units.size < bundle.components.length) continue;
    const now = bundleUnits(bundle, (component) => units.get(component)) ?? 0;
    if (figures.at(-1)?.units !== now) figures.push({ ...change, units: now });
  }
  return figures;
}

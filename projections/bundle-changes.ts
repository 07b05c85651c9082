// Which figures of bundles change with a component's, so that they are told like any other. Costs the bundles that the
// component is in, however many SKUs there are.
import { bundleUnits } from '../domain/bundle/available-to-sell.ts';
import type { Bundle, Bundles } from '../domain/bundle/bundles.ts';
import type { OnFigure } from './available-to-sell.ts';

export interface FiguresOfBundles {
  readonly bundles: Bundles;
  /** A component's figure now. */
  units(channel: string, component: string): number | undefined;
}

/**
 * Tells the figure of a SKU that changed, and those of the bundles it is in; not the figure of stock that an SKU had before
 * it was a bundle.
 */
export function tellWithBundles(figures: FiguresOfBundles, tell: OnFigure): OnFigure {
  return (channel, sku, before, after, isNew) => {
    const { bundles } = figures;
    if (bundles.skus.length === 0) {
      tell(channel, sku, before, after, isNew);
      return;
    }
    if (bundles.of(sku) === undefined) tell(channel, sku, before, after, isNew);
    for (const bundle of bundles.containing(sku)) {
      const madeOf = (own: number | undefined) =>
        bundleUnits(bundle, (component) => (component === sku ? own : figures.units(channel, component)));
      const was = madeOf(isNew ? undefined : before);
      const is = madeOf(after)!;
      if (was !== is) tell(channel, bundle.sku, was ?? 0, is, was === undefined);
    }
  };
}

/** From one set of figures to another, such as under another policy: what became of each bundle, of either set. */
export function tellBundleDifferences(
  channels: readonly string[],
  old: FiguresOfBundles,
  now: FiguresOfBundles,
  tell: OnFigure,
): void {
  const skus = new Set([...old.bundles.skus, ...now.bundles.skus]);
  for (const sku of skus) {
    for (const channel of channels) {
      const was = figureIn(old, channel, sku);
      const is = figureIn(now, channel, sku);
      if (was !== is) tell(channel, sku, was ?? 0, is ?? 0, was === undefined);
    }
  }
}

function figureIn({ bundles, units }: FiguresOfBundles, channel: string, sku: string): number | undefined {
  const bundle: Bundle | undefined = bundles.of(sku);
  return bundle === undefined ? units(channel, sku) : bundleUnits(bundle, (component) => units(channel, component));
}

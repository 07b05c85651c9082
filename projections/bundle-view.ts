// Figures of bundles, laid over the figures of SKUs that hold stock: nothing is kept, a bundle's figure is made of its
// components' when somebody asks. Without bundles every question goes straight through.
import { bundleUnits, makes } from '../domain/bundle/available-to-sell.ts';
import type { Bundle, Bundles } from '../domain/bundle/bundles.ts';
import type { AvailabilityPage, AvailabilityRow, Explanation } from './availability.ts';
import type { AvailabilityView } from './availability-view.ts';

/** @param current the bundles of the policy that the figures of `view` are computed under */
export function withBundles(view: AvailabilityView, current: () => Bundles): AvailabilityView {
  const figure = (channel: string, bundle: Bundle) => bundleUnits(bundle, (sku) => view.units(channel, sku));
  return {
    ...view,
    units(channel, sku) {
      const bundle = current().of(sku);
      return bundle === undefined ? view.units(channel, sku) : figure(channel, bundle);
    },
    pool(channel, sku) {
      const bundle = current().of(sku);
      const pool = (one: string) => view.pool(channel, one);
      return bundle === undefined ? pool(sku) : bundleUnits(bundle, pool);
    },
    page(channel, options) {
      const page = view.page(channel, options);
      const bundles = current();
      return bundles.skus.length === 0 ? page : merged(page, bundles, options, (bundle) => figure(channel, bundle));
    },
    explain(channel, sku) {
      const bundle = current().of(sku);
      return bundle === undefined ? view.explain(channel, sku) : explained(view, channel, bundle);
    },
    *skus(channel) {
      const bundles = current();
      for (const sku of view.skus(channel)) if (bundles.of(sku) === undefined) yield sku;
      for (const sku of bundles.skus) if (figure(channel, bundles.of(sku)!) !== undefined) yield sku;
    },
  };
}

interface PageOptions {
  readonly after?: string;
  readonly limit: number;
  readonly prefix?: string;
  readonly inStock?: boolean;
}

/** The bundles among the SKUs of a page, in their place. The stock an SKU had before it was a bundle is not shown. */
function merged(
  page: AvailabilityPage,
  bundles: Bundles,
  { after, limit, prefix = '', inStock = false }: PageOptions,
  figure: (bundle: Bundle) => number | undefined,
): AvailabilityPage {
  const { skus } = bundles;
  const rows: AvailabilityRow[] = page.rows.filter(({ sku }) => bundles.of(sku) === undefined);
  const from = after === undefined || after < prefix ? placeOf(skus, prefix, true) : placeOf(skus, after, false);
  let found = 0;
  for (let place = from; place < skus.length && found <= limit; place++) {
    const sku = skus[place]!;
    if (!sku.startsWith(prefix) || (page.next !== undefined && sku > page.next)) break;
    const units = figure(bundles.of(sku)!);
    if (units === undefined || (inStock && units === 0)) continue;
    rows.push({ sku, units });
    found += 1;
  }
  rows.sort((a, b) => (a.sku < b.sku ? -1 : 1));
  if (rows.length > limit) return { rows: rows.slice(0, limit), next: rows[limit - 1]!.sku };
  return page.next === undefined ? { rows } : { rows, next: page.next };
}

/** The first place whose SKU is > `name` (`inclusive`: ≥ `name`). */
function placeOf(skus: readonly string[], name: string, inclusive: boolean): number {
  let [low, high] = [0, skus.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const there = skus[middle]!;
    if (there < name || (!inclusive && there === name)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function explained(view: AvailabilityView, channel: string, bundle: Bundle): Explanation | undefined {
  const parts = bundle.components.map((component) => ({ component, figure: view.explain(channel, component.sku) }));
  const one = parts.find(({ figure }) => figure !== undefined)?.figure;
  if (one === undefined) return undefined;
  // What the lag of a SKU costs is the component's own.
  const { lagPrice: _, ...terms } = one.terms;
  const components = parts.map(({ component, figure }) => ({
    sku: component.sku,
    quantity: component.quantity,
    units: figure?.units ?? 0,
    makes: makes(figure?.units, component),
    pool: figure?.pool ?? 0,
    locations: figure?.locations ?? [],
    terms: figure?.terms ?? terms,
  }));
  return {
    ...one,
    sku: bundle.sku,
    units: Math.min(...components.map((component) => component.makes)),
    pool: 0,
    locations: [],
    terms,
    bundle: { version: bundle.version, components },
  };
}

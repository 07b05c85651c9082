// The bundles of a policy made quick to ask: by their SKU, and by a component they are in.
import type { Sku } from '../stock/stream.ts';
import type { BundleDefinition, Component } from './definition.ts';

export interface Bundle {
  readonly sku: Sku;
  /** Of the definition. */
  readonly version: string;
  readonly components: readonly Component[];
}

export interface Bundles {
  /** Ascending in code units. */
  readonly skus: readonly Sku[];
  of(sku: Sku): Bundle | undefined;
  /** The bundles a component is in. */
  containing(component: Sku): readonly Bundle[];
}

const NONE: readonly Bundle[] = [];

export const NO_BUNDLES: Bundles = { skus: [], of: () => undefined, containing: () => NONE };

export function compileBundles(definitions: readonly BundleDefinition[], policyVersion: string): Bundles {
  if (definitions.length === 0) return NO_BUNDLES;
  const bundles = new Map<Sku, Bundle>();
  const containing = new Map<Sku, Bundle[]>();
  for (const { sku, version = policyVersion, components } of definitions) {
    const bundle: Bundle = { sku, version, components };
    bundles.set(sku, bundle);
    for (const component of components) {
      const others = containing.get(component.sku);
      if (others === undefined) containing.set(component.sku, [bundle]);
      else others.push(bundle);
    }
  }
  return {
    skus: [...bundles.keys()].sort(),
    of: (sku) => bundles.get(sku),
    containing: (component) => containing.get(component) ?? NONE,
  };
}

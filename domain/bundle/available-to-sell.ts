// Available-to-sell of a bundle in a channel: how many can be made of what the channel may sell of each component.
//   ATS = min over components of ⌊ATS of the component / its quantity⌋
// Channel terms (percentage, buffer, cap, quotas) are in the components' figures already. A promise of each figure at a
// time: a component that is also sold alone, or in two bundles, can be sold once.
import type { Bundle } from './bundles.ts';
import type { Component } from './definition.ts';

/** Bundles that `units` of one component are enough for. */
export function makes(units: number | undefined, { quantity }: Component): number {
  return Math.floor((units ?? 0) / quantity);
}

/** Undefined: no component has a figure. A component without one counts as none. */
export function bundleUnits(bundle: Bundle, unitsOf: (component: string) => number | undefined): number | undefined {
  let least = Number.POSITIVE_INFINITY;
  let hasFigure = false;
  for (const component of bundle.components) {
    const units = unitsOf(component.sku);
    hasFigure ||= units !== undefined;
    least = Math.min(least, makes(units, component));
  }
  return hasFigure ? least : undefined;
}

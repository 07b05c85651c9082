// What a bundle is made of, as the policy document says it: versioned with the policy, and kept with every command that
// was exploded by it. A bundle holds no stock of its own, and is made of what does: never of another bundle.
import { z } from 'zod';
import { type Issue, issuesAt, unique } from '../policy/issue.ts';
import { Sku } from '../stock/stream.ts';

const COMPONENTS_MAX = 50;
const QUANTITY_MAX = 10_000;
const BUNDLES_MAX = 50_000;
/** One movement of a component changes the figures of all bundles it is in. */
export const BUNDLES_PER_COMPONENT_MAX = 1_000;

const Component = z.strictObject({
  sku: Sku,
  quantity: z.int().min(1).max(QUANTITY_MAX).meta({ description: 'Units of it in one bundle' }),
});
export type Component = z.output<typeof Component>;

export const BundleDefinition = z.strictObject({
  sku: Sku.meta({ description: 'What is sold; it holds no stock of its own' }),
  version: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .meta({ description: 'Name of this definition in force; default: the version of the policy' }),
  components: z.array(Component).min(1).max(COMPONENTS_MAX),
});
export type BundleDefinition = z.output<typeof BundleDefinition>;

export const BundleDefinitions = z
  .array(BundleDefinition)
  .max(BUNDLES_MAX)
  .default([])
  .meta({ description: 'SKUs sold as one and taken from stock as their components (docs/bundles.md)' });

/** Paths are within `bundles`. */
export function bundleIssues(
  bundles: readonly BundleDefinition[],
  knowsSku: (sku: string) => boolean,
  issue: Issue,
): void {
  const skus = new Set(bundles.map(({ sku }) => sku));
  const memberships = new Map<string, number>();
  unique(
    bundles.map(({ sku }) => ({ id: sku })),
    issue,
  );
  for (const [n, { sku, components }] of bundles.entries()) {
    const here = issuesAt([n], issue);
    if (!knowsSku(sku)) here(['sku'], `unknown SKU ${sku}`);
    unique(
      components.map((component) => ({ id: component.sku })),
      issuesAt(['components'], here),
    );
    for (const [c, component] of components.entries()) {
      const at = ['components', c, 'sku'];
      const within = (memberships.get(component.sku) ?? 0) + 1;
      memberships.set(component.sku, within);
      if (component.sku === sku) here(at, `${sku} is a component of itself`);
      else if (skus.has(component.sku)) here(at, `${component.sku} is a bundle: name its components instead`);
      else if (!knowsSku(component.sku)) here(at, `unknown SKU ${component.sku}`);
      if (within === BUNDLES_PER_COMPONENT_MAX + 1)
        here(at, `${component.sku} is in more than ${BUNDLES_PER_COMPONENT_MAX} bundles`);
    }
  }
}

/** A rule about units of a SKU that has none. */
export function stocklessIssues(
  entries: readonly { readonly sku: string }[],
  bundles: readonly BundleDefinition[],
  issue: Issue,
): void {
  if (bundles.length === 0) return;
  const skus = new Set(bundles.map(({ sku }) => sku));
  entries.forEach(({ sku }, n) => {
    if (skus.has(sku)) issue([n, 'sku'], `${sku} is a bundle and holds no stock: name its components instead`);
  });
}

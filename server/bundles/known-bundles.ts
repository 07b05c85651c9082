// Which SKUs are bundles, or were in an earlier policy: a repeat of a command for one that no longer is must find what
// the first came to, and its open reservations go on as they were made.
import type { PolicyBook } from '../policy/book.ts';

export function knownBundles(policies: Pick<PolicyBook, 'policy' | 'history'>): (sku: string) => boolean {
  const former = new Set<string>();
  for (const { document } of policies.history().versions) {
    const { bundles = [] } = document as { readonly bundles?: readonly { readonly sku: string }[] };
    for (const { sku } of bundles) former.add(sku);
  }
  let current = policies.policy().bundles;
  return (sku) => {
    const { bundles } = policies.policy();
    if (bundles !== current) {
      for (const gone of current.skus) former.add(gone);
      current = bundles;
    }
    return bundles.of(sku) !== undefined || (former.size > 0 && former.has(sku));
  };
}

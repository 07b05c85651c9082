// Bundle definitions: what contradicts itself is refused with its place and the rule; what is taken can be asked.
import { describe, expect, it } from 'vitest';
import { bundleUnits } from '../../../domain/bundle/available-to-sell.ts';
import { explodeLines } from '../../../domain/bundle/explode.ts';
import { compilePolicy, PolicyDocument, type PolicyDocumentJson } from '../../../domain/channel/policy.ts';

const part = (sku: string, quantity = 1) => ({ sku, quantity });
const kit = (...components: { sku: string; quantity: number }[]) => ({ sku: 'KIT', components });
const good: PolicyDocumentJson = { version: '7', locations: [{ id: 'dc' }] };
const compiled = (bundles: PolicyDocumentJson['bundles']) => compilePolicy(PolicyDocument.parse({ ...good, bundles }));

describe('a policy is refused, naming place and rule, with', () => {
  const listed = { skus: ['KIT', 'A'] };
  it.each<readonly [string, Partial<PolicyDocumentJson>, string, RegExp]>([
    ['a bundle without components', { bundles: [kit()] }, 'bundles.0.components', /./],
    ['a component of none', { bundles: [kit(part('A', 0))] }, 'bundles.0.components.0.quantity', />=1/],
    ['a bundle twice', { bundles: [kit(part('A')), kit(part('B'))] }, 'bundles.1', /KIT is defined twice/],
    ['a component twice', { bundles: [kit(part('A'), part('A'))] }, 'bundles.0.components.1', /A is defined twice/],
    ['a bundle of itself', { bundles: [kit(part('KIT'))] }, 'bundles.0.components.0.sku', /component of itself/],
    [
      'a cycle',
      { bundles: [kit(part('BOX')), { sku: 'BOX', components: [part('KIT')] }] },
      'bundles.1.components.0.sku',
      /KIT is a bundle/,
    ],
    ['an unknown component', { ...listed, bundles: [kit(part('B'))] }, 'bundles.0.components.0.sku', /unknown SKU B/],
    ['an unknown bundle', { skus: ['A'], bundles: [kit(part('A'))] }, 'bundles.0.sku', /unknown SKU KIT/],
    [
      'safety stock of a bundle',
      { bundles: [kit(part('A'))], safetyStock: [{ sku: 'A', units: 1 }, part2('KIT')] },
      'safetyStock.1.sku',
      /holds no stock/,
    ],
    [
      'a quota of a bundle',
      {
        bundles: [kit(part('A'))],
        channels: [{ id: 'web', locations: ['dc'], quotas: [{ sku: 'KIT', location: 'dc', units: 1 }] }],
      },
      'channels.0.quotas.0.sku',
      /holds no stock/,
    ],
    [
      'a component in too many bundles',
      { bundles: Array.from({ length: 1_001 }, (_, n) => ({ sku: `K${n}`, components: [part('A')] })) },
      'bundles.1000.components.0.sku',
      /more than 1000 bundles/,
    ],
  ])('%s', (_, change, path, message) => {
    const parsed = PolicyDocument.safeParse({ ...good, ...change });
    const issues = parsed.error?.issues ?? [];
    expect(issues.map((issue) => issue.path.join('.'))).toContain(path);
    expect(issues.find((issue) => issue.path.join('.') === path)?.message).toMatch(message);
  });

  function part2(sku: string) {
    return { sku, units: 1 };
  }
});

describe('the bundles of a policy', () => {
  it('are found by their SKU and by a component, and named by their version or the policy', () => {
    const { bundles } = compiled([
      kit(part('A', 2), part('B')),
      { sku: 'BOX', version: 'b-2', components: [part('A')] },
    ]);
    expect(bundles.of('KIT')).toMatchObject({ version: '7', components: [part('A', 2), part('B')] });
    expect(bundles.containing('A').map(({ sku, version }) => [sku, version])).toEqual([
      ['KIT', '7'],
      ['BOX', 'b-2'],
    ]);
    expect(bundles.containing('KIT')).toEqual([]);
    expect(bundles.skus).toEqual(['BOX', 'KIT']);
    expect(compiled([]).bundles.of('KIT')).toBeUndefined();
  });

  it('make as many as the scarcest component is enough for', () => {
    const bundle = compiled([kit(part('A', 2), part('B', 3))]).bundles.of('KIT')!;
    const units = (a?: number, b?: number) => bundleUnits(bundle, (sku) => (sku === 'A' ? a : b));
    expect([units(9, 30), units(90, 8), units(1, 3), units(0, 0)]).toEqual([4, 2, 0, 0]);
    expect([units(9, undefined), units(undefined, undefined)]).toEqual([0, undefined]);
  });

  it('explode the lines of an order into components that say what they are part of', () => {
    const { bundles } = compiled([kit(part('A', 2), part('B'))]);
    const bundle = { sku: 'KIT', quantity: 3, version: '7', line: 1 };
    expect(explodeLines([part('A', 5), part('KIT', 3)], bundles)).toEqual([
      part('A', 5),
      { ...part('A', 6), bundle },
      { ...part('B', 3), bundle },
    ]);
    const lines = [part('A')];
    expect(explodeLines(lines, compiled([]).bundles)).toBe(lines);
  });
});

// What a change of policy would do to the figures of now, without doing it.
import type { Policy } from '../domain/channel/policy.ts';
import { poolsUnder } from './changed-policy.ts';
import { type Figures, tellDifferences } from './figure-differences.ts';

export interface FigureChanges {
  readonly channel: string;
  /** SKUs whose figure would be another; a figure that comes or goes counts. */
  readonly changed: number;
  readonly lower: number;
  readonly higher: number;
  /** Some of them. */
  readonly examples: readonly { readonly sku: string; readonly before: number; readonly after: number }[];
}

const EXAMPLES_MAX = 5;

/** @param now is not touched; costs what the change itself would cost */
export function plannedFigures(now: Figures, before: Policy, after: Policy): readonly FigureChanges[] {
  const { levels } = now;
  const old = before === now.pools.policy ? now.pools : poolsUnder(now.pools, before, levels, 0n, () => {});
  const planned = poolsUnder(old, after, levels, 0n, () => {});
  const byChannel = new Map<string, { -readonly [K in keyof FigureChanges]: FigureChanges[K] }>();
  tellDifferences({ pools: old, levels }, { pools: planned, levels }, (channel, sku, was, is) => {
    const changes = byChannel.get(channel) ?? { channel, changed: 0, lower: 0, higher: 0, examples: [] };
    byChannel.set(channel, changes);
    changes.changed += 1;
    if (is < was) changes.lower += 1;
    if (is > was) changes.higher += 1;
    if (changes.examples.length < EXAMPLES_MAX) {
      changes.examples = [...changes.examples, { sku, before: was, after: is }];
    }
  });
  return [...byChannel.values()];
}

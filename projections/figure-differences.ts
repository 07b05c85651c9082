// Tells listeners what differs between two sets of figures: after a change of policy, or when a rebuilt model takes the
// place of another. A figure that is gone is told as 0, because whoever shows it must show it no longer.
import type { ChannelPolicy } from '../domain/channel/policy.ts';
import type { OnFigure, Pools } from './available-to-sell.ts';
import { type FiguresOfBundles, tellBundleDifferences } from './bundle-changes.ts';
import type { StockLevels } from './stock-levels.ts';

export interface Figures {
  readonly pools: Pools;
  readonly levels: StockLevels;
}

/** In the order of the channels now, then of those that are gone. O(SKUs) for each channel that may differ. */
export function tellDifferences(old: Figures, now: Figures, tell: OnFigure): void {
  const gone = old.pools.policy.channels.filter(({ id }) => now.pools.policy.channel(id) === undefined);
  const channels = [...now.pools.policy.channels, ...gone].map(({ id }) => id);
  const ofStock = exceptBundles(old, now, tell);
  for (const channel of channels) if (mayDiffer(old, now, channel)) tellChannel(old, now, channel, ofStock);
  tellBundleDifferences(channels, figuresOfBundles(old), figuresOfBundles(now), tell);
}

/** The figure of a bundle is not that of the stock which its SKU may once have had. */
function exceptBundles(old: Figures, now: Figures, tell: OnFigure): OnFigure {
  const bundles = [old, now].map(({ pools }) => pools.policy.bundles).filter(({ skus }) => skus.length > 0);
  if (bundles.length === 0) return tell;
  return (channel, sku, ...figures) => {
    if (bundles.every((some) => some.of(sku) === undefined)) tell(channel, sku, ...figures);
  };
}

function figuresOfBundles(figures: Figures): FiguresOfBundles {
  const { bundles } = figures.pools.policy;
  return { bundles, units: (channel, sku) => unitsIn(figures, channel, sku) };
}

/** Of a SKU with stock of its own. */
export function unitsIn({ pools, levels }: Figures, channel: string, sku: string): number | undefined {
  return figure(pools, channel, levels.table.skus.find(sku));
}

/** Columns that were taken over as they are have the same pools. */
function mayDiffer(old: Figures, now: Figures, channel: string): boolean {
  const [was, is] = [old.pools.columns.get(channel), now.pools.columns.get(channel)];
  if (was === undefined || is === undefined || was.units !== is.units) return true;
  if (was.lagPrices !== undefined || is.lagPrices !== undefined) return true;
  const terms = ({ on, percentage, buffer, cap }: ChannelPolicy) => JSON.stringify([on, percentage, buffer, cap]);
  return terms(was.channel) !== terms(is.channel);
}

function tellChannel(old: Figures, now: Figures, channel: string, tell: OnFigure): void {
  const isSame = old.levels === now.levels;
  const [oldSkus, skus] = [old.levels.table.skus, now.levels.table.skus];
  for (let id = 0; id < skus.size; id++) {
    const was = figure(old.pools, channel, isSame ? id : oldSkus.find(skus.name(id)));
    const is = figure(now.pools, channel, id);
    if (was !== is) tell(channel, skus.name(id), was ?? 0, is ?? 0, was === undefined);
  }
  if (isSame) return;
  for (let id = 0; id < oldSkus.size; id++) {
    const was = skus.find(oldSkus.name(id)) < 0 ? figure(old.pools, channel, id) : undefined;
    if (was !== undefined) tell(channel, oldSkus.name(id), was, 0, false);
  }
}

function figure(pools: Pools, channel: string, sku: number): number | undefined {
  return sku < 0 ? undefined : pools.told(channel, sku);
}

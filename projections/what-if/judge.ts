// Would this demand have been met? As the channel judges, by what it shows, and then the stock, as it decides itself.
import { contribution } from '../../domain/channel/available-to-sell.ts';
import type { Instant } from '../../domain/time.ts';
import type { Pools } from '../available-to-sell.ts';
import type { StockLevels } from '../stock-levels.ts';
import { ACTIVE } from '../stock-table.ts';
import type { ChannelCourse } from './channel-course.ts';
import type { Demand } from './demand.ts';
import type { Tallies } from './outcome.ts';

export interface JudgeRoom {
  readonly levels: StockLevels;
  readonly channels: ReadonlyMap<string, ChannelCourse>;
  readonly tallies: Tallies;
  readonly asHappened: ReadonlySet<string>;
  readonly pools: () => Pools;
}

/** False: it does not happen. What is counted is counted, and the channel has taken off what it sold. */
export type Judge = (demand: Demand, at: Instant) => boolean;

export function createJudge({ levels, channels, tallies, asHappened, pools }: JudgeRoom): Judge {
  const freeFor = (channel: string, { sku, location }: Demand['stock']): number => {
    const { table } = levels;
    const row = table.find(sku, location);
    if (row < 0 || table.columns.life[row] !== ACTIVE) return 0;
    const { policy } = pools();
    const reservedBy = (other: string) => table.reservedBy.of(row, other);
    const quotas = policy.quotas(sku, location);
    return contribution(table.levels(row), policy.safetyStock(sku, location), quotas, reservedBy, channel);
  };
  return ({ seller, units, stock, isRequest }, at) => {
    tallies.add(seller, 'demand', units);
    const channel = asHappened.has(seller) ? undefined : channels.get(seller);
    if (channel === undefined) return true;
    if (channel.shown(stock.sku) < units) {
      tallies.add(seller, 'notShown', units);
      const pool = pools().pool(seller, levels.table.skus.find(stock.sku)) ?? 0;
      if (pool >= units) tallies.add(seller, 'heldBack', units);
      return false;
    }
    if (isRequest && freeFor(seller, stock) < units) {
      tallies.add(seller, 'refused', units);
      return false;
    }
    channel.sold(stock.sku, units, at);
    return true;
  };
}

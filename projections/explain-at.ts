// An available-to-sell figure as of two times: from the streams it was made from, as far as their events had happened by
// `asOf` and been recorded by `knownAt`, under the policy that was in force. The same arithmetic as the figures of now, but for the lag-priced buffer:
// what sold elsewhere and how far the channel lagged then would have to be folded from the whole log, so it is left out, and that said.
import { compilePolicy, type Policy } from '../domain/channel/policy.ts';
import { type EventLog, type Position, START } from '../domain/event-log.ts';
import { historyKnownAt, type PolicyHistory, policyAt } from '../domain/policy/history.ts';
import { optionsOf, type StockAsOf, stockAsOf, type Times } from './as-of.ts';
import type { Explanation } from './availability.ts';
import { createAvailabilityView } from './availability-view.ts';
import { createPools } from './available-to-sell.ts';
import { withBundles } from './bundle-view.ts';
import { createStockLevels } from './stock-levels.ts';
import { ACTIVE, FROZEN, RETIRED, type StockTable } from './stock-table.ts';

export interface FigureAt extends Times {
  readonly channel: string;
  readonly sku: string;
  /** In force then. */
  readonly policy: Policy;
}

/** Stocks that are read for it: of the pool's locations, for each component of a bundle. */
export function stocksOf({ channel, sku, policy }: FigureAt): readonly (readonly [sku: string, location: string])[] {
  const skus = policy.bundles.of(sku)?.components.map((component) => component.sku) ?? [sku];
  const locations = policy.channel(channel)?.locations ?? [];
  return skus.flatMap((one) => locations.map((location) => [one, location] as const));
}

/** The policy a figure of these times was, or would have been, made under. Undefined before the first version. */
export function policyOfTimes(history: PolicyHistory, { asOf, knownAt }: Times): Policy | undefined {
  const known = knownAt === undefined ? history : historyKnownAt(history, knownAt);
  return policyAt(known, asOf ?? knownAt ?? Number.POSITIVE_INFINITY);
}

/**
 * Undefined: there was no such figure. Reads whole streams, of these stocks only.
 * @throws Unavailable
 */
export async function explainAt(log: Pick<EventLog, 'read'>, figure: FigureAt): Promise<Explanation | undefined> {
  const { channel, sku } = figure;
  const policy = withoutLagPrice(figure.policy, channel);
  const levels = createStockLevels();
  let position: Position = START;
  for (const [one, location] of stocksOf(figure)) {
    const stock = await stockAsOf(log, one, location, optionsOf(figure));
    if (stock.events === 0) continue;
    addRow(levels.table, one, location, stock);
    if (stock.position > position) position = stock.position;
  }
  const pools = createPools(levels, policy, position, () => {});
  const view = createAvailabilityView({ table: () => levels.table, pools: () => pools, position: () => position });
  const explained = withBundles(view, () => policy.bundles).explain(channel, sku);
  return explained === undefined || policy === figure.policy ? explained : { ...explained, lagPriceLeftOut: true };
}

/** The same without the lag-priced buffer of one channel. */
export function withoutLagPrice(policy: Policy, id: string): Policy {
  if (policy.channel(id)?.lagPriced === undefined) return policy;
  const channels = policy.channels.map((channel) =>
    channel.id === id ? { ...channel, lagPriced: undefined } : channel,
  );
  return compilePolicy({ ...policy.document, channels });
}

const LIFE_COLUMN = { active: ACTIVE, frozen: FROZEN, retired: RETIRED } as const;

function addRow(table: StockTable, sku: string, location: string, stock: StockAsOf): void {
  const { columns } = table;
  const { levels, revision, position } = stock;
  const row = addStock(table, sku, location, stock);
  for (const [name, units] of Object.entries(levels)) columns[name as keyof typeof levels][row] = units;
  columns.revision[row] = revision;
  columns.position[row] = position;
}

/** A stock whose levels are not known yet: its next event brings them. Returns its row. */
export function addStock(
  table: StockTable,
  sku: string,
  location: string,
  { life, reservedBy }: Pick<StockAsOf, 'life' | 'reservedBy'>,
): number {
  const row = table.add(table.skus.intern(sku), table.locations.intern(location));
  table.columns.life[row] = LIFE_COLUMN[life];
  for (const [channel, units] of reservedBy) table.reservedBy.add(row, channel, units);
  return row;
}

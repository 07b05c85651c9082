// How a figure came to be what it is: the last events of its SKU in log order, with on-hand, reserved and available-to-sell
// after each, by the same arithmetic as the figures of now and under the policy of its moment. What policy changed stands
// between them. The lag-priced buffer is left out, as in every past figure (explain-at.ts).
import type { Policy } from '../domain/channel/policy.ts';
import { type EventLog, type RecordedEvent, START } from '../domain/event-log.ts';
import { historyKnownAt, holdingAt, type PolicyHistory } from '../domain/policy/history.ts';
import { readStockEvent } from '../domain/stock/events.ts';
import type { Instant } from '../domain/time.ts';
import { createPools, type Pools } from './available-to-sell.ts';
import { addStock, policyOfTimes, withoutLagPrice } from './explain-at.ts';
import { createStockLevels, type StockLevels } from './stock-levels.ts';
import { readStockTail, type StockNow } from './stock-tail.ts';

export interface TimelineAsked {
  readonly channel: string;
  readonly sku: string;
  /** Every stock of the SKU, or the one whose part in the figure is asked for. */
  readonly stocks: readonly StockNow[];
  /** On-hand, reserved and the figure are those of this location alone: what it contributes. */
  readonly location?: string | undefined;
  /** Events at most. */
  readonly limit: number;
  readonly now: Instant;
}

export interface TimelineEntry {
  /** When it was recorded; never before the entry before it. */
  readonly at: Instant;
  /** Absent: policy changed. */
  readonly event?: RecordedEvent;
  readonly policyVersion?: string | undefined;
  /** Of all these stocks. */
  readonly onHand: number;
  readonly reserved: number;
  /** Undefined: the policy had no such channel then, or it sold from none of these locations. */
  readonly units: number | undefined;
}

export interface Timeline {
  readonly entries: readonly TimelineEntry[];
  /** There were events before these. */
  readonly isCut: boolean;
  readonly lagPriceLeftOut: boolean;
}

/** Reads at most `limit` + 1 events of each stock. @throws Unavailable */
export async function figureTimeline(
  log: Pick<EventLog, 'read'>,
  history: PolicyHistory,
  asked: TimelineAsked,
): Promise<Timeline> {
  const { stocks, limit, now } = asked;
  const levels = createStockLevels();
  const events: RecordedEvent[] = [];
  for (const stock of stocks) {
    // One more than is shown: the levels before the first.
    const tail = await readStockTail(log, stock, limit + 1);
    events.push(...tail.events);
    if (tail.before !== undefined) addStock(levels.table, stock.sku, stock.location, tail.before);
  }
  events.sort((a, b) => (a.position < b.position ? -1 : 1));
  const cut = Math.max(0, events.length - limit);
  for (const event of events.slice(0, cut)) levels.apply(event);
  const shown = events.slice(cut);
  const figures = createFigures(levels, history, asked);
  const entries: TimelineEntry[] = [];
  let at = recordedAt(shown[0]);
  const changes = policyChanges(history).filter((change) => change > at && change <= now);
  const policyChangedUpTo = (time: Instant) => {
    for (; changes.length > 0 && changes[0]! <= time; changes.shift()) {
      const before = entries.at(-1);
      const after = figures(changes[0]!);
      const isOther = before?.policyVersion !== after.policyVersion || before?.units !== after.units;
      if (isOther) entries.push({ at: changes[0]!, ...after });
    }
  };
  for (const event of shown) {
    at = Math.max(at, recordedAt(event));
    policyChangedUpTo(at);
    levels.apply(event);
    entries.push({ at, event, ...figures(at) });
  }
  policyChangedUpTo(now);
  return { entries, isCut: cut > 0, lagPriceLeftOut: figures.lagPriceLeftOut() };
}

function recordedAt(event: RecordedEvent | undefined): Instant {
  return event === undefined ? 0 : readStockEvent(event).recordedAt;
}

/** Times at which another policy may have begun to hold, ascending. */
function policyChanges({ versions, lowerings }: PolicyHistory): Instant[] {
  const ofVersions = versions.flatMap(({ effectiveFrom, recordedAt, cancelled }) => [
    Math.max(effectiveFrom, recordedAt),
    ...(cancelled === undefined ? [] : [cancelled.at]),
  ]);
  const ofLowerings = lowerings.flatMap(({ from, to }) => (to === undefined ? [from] : [from, to]));
  return [...new Set([...ofVersions, ...ofLowerings])].sort((a, b) => a - b);
}

/** What the stocks in `levels` come to at a time. Follows them from one policy to the next. */
function createFigures(levels: StockLevels, history: PolicyHistory, { channel, sku, location }: TimelineAsked) {
  const policies = new Map<string, Policy | undefined>();
  let held: string | undefined;
  let pools: Pools | undefined;
  let isLeftOut = false;
  const policyOf = (holding: string, at: Instant) => {
    if (policies.has(holding)) return policies.get(holding);
    const policy = policyOfTimes(history, { knownAt: at });
    const without = policy && withoutLagPrice(policy, channel);
    if (without !== policy) isLeftOut = true;
    policies.set(holding, without);
    return without;
  };
  const follow = (at: Instant) => {
    const holding = holdingAt(historyKnownAt(history, at), at);
    if (holding === held) return;
    held = holding;
    pools?.leave();
    const policy = policyOf(holding, at);
    pools = policy && createPools(levels, policy, START, () => {});
    pools?.follow();
  };
  const units = () => {
    const terms = pools?.policy.channel(channel);
    if (pools === undefined || terms === undefined) return undefined;
    if (location === undefined) return pools.figure(channel, levels.table.skus.find(sku));
    const row = levels.table.find(sku, location);
    return row < 0 || !terms.locations.includes(location) ? undefined : pools.terms.contribution(row, channel);
  };
  const figures = (at: Instant) => {
    follow(at);
    return { ...sums(levels), policyVersion: pools?.policy.version, units: units() };
  };
  return Object.assign(figures, { lagPriceLeftOut: () => isLeftOut });
}

function sums({ table: { rows, columns } }: StockLevels): Pick<TimelineEntry, 'onHand' | 'reserved'> {
  let [onHand, reserved] = [0, 0];
  for (let row = 0; row < rows; row++) {
    onHand += columns.onHand[row]!;
    reserved += columns.reserved[row]!;
  }
  return { onHand, reserved };
}

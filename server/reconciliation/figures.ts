// Our own figures over the last while, from the events of the stocks: what a system that is told nothing was expected to
// show at the time of its statement.
import { availableToSell, contribution } from '../../domain/channel/available-to-sell.ts';
import type { ChannelPolicy, Policy } from '../../domain/channel/policy.ts';
import type { EventLog, Position } from '../../domain/event-log.ts';
import type { FigureChange } from '../../domain/reconciliation/known.ts';
import { readStockEvent } from '../../domain/stock/events.ts';
import type { Levels } from '../../domain/stock/levels.ts';
import { stockStream } from '../../domain/stock/stream.ts';
import type { Instant } from '../../domain/time.ts';
import type { StockRow } from '../../projections/availability.ts';
import { readBackwards } from './backwards.ts';

export interface FiguresRoom {
  readonly log: Pick<EventLog, 'read'>;
  readonly policy: Policy;
  readonly cut: Position;
}

/** Changes up to the cut that are looked at, of one stock; and events at all, with those after it. */
const CHANGES_MAX = 500;
const EVENTS_MAX = 10_000;

interface LevelsChange {
  readonly location: string;
  readonly levels: Levels;
  readonly at: Instant;
  readonly happenedAt: Instant;
  readonly position: Position;
  readonly event: string;
}

/** Levels of one stock up to the cut, newest first, back to the last change that was known before `since`. */
async function levelsSince({ log, cut }: FiguresRoom, stock: StockRow, since: Instant): Promise<LevelsChange[]> {
  const { sku, location, revision } = stock;
  const stream = stockStream(sku, location);
  const changes: LevelsChange[] = [];
  for await (const recorded of readBackwards(log, stream, revision, EVENTS_MAX)) {
    if (recorded.position > cut) continue;
    const { levels, recordedAt: at, occurredAt: happenedAt } = readStockEvent(recorded);
    const event = `${stream}@${recorded.revision}`;
    changes.push({ location, levels, at, happenedAt, position: recorded.position, event });
    if (at < since || changes.length >= CHANGES_MAX) break;
  }
  return changes;
}

/** On-hand of one stock, oldest first; empty: nothing had happened to it at the cut. */
export async function onHandSince(
  room: FiguresRoom,
  stock: StockRow,
  since: Instant,
): Promise<readonly FigureChange[]> {
  const changes = await levelsSince(room, stock, since);
  return changes
    .toReversed()
    .map(({ levels, at, happenedAt, event }) => ({ units: levels.onHand, at, happenedAt, event }));
}

/**
 * The channel's figure of one SKU, oldest first, under the policy as it is now. Empty where an exclusive quota has a part
 * in it: what a quota leaves to others depends on reservations that the levels do not tell; and where the buffer has a
 * price, which the levels do not tell either.
 */
export async function figuresOfChannel(
  room: FiguresRoom,
  channel: ChannelPolicy,
  stocks: readonly StockRow[],
  since: Instant,
): Promise<readonly FigureChange[]> {
  const { policy } = room;
  if (channel.lagPriced !== undefined) return [];
  if (stocks.some(({ sku, location }) => policy.quotas(sku, location).length > 0)) return [];
  const changes = (await Promise.all(stocks.map((stock) => levelsSince(room, stock, since)))).flat();
  changes.sort((a, b) => (a.position < b.position ? -1 : 1));
  const pool = new Map<string, number>();
  const active = new Set(stocks.filter(({ life }) => life === 'active').map(({ location }) => location));
  const figures: FigureChange[] = [];
  for (const { location, levels, at, happenedAt, event } of changes) {
    const safetyStock = policy.safetyStock(stocks[0]!.sku, location);
    pool.set(location, active.has(location) ? contribution(levels, safetyStock, [], () => 0, channel.id) : 0);
    // Before every location has told its first, the sum says nothing.
    if (pool.size < stocks.length) continue;
    const units = availableToSell(
      [...pool.values()].reduce((sum, part) => sum + part, 0),
      channel,
    );
    if (figures.at(-1)?.units !== units) figures.push({ units, at, happenedAt, event });
  }
  return figures;
}

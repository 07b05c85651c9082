// What of its daily budgets was spent before this process began, read from the end of the channel's stream. A process that
// died may have told of any SKU once without its being recorded, so each such end counts for all of them.
import { channelStream, isSteering, readChannelEvent } from '../../domain/channel/events.ts';
import { DAY, HOUR, type Instant, SECOND } from '../../domain/time.ts';
import { type Budget, createBudget } from './budget.ts';
import type { Assignment, Surroundings } from './surroundings.ts';
import { pause, type Timers } from './timers.ts';

const PAGE_EVENTS = 100;

/** Undefined: the channel states no such limit. `last`: the revision to read back from. Rejects when `signal` aborts. */
export async function readBudget(
  { log, clock, timers }: Pick<Surroundings, 'log' | 'clock' | 'timers'>,
  channel: string,
  last: number,
  { connector }: Pick<Assignment, 'connector'>,
  signal: AbortSignal,
): Promise<Budget | undefined> {
  const now = clock.now();
  const perSkuDailyMax = connector?.declares.perSkuDailyMax;
  if (perSkuDailyMax === undefined) return undefined;
  const budget = createBudget(perSkuDailyMax);
  const stream = channelStream(channel);
  /** Of a start whose event before it has not been read yet. */
  let startedAt: Instant | undefined;
  for (let end = last; end >= 0; ) {
    const first = Math.max(0, end - PAGE_EVENTS + 1);
    const events = await insist(() => log.read(stream, first, end - first + 1), timers, signal);
    for (const recorded of events.toReversed()) {
      if (isSteering(recorded.type)) continue;
      const event = readChannelEvent(recorded);
      if (startedAt !== undefined && event.type !== 'PublishingStopped') budget.spendOnAll(startedAt);
      startedAt = undefined;
      if (event.type === 'PublishingStarted' && !event.goesOn) startedAt = event.startedAt;
      if (event.type !== 'AvailabilityPublished') continue;
      if (event.finishedAt < now - DAY - HOUR) return budget;
      for (const [sku] of event.updates) budget.spend(sku, event.finishedAt);
    }
    end = first - 1;
  }
  return budget;
}

/** The log may be away: nothing is told before the budgets are known. */
async function insist<R>(read: () => Promise<R>, timers: Timers, signal: AbortSignal): Promise<R> {
  for (;;) {
    try {
      return await read();
    } catch (error) {
      await pause(timers, SECOND, signal);
      if (signal.aborted) throw error;
    }
  }
}

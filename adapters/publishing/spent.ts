// What of its daily budgets a channel's stream says is spent, read from its end. A process that died may have told of any
// SKU once without its being recorded, so each such end counts for all of them.
import { channelStream, isOfPublisher, readChannelEvent } from '../../domain/channel/events.ts';
import { DAY, HOUR, type Instant, SECOND } from '../../domain/time.ts';
import { type Budget, createBudget, spends } from './budget.ts';
import type { Outstanding } from './outstanding.ts';
import type { Assignment, Surroundings } from './surroundings.ts';
import { pause, type Timers } from './timers.ts';

/** An event may hold a thousand values. */
const PAGE_EVENTS = 10;

/** `last`: the revision to read back from. Rejects when `signal` aborts. */
export async function recount(
  outstanding: Pick<Outstanding, 'recount'>,
  { connector }: Pick<Assignment, 'connector'>,
  surroundings: Pick<Surroundings, 'log' | 'clock' | 'timers'>,
  { channel, last }: StreamPart,
  signal: AbortSignal,
): Promise<void> {
  const perSkuDailyMax = connector?.declares.perSkuDailyMax;
  const budget = perSkuDailyMax === undefined ? undefined : createBudget(perSkuDailyMax);
  await outstanding.recount(budget, async () => {
    if (budget !== undefined) await readSpent(budget, surroundings, { channel, last }, signal);
  });
}

interface StreamPart {
  readonly channel: string;
  readonly last: number;
}

async function readSpent(
  budget: Budget,
  { log, clock, timers }: Pick<Surroundings, 'log' | 'clock' | 'timers'>,
  { channel, last }: StreamPart,
  signal: AbortSignal,
): Promise<void> {
  const now = clock.now();
  const stream = channelStream(channel);
  /** Of a start whose event before it has not been read yet. */
  let startedAt: Instant | undefined;
  for (let end = last; end >= 0; ) {
    const first = Math.max(0, end - PAGE_EVENTS + 1);
    const events = await insist(() => log.read(stream, first, end - first + 1), timers, signal);
    for (const recorded of events.toReversed()) {
      if (!isOfPublisher(recorded.type)) continue;
      const event = readChannelEvent(recorded);
      if (startedAt !== undefined && !(event.type === 'PublishingStopped' && !event.unsure))
        budget.spendOnAll(startedAt);
      startedAt = undefined;
      if (event.type === 'PublishingStarted' && !event.goesOn) startedAt = event.startedAt;
      if (event.type !== 'AvailabilityPublished') continue;
      if (event.finishedAt < now - DAY - HOUR) return;
      for (const [sku, , outcome] of event.updates) if (spends(outcome)) budget.spend(sku, event.finishedAt);
    }
    end = first - 1;
  }
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

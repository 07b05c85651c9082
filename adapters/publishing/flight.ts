// One batch under way: what was taken to be sent, along which lane, and what is recorded of it.
import type { ChannelEvent } from '../../domain/channel/events.ts';
import type { Position } from '../../domain/event-log.ts';
import type { Instant } from '../../domain/time.ts';
import type { Outcome, Reply, Update } from '../channels/channel.ts';
import type { Entry } from './backlog.ts';
import { batchEvents, countOutcomes } from './batch-record.ts';
import { failureOf, unsettledOf } from './call.ts';
import type { Lane, Line } from './line.ts';
import type { CallObserver } from './observe.ts';
import type { Since } from './since.ts';
import type { Moment } from './timers.ts';

export interface Flight {
  readonly batchId: string;
  readonly version: Position;
  readonly updates: readonly Update[];
  readonly entries: readonly Entry[];
  readonly startedAt: Instant;
  readonly sentAt: Moment;
  readonly watch: CallObserver;
  readonly line: Line;
  readonly lane: Lane;
}

/** What came of it. */
export interface Landing {
  readonly reply: Reply;
  readonly outcomes: ReadonlyMap<string, Outcome>;
  readonly at: Moment;
  readonly finishedAt: Instant;
  /** The least version of a batch that is sent and not in the log when this one is. */
  readonly floor: Position;
}

/** What it accepted has to be seen before it counts as shown. */
export function isReadBack({ lane, line }: Pick<Flight, 'lane' | 'line'>): boolean {
  return lane.acknowledgement === 'accepted' && line.reading !== undefined;
}

/** How long each confirmed update had been wrong at the channel when the answer was there. */
export function lagsOf(flight: Flight, { outcomes, at }: Pick<Landing, 'outcomes' | 'at'>): readonly number[] {
  return confirmedOf(flight, outcomes).map((since) => Math.max(0, at - since.at));
}

function confirmedOf({ entries }: Flight, outcomes: Landing['outcomes']): readonly Since[] {
  return entries.filter(({ sku }) => outcomes.get(sku)?.kind === 'confirmed').map(({ since }) => since);
}

/** Tells who watches, and what the log is to keep. */
export function landed(flight: Flight, { reply, outcomes, at, finishedAt, floor }: Landing): readonly ChannelEvent[] {
  const detail = failureOf(reply);
  const lags = lagsOf(flight, { outcomes, at });
  const lagMs = lags.reduce((most, one) => Math.max(most, one), 0);
  flight.watch.finished({
    outcomes: countOutcomes(outcomes),
    durationMs: at - flight.sentAt,
    lagMs: lags.length > 0 ? lagMs : undefined,
    again: unsettledOf(outcomes),
    confirmed: confirmedOf(flight, outcomes),
    isShown: !isReadBack(flight),
    error: detail,
  });
  const { acknowledgement, name } = flight.lane;
  return batchEvents({
    ...flight,
    ...{ acknowledgement, lane: name, readBack: isReadBack(flight) },
    ...{ floor, lagMs, outcomes, detail },
    finishedAt: Math.max(flight.startedAt, finishedAt),
  });
}
